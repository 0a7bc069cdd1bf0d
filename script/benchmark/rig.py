"""The cluster that is measured: builds, a sandbox with a real API server, and a change of its key."""
import json
import os
import shlex
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


# What names a program that is built already.
BUILT = {"kubectl-kms-vault": "KMS_VAULT_PLUGIN_BINARY", "kms-vault-sandbox": "KMS_VAULT_SANDBOX_BINARY"}


def build(options):
    if not options.debug:
        release = ["-c", "release", "--scratch-path", str(ROOT / ".build-release")]
        swift_build(ROOT, "kubectl-kms-vault", *release)
        subprocess.run([str(ROOT / "script/build-sandbox")], check=True, stdout=2)
        return
    swift_build(ROOT, "kubectl-kms-vault")
    swift_build(ROOT / "Sandbox", "kms-vault-sandbox")


def swift_build(package, product, *options):
    subprocess.run(
        ["swift", "build", "--package-path", str(package), "--product", product, *options], check=True, stdout=2)


def binary(package, product, options):
    built = os.environ.get(BUILT[product])
    if built:
        return built
    folder = ".build/debug" if options.debug else ".build-release/release"
    return str(package / folder / product)


def backend(options):
    if options.embedded:
        return ["--backend", "embedded"]
    server = subprocess.run([str(ROOT / "script/build-kube-apiserver")], check=True, text=True, stdout=subprocess.PIPE)
    return ["--backend", "real", "--kube-apiserver", server.stdout.strip()]


def machine():
    model = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown CPU")
    return f"{os.cpu_count()} x {model}, Linux {os.uname().release}, load {os.getloadavg()[0]:.1f}"


class Rig:
    """A sandbox; with one replica of the API server one connection meets all of it."""

    def __init__(self, folder, options, latency, replicas=1, name=None, scale=None, more=()):
        self.options, self.latency, self.replicas, self.more = options, latency, replicas, more
        # Sockets of the KMS plugin live in it, and their paths may not be long.
        self.folder = folder / (name or f"rtt{latency}")
        self.has_own_world = name is not None
        # The embedded cluster's continue tokens expire on the same scale.
        self.scale = scale or ("0.05" if options.embedded else "0.001")
        self.plugin = binary(ROOT, "kubectl-kms-vault", options)
        self.secrets = [
            (f"team-{number % options.namespaces}", f"secret-{number}") for number in range(options.secrets)]

    def __enter__(self):
        self.folder.mkdir()
        world = []
        if not self.has_own_world:
            # Both vaults are open, so that a change of the key is one update, with KMS on all the while.
            (self.folder / "world.json").write_text(json.dumps({"vaults": [{"name": "kv-one"}, {"name": "kv-two"}]}))
            world = ["--world", str(self.folder / "world.json")]
        options = self.options
        self.log = open(self.folder / "log", "w")
        self.process = subprocess.Popen(
            [binary(ROOT / "Sandbox", "kms-vault-sandbox", options), "serve", "--directory", str(self.folder / "s"),
             *backend(options), "--replicas", str(self.replicas),
             "--time-scale", self.scale,
             "--no-throttling", "--token-seconds", "86400", "--latency", str(self.latency), *world,
             "--seed", str(options.secrets), "--namespaces", str(options.namespaces),
             "--secret-bytes", str(options.bytes), *self.more],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def _wait_until_ready(self):
        ready = self.folder / "s/ready"
        while not ready.exists():
            if self.process.poll() is not None:
                raise SystemExit(f"script/bench: the sandbox has ended:\n{(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.2)
        lines = shlex.split((self.folder / "s/env").read_text(), posix=True)
        self.values = dict(part.split("=", 1) for part in lines if "=" in part)
        self.env = {**os.environ, **self.values, "HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "state")}
        self.tls = ssl.create_default_context(cafile=self.values["REQUESTS_CA_BUNDLE"])
        cache = json.loads((self.folder / "s/azure/msal_token_cache.json").read_text())
        self.azure_token = next(iter(cache["AccessToken"].values()))["secret"]
        self.keys = [self.values["KEY_ID"], self.values["SECOND_KEY_ID"]]
        self.config = json.loads(self.kubectl("config", "view", "--raw", "--minify", "-o", "json"))

    def kubectl(self, *words):
        return subprocess.run(["kubectl", *words], env=self.env, check=True, text=True, stdout=subprocess.PIPE).stdout

    @property
    def server(self):
        return self.config["clusters"][0]["cluster"]["server"]

    @property
    def token(self):
        return self.config["users"][0]["user"]["token"]

    def azure(self, method, path, body=None, token=True):
        request = urllib.request.Request(
            self.values["KMS_VAULT_SANDBOX_URL"] + path, method=method,
            data=None if body is None else json.dumps(body).encode())
        request.add_header("content-type", "application/json")
        if token:
            request.add_header("authorization", f"Bearer {self.azure_token}")
        try:
            with urllib.request.urlopen(request, context=self.tls) as answer:
                text = answer.read()
                return json.loads(text) if text.strip() else None
        except urllib.error.HTTPError as error:
            raise SystemExit(f"script/bench: {method} {path}: {error.code} {error.read()[:500]}") from None

    def flip(self):
        """Gives the cluster the other key and waits until its API server has it: every stored Secret is stale now."""
        v = self.values
        path = (
            f"/subscriptions/{v['SUBSCRIPTION_ID']}/resourceGroups/{v['RESOURCE_GROUP']}/providers"
            f"/Microsoft.ContainerService/managedClusters/{v['CLUSTER_NAME']}?api-version=2026-06-01")
        cluster = self.azure("GET", path)
        profile = cluster["properties"]["securityProfile"]["azureKeyVaultKms"]
        profile["keyId"] = next(key for key in self.keys if key != profile["keyId"])
        self.azure("PUT", path, cluster)
        while True:
            state = self.azure("GET", path)["properties"]["provisioningState"]
            if state == "Succeeded":
                break
            if state == "Failed":
                raise SystemExit(f"script/bench: the key could not be changed: see {self.folder}/log")
            time.sleep(0.3)
        self.key = profile["keyId"]
        if self.stored_under_present_key():
            raise SystemExit("script/bench: a Secret has the new key before anybody wrote it")
        # A server that has just started still fills its caches, with KMS v1 for seconds; all clients are to meet it
        # warm.
        if self.options.embedded:
            self.kubectl("get", "secrets", "-n", "team-0", "-o", "name")
        else:
            self._wait_until_memory_is_filled()
        time.sleep(2)

    def _wait_until_memory_is_filled(self):
        secrets = json.loads(self.kubectl("get", "secrets", "-n", "team-0", "-o", "json"))["items"]
        newest = max(int(secret["metadata"]["resourceVersion"]) for secret in secrets)
        path = f"/api/v1/namespaces/team-0/secrets?resourceVersion={newest}&resourceVersionMatch=NotOlderThan"
        for _ in range(20):
            # Answered when it is filled, refused after three seconds when it is filled and behind.
            asked = subprocess.run(
                ["kubectl", "get", "--raw", path], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if asked.returncode == 0:
                return
        raise SystemExit("script/bench: the API server's memory does not come up to what is stored")

    def stored_under_present_key(self):
        """How many Secrets etcd holds under the newest key."""
        stored = self.azure("GET", "/sandbox/state", token=False)["storedSecrets"]
        return stored["encryptedByKey"].get(self.key, 0)
