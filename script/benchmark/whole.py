"""The documented commands and the switch, each from public to private on a fresh cluster, with somebody writing Secrets."""
import base64
import json
import os
import random
import re
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median

from clients import Process, watched
from rig import ROOT, Rig, machine


@dataclass
class Cost:
    """What a way costs its user; what Azure's own operations take is told apart."""
    name: str = ""
    latency: int = 0
    load: float = 0.0
    wall: float = 0.0
    # Seconds until Azure began its first operation.
    first_change: float = 0.0
    azure: float = 0.0
    peak_kib: int = 0
    cpu: float = 0.0
    received: int = 0
    kube_requests: int = 0
    arm_requests: int = 0
    arm_polls: int = 0
    plaintext: int = 0
    encrypted: int = 0
    conflicts: int = 0
    writer: dict = field(default_factory=dict)

    def take(self, process):
        self.cpu += process.end_any()
        self.peak_kib = max(self.peak_kib, process.peak_kib)


class Step(Process):
    """A command whose exit code is looked at by whoever started it."""

    def end_any(self):
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        self.watch.join()
        return usage.ru_utime + usage.ru_stime


class Writer:
    """Updates random Secrets ten times a second. One retry on a lost connection is nothing; anything else is a failure."""

    def __init__(self, rig):
        self.rig, self.stop = rig, threading.Event()
        self.last, self.failures, self.writes = {}, [], 0
        authority = base64.b64decode(rig.config["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
        self.tls = ssl.create_default_context(cadata=authority)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def _send(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.rig.server}{path}", None if body is None else json.dumps(body).encode(), method=method)
        request.add_header("content-type", "application/merge-patch+json")
        request.add_header("authorization", f"Bearer {self.rig.token}")
        for attempt in (1, 2):
            try:
                with urllib.request.urlopen(request, context=self.tls, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError:
                raise
            except OSError:
                if attempt == 2:
                    raise

    def _run(self):
        while not self.stop.wait(0.1):
            space, name = random.choice(self.rig.secrets)
            value = base64.b64encode(f"written-{self.writes}".encode()).decode()
            path = f"/api/v1/namespaces/{space}/secrets/{name}"
            try:
                self._send("PATCH", path, {"data": {"value": value}})
                self.last[path], self.writes = value, self.writes + 1
            except (urllib.error.HTTPError, OSError) as error:
                self.failures.append(f"{path}: {error}")

    def summary(self):
        lost = [path for path, value in self.last.items() if self._send("GET", path)["data"]["value"] != value]
        return {"writes": self.writes, "failed": len(self.failures), "lost": len(lost), "first": self.failures[:1]}


def moment(text):
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", text).replace("Z", "+00:00"))


def azure_seconds(state):
    return sum((moment(o["endTime"]) - moment(o["startTime"])).total_seconds() for o in state["operations"])


def by_kind(requests):
    """How often each was asked, the most frequent first, by the last words of its path."""
    def kind(request):
        words = [word for word in request["path"].split("?")[0].split("/") if not re.fullmatch(r"[0-9a-f-]{32,36}", word)]
        return f"{request['method']} {'/'.join(words[-2:])}"
    return ", ".join(f"{number} {what}" for what, number in Counter(map(kind, requests)).most_common())


def logged_requests(path, is_ours):
    """Lines of requests in a log at -v 6, by kubectl's form and by ours."""
    form = r"^(GET|PUT|POST|PATCH|DELETE) https://127\.0\.0\.1" if is_ours else r"\] (\"Response\" )?(verb=\")?(GET|PUT|POST|PATCH)"
    text = Path(path).read_text(errors="replace")
    return len(re.findall(form, text, re.M))


def runbook(rig, cost, az):
    """The five commands in the newer order, the resource id included."""
    v = rig.values
    here = ["--name", v["CLUSTER_NAME"], "--resource-group", v["RESOURCE_GROUP"]]

    def azure(*words):
        step = Step([str(az.parent / "python3"), "-m", "azure.cli", *words, "--output", "none"], env=rig.env,
                    stdin=subprocess.DEVNULL)
        cost.take(step)
        if step.child.returncode:
            raise SystemExit(f"script/bench: az {' '.join(words[:2])} ended with {step.child.returncode}")

    azure("aks", "update", *here, "--disable-azure-keyvault-kms")
    log = rig.folder / "kubectl.log"
    with open(log, "w") as errors, watched(rig) as received:
        get = Step(["kubectl", "get", "secrets", "-A", "-o", "json", "-v", "6"], env=rig.env, stdout=subprocess.PIPE,
                   stderr=errors)
        replace = Step(["kubectl", "replace", "-f", "-", "-v", "6"], env=rig.env, stdin=get.child.stdout,
                       stdout=subprocess.DEVNULL, stderr=errors)
        get.child.stdout.close()
        cost.take(get)
        cost.take(replace)
    if get.child.returncode:
        raise SystemExit(f"script/bench: kubectl get ended with {get.child.returncode}: {log.read_text()[-2000:]}")
    cost.received += received.total
    cost.kube_requests = logged_requests(log, is_ours=False)
    # kubectl goes on after a conflict, and the documentation says that it is safe to ignore.
    cost.conflicts = log.read_text(errors="replace").count("Error from server (Conflict)")
    azure("aks", "update", *here, "--enable-azure-keyvault-kms", "--azure-keyvault-kms-key-id", v["KEY_ID"],
          "--azure-keyvault-kms-key-vault-network-access", "Private",
          "--azure-keyvault-kms-key-vault-resource-id", v["KEY_VAULT_RESOURCE_ID"])
    azure("keyvault", "update", "--name", v["KEY_VAULT"], "--resource-group", v["RESOURCE_GROUP"],
          "--public-network-access", "Disabled")


def switch(rig, cost, az, program=None):
    v = rig.values
    log = rig.folder / "switch.log"
    with open(log, "w") as errors, watched(rig) as received:
        step = Step(
            [program or rig.plugin, "switch", "--private", "--yes", "-g", v["RESOURCE_GROUP"], "--name",
             v["CLUSTER_NAME"], "-o", "json", "-v", "6", "--operation-timeout", "10h"],
            env=rig.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        answer = step.child.stdout.read()
        cost.take(step)
    if step.child.returncode:
        raise SystemExit(f"script/bench: the switch ended with {step.child.returncode}: {answer.decode()[-2000:]}")
    cost.received += received.total
    cost.kube_requests = logged_requests(log, is_ours=True)


def ways(options):
    """By name. The other build comes right before this one, so that both meet the same machine."""
    before = {"switch, before": lambda rig, cost, az: switch(rig, cost, az, options.before)} if options.before else {}
    commands = {"documented commands": runbook} if "kubectl" in options.clients else {}
    return {**commands, **before, "switch": switch}


def measure(options, folder):
    az = None
    if "kubectl" in options.clients:
        installed = subprocess.run([str(ROOT / "script/install-az")], check=True, text=True, stdout=subprocess.PIPE)
        az = Path(installed.stdout.strip())
    turns = [(run, name, way) for run in range(options.runs) for name, way in ways(options).items()]
    costs = []
    for number, (run, name, way) in enumerate(turns):
        with Rig(folder, options, options.latency[0], replicas=2, name=f"w{number}", scale="0.01") as rig:
            rig.env["HOME"] = str(rig.folder)
            cost = Cost(name, options.latency[0], os.getloadavg()[0])
            costs.append(cost)
            rig.azure("DELETE", "/sandbox/requests", token=False)
            with Writer(rig) as writer:
                start, begun = time.monotonic(), time.time()
                way(rig, cost, az)
                cost.wall = time.monotonic() - start
            state = rig.azure("GET", "/sandbox/state", token=False)
            cost.azure = azure_seconds(state)
            cost.first_change = min(moment(o["startTime"]) for o in state["operations"]).timestamp() - begun
            cost.plaintext = state["storedSecrets"]["plaintext"]
            cost.encrypted = state["storedSecrets"]["encrypted"]
            asked = rig.azure("GET", "/sandbox/requests", token=False)["requests"]
            asked = [r for r in asked if not r["path"].startswith("/sandbox")]
            cost.arm_requests = len(asked)
            # While an operation runs it is polled, so these grow with Azure's own time.
            cost.arm_polls = sum(1 for r in asked if "/locations/" in r["path"] and "/operations/" in r["path"])
            print(f"{name}, to Azure: {by_kind(asked)}", flush=True)
            cost.writer = writer.summary()
            print(f"{name}: {cost}", flush=True)
    return costs


def table(costs):
    """A row for each way, of the medians of its runs."""
    lines = [
        "| way | runs | time less Azure's own | least to most | until Azure's first operation | client CPU"
        " | requests to the API server | to Azure (polls of operations) | received from the API server | peak memory"
        " | conflicts | writer: failed, lost | stored afterwards |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for name in dict.fromkeys(cost.name for cost in costs):
        mine = [cost for cost in costs if cost.name == name]

        def middle(value):
            return median(value(cost) for cost in mine)

        own = [cost.wall - cost.azure for cost in mine]
        writes = [cost.writer for cost in mine]
        lines.append(
            f"| {name} | {len(mine)} | {median(own):.1f} s of {middle(lambda c: c.wall):.1f} s"
            f" | {min(own):.1f} to {max(own):.1f} s | {middle(lambda c: c.first_change):.1f} s"
            f" | {middle(lambda c: c.cpu):.1f} s"
            f" | {middle(lambda c: c.kube_requests):,.0f}"
            f" | {middle(lambda c: c.arm_requests):.0f} ({middle(lambda c: c.arm_polls):.0f})"
            f" | {middle(lambda c: c.received) / 1e6:.1f} MB | {max(c.peak_kib for c in mine) / 1024:.0f} MiB"
            f" | {max(c.conflicts for c in mine)}"
            f" | {sum(w['failed'] for w in writes)} and {sum(w['lost'] for w in writes)} of {sum(w['writes'] for w in writes)}"
            f" | {min(c.encrypted for c in mine):,} encrypted, {max(c.plaintext for c in mine):,} plaintext |")
    loads = [cost.load for cost in costs]
    return "\n".join(lines + ["", f"load before a run: {min(loads):.1f} to {max(loads):.1f}; {machine()}"])
