"""What a switch costs until its first update of the cluster, again and again on one cluster.

A policy refuses that update, so that nothing is changed and the next run finds what this one found. Azure's own time is
in none of it, and the whole switch is not waited for: on a busy machine this tells more than --whole.
"""
import os
import re
import shutil
import subprocess
import time
from statistics import median

from rig import Rig, machine

REQUEST = re.compile(r"(GET|PUT|POST|PATCH|DELETE) https://([^/ ]+)/\S* .* (\d+) B in")


def one(rig, program):
    """Seconds, requests to the API server and to Azure, and bytes received, until the update is answered."""
    v = rig.values
    shutil.rmtree(rig.folder / "state", ignore_errors=True)
    rig.kubectl("-n", "kube-system", "delete", "configmap", "kms-vault-switch", "--ignore-not-found")
    load, start, seconds = os.getloadavg()[0], time.monotonic(), None
    kube = azure = received = 0
    with subprocess.Popen(
            [program, "switch", "--private", "--yes", "-g", v["RESOURCE_GROUP"], "--name", v["CLUSTER_NAME"], "-v", "6"],
            env=rig.env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        for line in child.stderr:
            request = REQUEST.search(line)
            if not request or seconds:
                continue
            received += int(request[3])
            if request[2].startswith("127.0.0.1"):
                kube += 1
                continue
            azure += 1
            if request[1] == "PUT":
                seconds = time.monotonic() - start
    if seconds is None:
        raise SystemExit(f"script/bench: the switch ended with {child.returncode} before any update")
    return {"seconds": seconds, "kube": kube, "azure": azure, "bytes": received, "load": load}


def measure(options, folder):
    """By way, by turns; the first turn, in which caches fill, does not count."""
    rows = []
    for latency in options.latency:
        with Rig(folder, options, latency, replicas=2, name=f"f{latency}", scale="0.01") as rig:
            rig.azure("POST", "/sandbox/faults", {"name": "cluster-policy-denies", "times": 1000}, token=False)
            programs = {"switch, before": options.before, "switch": rig.plugin}
            for run in range(options.runs + 1):
                for name, program in programs.items():
                    if not program:
                        continue
                    row = {"way": name, "latency": latency, "run": run, **one(rig, program)}
                    print(row, flush=True)
                    rows += [row] if run else []
    return rows


def table(rows):
    lines = [
        "| round trip | way | runs | until the first update | least to most | requests to the API server | to Azure"
        " | received |",
        "|---|---|---|---|---|---|---|---|"]
    for latency, way in dict.fromkeys((row["latency"], row["way"]) for row in rows):
        mine = [row for row in rows if (row["latency"], row["way"]) == (latency, way)]
        seconds = [row["seconds"] for row in mine]
        kube, azure, received = (median(row[name] for row in mine) for name in ("kube", "azure", "bytes"))
        lines.append(
            f"| {latency} ms | {way} | {len(mine)} | {median(seconds):.1f} s | {min(seconds):.1f} to {max(seconds):.1f} s"
            f" | {kube:,.0f} | {azure:.0f} | {received / 1e6:.1f} MB |")
    loads = [row["load"] for row in rows]
    return "\n".join(lines + ["", f"load before a run: {min(loads):.1f} to {max(loads):.1f}; {machine()}"])
