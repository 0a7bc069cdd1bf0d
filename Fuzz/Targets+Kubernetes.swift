import Files
import HTTP
import JSON
import Preflight
import SecretRewrite

@testable import Connections
@testable import KubeAPI
@testable import Kubeconfig
@testable import PreflightReading
@testable import Run

extension Target {
    static let kubernetes = [
        Target("kubeconfig") { input in
            let parts = parts(input)
            let files = MemoryFiles(["/a": parts[part: 0], "/b": parts[part: 1]])
            let environment = KubeEnvironment(
                variables: ["KUBECONFIG": "/a:/b"], homeDirectory: "/home", workingDirectory: "/somewhere", files: files
            )
            do {
                let access = try ClusterAccess.load(KubeconfigOverrides(), environment)
                _ = (access.description, access.impersonationHeaders, CredentialExpiry.fact(of: access))
                if case .exec(let plugin) = access.credential {
                    _ = ExecCredential.request(plugin, isInteractive: true)
                }
            } catch {
                _ = "\(error)"
            }
        },
        Target("exec-reply") { input in
            var plugin = ExecPlugin()
            plugin.command = "plugin"
            plugin.apiVersion = "client.authentication.k8s.io/v1"
            _ = ExecCredential.parse(input, for: plugin)
        },
        Target("table") { _ = try? TableAnswer(parsing: $0) },
        Target("status") { input in
            let status = KubeStatus(Answers(input).first)
            _ = status.description
            let error = KubeError(KubeRequest(.get, ["version"]), .status(status))
            _ = (error.description, error.isUnknown, error.isSilence, error.isConflict)
            for name in [nil, "a"] { _ = "\(StoreFailure(status, secret: name))" }
        },
        Target("probe-view") { input in
            guard let object = try? JSONValue(parsing: input) else { return }
            _ = ProbeView(object)
        },
        Target("metrics") { input in
            let metrics = ServerMetrics(parsing: input)
            _ = (metrics.processStart, metrics.idHash, metrics.liveKeys, metrics.keyStatusTimes)
            for type in ["to_storage", "from_storage"] {
                // Shown as whole numbers.
                _ = metrics.transformationCounts(type).map { Int64($0.value) }
            }
        },
        Target(
            "lock",
            awaiting: { input in
                let asked = Counter()
                let here = ProcessIdentity(host: "h", processID: 1, start: 7, namespace: "n", boot: "b") { _ in .gone }
                let waiting = RunLock.Waiting(
                    sleep: { _ in }, interrupted: { asked.next() > 3 ? "enough" : nil }, tell: { _ in })
                let lock = RunLock(
                    client: kubeClient(Answers(input)), runID: "run", process: here, waiting: waiting, time: .system())
                try? await lock.acquire()
                try? await lock.confirm()
                await lock.release()
            }),
        Target(
            "kube-answers",
            awaiting: { input in
                let client = kubeClient(Answers(input))
                _ = try? await client.version()
                _ = try? await client.readiness()
                _ = try? await client.clusterUID()
                _ = try? await client.replicaIDHashes()
                _ = try? await client.secretCount()
                _ = try? await client.review(AccessRequest(verb: "get", resource: "secrets"))
                let store = KubeSecretStore(client)
                _ = try? await store.namespaces(.init())
                _ = try? await store.secrets(in: "default", .init())
                _ = try? await store.touch("a", in: "default", dryRun: true)
                let probes = ProbeSecrets(client)
                _ = try? await probes.view("a")
                _ = try? await probes.create("a")
                let migrations = StorageMigrations(client)
                _ = try? await migrations.areServed()
                _ = try? await migrations.all()
                _ = try? await migrations.create(.secrets, runID: "run")
            }),
    ]
}
