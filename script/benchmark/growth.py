"""What grows with a cluster: memory, time and what a run keeps, by numbers of Secrets, namespaces and failures.

On the sandbox's embedded cluster: memory and sizes can be measured there, speed only against itself.
"""
import base64
import copy
import http.client
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import picture
from clients import watched
from rig import Rig
from whole import Step

MIB = 1 << 20
CONFIGMAP = "kms-vault-switch"
SWITCH = ("switch", "--private", "--soak", "60")
@dataclass(frozen=True)
class Shape:
    key: str
    words: str
    secrets: int
    namespaces: int = 20
    bytes: int = 1024
    # rewrite: one pass over stale Secrets; verify: one over Secrets that no key decrypts; switch: the whole job;
    # denied: the same with every Secret refused by a webhook, and that accepted; cut: interrupted in its first pass.
    job: str = "rewrite"
    longest: bool = False
    """Whether names are as long as Kubernetes allows: 63 characters of a namespace, 253 of a Secret."""

    @property
    def failing(self):
        return self.secrets if self.job in ("verify", "denied") else 0


SHAPES = [
    Shape("1k", "1,000 Secrets", 1000),
    Shape("10k", "10,000 Secrets", 10_000),
    Shape("100k", "100,000 Secrets", 100_000),
    Shape("namespaces", "two in each of 5,000 namespaces", 10_000, 5000),
    Shape("one", "one namespace of 200,000", 200_000, 1),
    Shape("large", "400 of 900 kB", 400, 20, 900_000),
    Shape("switch", "a switch over 5,000 namespaces", 10_000, 5000, job="switch"),
    Shape("cut", "the same, interrupted in a pass", 10_000, 5000, job="cut", longest=True),
    Shape("denied", "a switch, all denied, the longest names", 10_000, 5000, job="denied", longest=True),
    Shape("undecryptable", "`verify --patch`, no key decrypts any", 10_000, job="verify"),
]
LARGEST = Shape("1m", "1,000,000 Secrets", 1_000_000)
SMOKE = [
    Shape("1k", "1,000 Secrets", 1000),
    Shape("cut", "a switch, interrupted in a pass", 600, 300, job="cut", longest=True),
    Shape("denied", "a switch, all denied, the longest names", 600, 300, job="denied", longest=True),
    Shape("undecryptable", "`verify --patch`, no key decrypts any", 250, job="verify"),
]
# The series that the picture draws a line through.
SERIES = ["1k", "10k", "100k", "1m"]


def many(origin, tls, headers, requests, threads=4):
    """Sends (method, path, body) over connections that stay; each must be answered with success."""
    pending, failed = iter(requests), []
    lock = threading.Lock()

    def work():
        connection = http.client.HTTPSConnection(urlsplit(origin).netloc, context=tls)
        while not failed:
            with lock:
                request = next(pending, None)
            if request is None:
                break
            method, path, body = request
            connection.request(method, path, json.dumps(body), {"content-type": "application/json", **headers})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status >= 300:
                failed.append(f"{method} {path}: {answer.status} {text[:300]}")
        connection.close()

    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if failed:
        sys.exit(f"script/bench: {failed[0]}")


def longest_space(number):
    return f"{'n' * 57}-{number:05}"


def deny_all(rig, shape):
    """A webhook refuses every update in the namespaces of the Secrets, in a dry run as well."""
    rig.azure("POST", "/sandbox/cluster/webhooks", [{
        "name": "guardian.example.com", "namespaces": [longest_space(number) for number in range(shape.namespaces)],
        "verdict": {"deny": {"message": "Secrets are frozen", "code": 403}}}], token=False)


def create_longest(rig, shape):
    """Secrets with the longest names that there are, in as many namespaces."""
    authority = base64.b64decode(rig.config["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
    tls = ssl.create_default_context(cadata=authority)
    headers = {"authorization": f"Bearer {rig.token}"}
    spaces = [longest_space(number) for number in range(shape.namespaces)]
    many(rig.server, tls, headers, (
        ("POST", "/api/v1/namespaces", {"metadata": {"name": space}}) for space in spaces))
    value = base64.b64encode(b"x" * shape.bytes).decode()
    many(rig.server, tls, headers, (
        ("POST", f"/api/v1/namespaces/{spaces[number % len(spaces)]}/secrets",
         {"metadata": {"name": f"{'s' * 247}-{number:05}"}, "data": {"value": value}})
        for number in range(shape.secrets)))


class Outcome:
    """One command of ours, measured, with what it leaves."""

    def __init__(self, rig, shape, *words, interrupt=False):
        v = rig.values
        log = rig.folder / "command.log"
        start = time.monotonic()
        with watched(rig) as received, open(log, "w") as errors:
            step = Step(
                [rig.plugin, *words, "--yes", "-g", v["RESOURCE_GROUP"], "--name", v["CLUSTER_NAME"], "-o", "json"],
                env=rig.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
            if interrupt:
                interrupt_in_pass(rig, shape, step)
            answer = step.child.stdout.read()
            self.cpu = step.end_any()
        self.wall, self.peak, self.received = time.monotonic() - start, step.peak_kib / 1024, received.total
        self.code, self.log = step.child.returncode, log.read_text()
        try:
            self.document = json.loads(answer)
        except ValueError:
            sys.exit(f"script/bench: {words[0]} ended with {self.code}: {answer[-1000:]}\n{self.log[-2000:]}")
        reports = sorted((rig.folder / "state").rglob("runs/*.json"))
        records = [path for path in (rig.folder / "state").rglob("*.json") if path.parent.name != "runs"]
        self.record = records[0].stat().st_size if records else None
        self.report = json.loads(reports[-1].read_text()) if reports else None
        self.report_bytes = reports[-1].stat().st_size if reports else None
        self.html, self.table, self.map = None, None, None
        if reports:
            self.html, self.table = (self._shown(rig, form) for form in ("html", "table"))
        if records:
            data = json.loads(rig.kubectl("get", "configmap", CONFIGMAP, "-n", "kube-system", "-o", "json"))["data"]
            self.map = sum(len(key) + len(text.encode()) for key, text in data.items())

    @staticmethod
    def _shown(rig, form):
        v = rig.values
        return subprocess.run(
            [rig.plugin, "report", "-g", v["RESOURCE_GROUP"], "--name", v["CLUSTER_NAME"], "-o", form],
            env=rig.env, check=True, stdout=subprocess.PIPE).stdout.decode()


def interrupt_in_pass(rig, shape, step):
    """Sends SIGINT once a third of the Secrets are stored as plaintext."""
    while step.child.poll() is None:
        stored = rig.azure("GET", "/sandbox/state", token=False)["storedSecrets"]["plaintext"]
        if stored > shape.secrets // 3:
            step.child.send_signal(2)
            return
        time.sleep(0.02)


def run(rig, shape):
    """The shape's command, after what makes every Secret stale or bad; the codes are those of docs/commands.md."""
    if shape.job == "rewrite":
        rig.flip()
        outcome = Outcome(rig, shape, "rewrite-secrets")
        left = shape.secrets - rig.stored_under_present_key()
        return outcome, 0 if not left else sys.exit(f"script/bench: {left} Secrets are left stale")
    if shape.job == "verify":
        many(rig.values["KMS_VAULT_SANDBOX_URL"], rig.tls, {}, (
            ("POST", "/sandbox/cluster/corrupt-secret", {"namespace": space, "name": name})
            for space, name in rig.secrets))
        return Outcome(rig, shape, "verify", "--patch"), 1
    if shape.longest:
        create_longest(rig, shape)
    if shape.job == "cut":
        return Outcome(rig, shape, *SWITCH, "--on-failure", "stop", interrupt=True), 6
    if shape.job == "denied":
        deny_all(rig, shape)
        return Outcome(rig, shape, *SWITCH, "--accept-failures", "denied"), 5
    return Outcome(rig, shape, *SWITCH), 0


def measure_one(shape, options, folder):
    options = copy.copy(options)
    options.secrets, options.namespaces, options.bytes = shape.secrets, shape.namespaces, shape.bytes
    options.embedded = True
    if shape.longest:
        options.secrets = 0
    # A switch is of a cluster as it is at first; a rewrite needs a second key.
    name = None if shape.job == "rewrite" else shape.key
    scale = None if shape.job == "rewrite" else "0.01"
    place = folder / shape.key
    place.mkdir()
    with Rig(place, options, 0, name=name, scale=scale) as rig:
        outcome, wanted = run(rig, shape)
        if outcome.code != wanted:
            sys.exit(f"script/bench: {shape.words}: exit code {outcome.code}, not {wanted}\n{outcome.log[-3000:]}"
                     f"\n{json.dumps(outcome.document, indent=1)[-3000:]}")
    said = outcome.report or outcome.document
    told = outcome.document.get("pass", outcome.document)
    seconds = outcome.wall if shape.job in ("switch", "cut", "denied") else told["seconds"]
    row = {
        "shape": shape.key, "words": shape.words, "secrets": shape.secrets, "namespaces": shape.namespaces,
        "job": shape.job, "seconds": seconds, "cpu": outcome.cpu, "load": os.getloadavg()[0], "peak": outcome.peak, "received": outcome.received,
        "record": outcome.record, "map": outcome.map, "report": outcome.report_bytes,
        "html": len(outcome.html.encode()) if outcome.html else None, "named": len(said.get("failures", [])),
        "omitted": said.get("failuresOmitted", 0), "lines": outcome.log.count("not rewritten: ")}
    check(shape, row, outcome, options.debug)
    print("  ".join(cells(row)), flush=True)
    return row


def check(shape, row, outcome, is_debug):
    """What must hold whatever the numbers are; a debug build takes more memory.

    Wanted is a pass below 40 MiB. What the C library's allocator keeps of freed memory comes to 3 MiB more on top of it
    after some 100,000 Secrets, and then to no more.
    """
    wrong = []

    def demand(holds, what):
        if not holds:
            wrong.append(what)

    most = 48 if shape.job in ("switch", "cut", "denied") else 44 if shape.secrets > 100_000 else 41 if shape.secrets > 1000 else 40
    demand(row["peak"] < most or is_debug, f"peak memory {row['peak']:.1f} MiB")
    demand((row["map"] or 0) < 32 << 10, f"the ConfigMap has {row['map']} bytes")
    demand((row["report"] or 0) < MIB and (row["html"] or 0) < MIB, "a report of more than 1 MiB")
    demand((row["record"] or 0) < 4 * MIB, f"a record of {row['record']} bytes")
    demand(row["named"] + row["omitted"] == shape.failing, f"{row['named']} names and {row['omitted']} left out")
    demand(row["named"] <= 200, f"{row['named']} names")
    # Twenty and the line that counts the others, in each pass.
    demand(row["lines"] <= 21 * max(1, len((outcome.report or {}).get("passes", []))), f"{row['lines']} lines of progress")
    if row["omitted"]:
        more = f"and {row['omitted']} more"
        for form, text in (("table", outcome.table), ("page", outcome.html)):
            demand(more in text, f"the {form} does not say '{more}'")
    if wrong:
        sys.exit(f"script/bench: {shape.words}: {'; '.join(wrong)}")


def measure(options, folder):
    shapes = SMOKE if options.smoke else SHAPES + ([LARGEST] if options.largest else [])
    if options.shapes:
        chosen = options.shapes.split(",")
        shapes = [shape for shape in [*shapes, LARGEST] if shape.key in chosen]
    rows = {}
    if options.json and Path(options.json).exists():
        rows = {row["shape"]: row for row in json.loads(Path(options.json).read_text())}
    for shape in shapes:
        rows[shape.key] = measure_one(shape, options, folder)
        if options.json:
            Path(options.json).write_text(json.dumps(list(rows.values()), indent=1) + "\n")
    order = [shape.key for shape in SHAPES[:3] + [LARGEST] + SHAPES[3:]]
    rows = sorted(rows.values(), key=lambda row: order.index(row["shape"]))
    if not options.smoke:
        drawn = [row for row in rows if row["shape"] in SERIES]
        others = [row for row in rows if row["job"] == "rewrite" and row not in drawn]
        options.picture.write_text(picture.draw(drawn, others))
    return rows


def size(count):
    if count is None:
        return "-"
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def cells(row):
    rate = f"{row['secrets'] / row['seconds']:,.0f}/s" if row["job"] == "rewrite" else "-"
    return [
        row["words"], f"{row['secrets']:,}", f"{row['namespaces']:,}", f"{row['seconds']:.1f} s", rate,
        f"{row['cpu']:.1f} s" if "cpu" in row else "-", f"{row['load']:.0f}" if "load" in row else "-",
        f"{row['peak']:.1f} MiB", size(row["received"]), size(row["record"]), size(row["map"]), size(row["report"]),
        size(row["html"]), f"{row['omitted']:,} of {row['named'] + row['omitted']:,}" if row["named"] else "-"]


def table(rows):
    lines = [
        "| what | Secrets | namespaces | time | rate | client CPU | load | peak memory | received | record | ConfigMap | report | as a page"
        " | names left out |", "|---" * 14 + "|"]
    return "\n".join(lines + [f"| {' | '.join(cells(row))} |" for row in rows])
