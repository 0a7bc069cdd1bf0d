"""The clients that are compared, and what one pass of each costs."""
import base64
import json
import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass

from rig import ROOT

# What KubeConnection opens, and what all of them carry while the server is near.
CONNECTIONS = 4
STREAMS = 64
# What ours has under way at most while about a thousand Secrets a second are written 100 ms away, as a round number.
FAR_STREAMS = 256
# More than any server allows: h2load keeps to the limit that the server names in its SETTINGS.
MOST_STREAMS = 10_000
MEDIA_TYPE = "application/strategic-merge-patch+json"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"

HEADERS = {
    "content-type": MEDIA_TYPE, "accept": TABLE,
    # What looks like curl or a browser gets answers three times as large.
    "user-agent": "kubectl-kms_vault/bench"}


@dataclass
class Result:
    seconds: float
    """The pass: without what a client does before its first request for Secrets, where it tells that apart."""
    wall: float
    """From the start of the first process to the end of the last."""
    peak_kib: int
    """The largest resident set of any of its processes."""
    cpu: float
    received: int
    requests: int | None


class Process:
    """A child whose peak memory is read while it lives.

    rusage's maxrss will not do: it is inherited through fork and exec, so that it shows this interpreter's.
    """

    def __init__(self, command, **rest):
        self.command, self.peak_kib = command, 0
        self.child = subprocess.Popen(command, **rest)
        self.watch = threading.Thread(target=self._watch, daemon=True)
        self.watch.start()

    def _watch(self):
        while True:
            try:
                with open(f"/proc/{self.child.pid}/status") as status:
                    peak = [line.split()[1] for line in status if line.startswith("VmHWM:")]
            except OSError:
                return
            if not peak:
                return
            self.peak_kib = max(self.peak_kib, int(peak[0]))
            time.sleep(0.02)

    def end(self):
        """Waits; gives the seconds of CPU that it used."""
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        self.watch.join()
        if self.child.returncode:
            raise SystemExit(f"script/bench: {self.command[:2]} ended with {self.child.returncode}")
        return usage.ru_utime + usage.ru_stime


class Received:
    """Bytes that the API server's side sent while a block ran: all that the clients' connections got.

    The kernel counts what a TCP socket has received only as long as the socket lives, so the sum is taken of the
    client's sockets while they are there.
    """

    def __init__(self, port):
        self.port, self.sockets, self.ended = port, {}, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    @property
    def total(self):
        return sum(self.sockets.values())

    def _watch(self):
        while not self.ended.wait(0.1):
            lines = subprocess.run(
                ["ss", "--no-header", "--oneline", "-tin", "dst", f"127.0.0.1:{self.port}"], text=True,
                stdout=subprocess.PIPE).stdout.splitlines()
            for line in lines:
                words = line.split()
                count = re.search(r"bytes_received:(\d+)", line)
                if len(words) > 4 and count:
                    self.sockets[words[3]] = max(self.sockets.get(words[3], 0), int(count[1]))


def watched(rig):
    return Received(rig.server.rsplit(":", 1)[1])


def ours(rig):
    return rewrite(rig, rig.plugin)


def before(rig):
    return rewrite(rig, rig.options.before)


def rewrite(rig, program):
    v = rig.values
    start = time.monotonic()
    with watched(rig) as received:
        process = Process(
            [program, "rewrite-secrets", "--yes", "-g", v["RESOURCE_GROUP"], "--name", v["CLUSTER_NAME"], "-o", "json"],
            env=rig.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        answer = process.child.stdout.read()
        cpu = process.end()
    wall = time.monotonic() - start
    report = json.loads(answer)
    report = report.get("result", report)
    return Result(report["seconds"], wall, process.peak_kib, cpu, received.total, report["total"])


def kubectl(rig):
    start = time.monotonic()
    with watched(rig) as received:
        get = Process(["kubectl", "get", "secrets", "-A", "-o", "json"], env=rig.env, stdout=subprocess.PIPE)
        replace = Process(
            ["kubectl", "replace", "-f", "-"], env=rig.env, stdin=get.child.stdout, stdout=subprocess.DEVNULL)
        get.child.stdout.close()
        cpu = get.end() + replace.end()
    wall = time.monotonic() - start
    # One PUT a Secret: the list has given each its resourceVersion, so that kubectl need not ask for it.
    return Result(wall, wall, max(get.peak_kib, replace.peak_kib), cpu, received.total, len(rig.secrets))


def h2load(rig):
    return send_patches(rig, 1, STREAMS)


def our_streams(rig):
    return FAR_STREAMS if rig.latency >= 50 else STREAMS


def h2load_ours(rig):
    return send_patches(rig, CONNECTIONS, our_streams(rig) // CONNECTIONS)


def h2load_most(rig):
    return send_patches(rig, 1, MOST_STREAMS)


def address(rig, secret):
    namespace, name = secret
    query = "includeObject=None&fieldManager=kubectl-kms-vault"
    return f"{rig.server}/api/v1/namespaces/{namespace}/secrets/{name}?{query}\n"


def send_patches(rig, connections, streams):
    """One process a connection: each client within h2load begins with the first address of the list."""
    body = rig.folder / "body"
    body.write_text("{}")
    addresses = [address(rig, secret) for secret in rig.secrets]
    headers = {":method": "PATCH", **HEADERS, "authorization": f"Bearer {rig.token}"}
    words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    commands = []
    for number in range(connections):
        mine = addresses[number::connections]
        uris = rig.folder / f"uris{number}"
        uris.write_text("".join(mine))
        commands.append(
            ["h2load", "-c", "1", "-m", str(streams), "-n", str(len(mine)), "-d", str(body), "-i", str(uris), *words])
    start = time.monotonic()
    with watched(rig) as received:
        processes = [Process(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for command in commands]
        texts = [process.child.stdout.read().decode() for process in processes]
        cpu = sum(process.end() for process in processes)
    wall = time.monotonic() - start
    if sum(good_answers(text) for text in texts) != len(rig.secrets):
        raise SystemExit("\n".join([f"script/bench: h2load did not get {len(rig.secrets)} good answers:", *texts]))
    seconds = max(finished_after(text) for text in texts)
    return Result(
        seconds, wall, max(process.peak_kib for process in processes), cpu, received.total, len(rig.secrets))


def good_answers(text):
    good = re.search(r"status codes: (\d+) 2xx", text)
    return int(good[1]) if good else 0


def finished_after(text):
    finished = re.search(r"finished in ([\d.]+)(ms|s|us)", text)
    return float(finished[1]) / {"s": 1, "ms": 1e3, "us": 1e6}[finished[2]]


def libcurl(rig):
    """Our connections and streams, and the longest pause that ours makes between two looks (CurlGathering)."""
    source = ROOT / "script/benchmark/libcurl_client.c"
    program = rig.folder / "libcurl-client"
    if not program.exists():
        subprocess.run(["cc", "-O2", "-o", str(program), str(source), "-lcurl"], check=True)
    urls = rig.folder / "urls"
    urls.write_text("".join(address(rig, secret) for secret in rig.secrets))
    authorities = rig.folder / "cluster-ca.pem"
    authorities.write_bytes(base64.b64decode(rig.config["clusters"][0]["cluster"]["certificate-authority-data"]))
    pause = min(25_000, max(12_000, rig.latency * 250))
    words = [str(urls), str(CONNECTIONS), str(our_streams(rig)), str(pause), str(authorities)]
    words += [f"{name}: {value}" for name, value in HEADERS.items()]
    start = time.monotonic()
    with watched(rig) as received:
        process = Process([str(program), *words], env={**rig.env, "TOKEN": rig.token}, stdout=subprocess.PIPE)
        answer = process.child.stdout.read()
        cpu = process.end()
    wall = time.monotonic() - start
    answer = json.loads(answer)
    if answer["good"] != len(rig.secrets):
        raise SystemExit(f"script/bench: libcurl got {answer['good']} good answers")
    return Result(answer["seconds"], wall, process.peak_kib, cpu, received.total, len(rig.secrets))


CLIENTS = {
    "ours": ours, "before": before, "kubectl": kubectl, "h2load": h2load, "h2load-ours": h2load_ours,
    "h2load-most": h2load_most, "libcurl": libcurl}
