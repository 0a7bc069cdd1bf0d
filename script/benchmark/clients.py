"""The clients that are compared, and what one pass of each costs."""
import json
import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass

STREAMS = 64
MEDIA_TYPE = "application/strategic-merge-patch+json"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


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
    v = rig.values
    start = time.monotonic()
    with watched(rig) as received:
        process = Process(
            [rig.plugin, "rewrite-secrets", "--yes", "-g", v["RESOURCE_GROUP"], "--name", v["CLUSTER_NAME"], "-o", "json",
             "--concurrency", str(STREAMS)],
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
    # Each Secret is one GET and one PUT; a PUT of what is stored already would be the no-op.
    return Result(wall, wall, max(get.peak_kib, replace.peak_kib), cpu, received.total, len(rig.secrets))


def h2load(rig):
    uris = rig.folder / "uris"
    body = rig.folder / "body"
    body.write_text("{}")
    query = "includeObject=None&fieldManager=kubectl-kms-vault"
    uris.write_text(
        "".join(f"{rig.server}/api/v1/namespaces/{space}/secrets/{name}?{query}\n" for space, name in rig.secrets))
    headers = {
        ":method": "PATCH", "content-type": MEDIA_TYPE, "accept": TABLE, "authorization": f"Bearer {rig.token}",
        # What looks like curl or a browser gets answers three times as large.
        "user-agent": "kubectl-kms_vault/bench"}
    words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    start = time.monotonic()
    with watched(rig) as received:
        process = Process(
            ["h2load", "-c", "1", "-m", str(STREAMS), "-n", str(len(rig.secrets)), "-d", str(body), "-i", str(uris), *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = process.child.stdout.read().decode()
        cpu = process.end()
    wall = time.monotonic() - start
    finished = re.search(r"finished in ([\d.]+)(ms|s|us)", text)
    good = re.search(r"status codes: (\d+) 2xx", text)
    if not finished or not good or int(good[1]) != len(rig.secrets):
        raise SystemExit(f"script/bench: h2load did not get {len(rig.secrets)} good answers:\n{text}")
    seconds = float(finished[1]) / {"s": 1, "ms": 1e3, "us": 1e6}[finished[2]]
    return Result(seconds, wall, process.peak_kib, cpu, received.total, len(rig.secrets))


CLIENTS = {"ours": ours, "kubectl": kubectl, "h2load": h2load}
