"""Our own rewrite and the cluster's engine (--engine svm), side by side.

On the sandbox's embedded cluster, whose controller is a model of kube-controller-manager's: one request at a time, 400
a second once the first 3,000 are sent. It lives in the API server's process and needs no network, which ours does: its
rate is a bound, and neither is that of a real cluster.
"""
import json
import subprocess
import sys
import time
from statistics import median

from rig import Rig

MORE = ("--kubernetes-version", "1.37.0", "--migrations", "running")


def rewrite(rig, *options):
    """One rewrite of all Secrets; gives its report and the seconds of the whole command."""
    started = time.monotonic()
    result = subprocess.run(
        [rig.plugin, "rewrite-secrets", "--yes", "-g", rig.values["RESOURCE_GROUP"], "--name",
         rig.values["CLUSTER_NAME"], "-o", "json", *options],
        env={**rig.env, "KUBECTL_KMS_VAULT_TIME_SCALE": rig.scale}, text=True, stdout=subprocess.PIPE)
    if result.returncode:
        sys.exit(f"script/bench: rewrite-secrets {' '.join(options)} ended with {result.returncode}")
    return json.loads(result.stdout), time.monotonic() - started


def measure(options, folder):
    rows = []
    options.embedded = True
    with Rig(folder, options, 0, more=MORE) as rig:
        for number in range(1, options.runs + 1):
            for engine in ("auto", "svm"):
                rig.flip()
                report, wall = rewrite(rig, "--engine", engine)
                outcome = report.get("engine") or {}
                if engine == "svm" and outcome.get("result") != "succeeded":
                    sys.exit(f"script/bench: the engine came to nothing: {outcome.get('detail')}")
                left = options.secrets - rig.stored_under_present_key()
                if left:
                    sys.exit(f"script/bench: --engine {engine} left {left} Secrets stale; this run proves nothing")
                rows.append({
                    "engine": engine, "run": number, "wall": wall, "verify": report["seconds"] if outcome else None,
                    "seconds": outcome.get("seconds", report["seconds"]), "moved": outcome.get("movedAfter")})
                rows[-1]["rate"] = options.secrets / rows[-1]["seconds"]
                print(
                    f"run {number}  {engine:4} {rows[-1]['rate']:7.0f}/s  {rows[-1]['seconds']:7.2f} s"
                    f"  (whole command {wall:.2f} s)", flush=True)
    return rows


def table(rows):
    lines = ["| engine | runs | Secrets/s | least to most | verifying pass after it |", "|---|---|---|---|---|"]
    rates = {}
    for engine in ("auto", "svm"):
        mine = [row for row in rows if row["engine"] == engine]
        each = [row["rate"] for row in mine]
        rates[engine] = median(each)
        after = f"{median(row['verify'] for row in mine):.2f} s" if engine == "svm" else "-"
        lines.append(f"| {engine} | {len(mine)} | {rates[engine]:,.0f} | {min(each):,.0f} to {max(each):,.0f} | {after} |")
    return "\n".join(lines + ["", f"ours is {rates['auto'] / rates['svm']:.1f} times the engine"])
