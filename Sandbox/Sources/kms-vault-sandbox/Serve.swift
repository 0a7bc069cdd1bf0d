import ArgumentParser
import AzureStandIn
import ClusterModel
import EmbeddedCluster
import Foundation
import NIOSSL

/// Runs the sandbox until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the sandbox until it is told to stop.")

    @Option(help: "Where the env file, certificates, kubeconfig and az profile go.")
    var directory: String

    @Option(help: "What stands behind ARM: \(BackendKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var backend: BackendKind = .standard

    @Option(help: "API server replicas.")
    var replicas = 2

    @Option(help: "All of Azure's own durations are multiplied by this.")
    var timeScale = 1.0

    @Option(help: "Azure's seconds that every update of a cluster takes; by default 100 to 220.")
    var operationSeconds: Double?

    @Option(help: "Azure's seconds until a key's new version is noticed; by default up to six hours.")
    var rotationSeconds: Double?

    @Option(help: "Milliseconds of round trip added in front of the API server, with --backend real.")
    var latency = 0

    @Option(help: "The kube-apiserver program, for --backend real.")
    var kubeApiserver: String?

    @Option(help: "How many clusters there are, each with API servers of its own: demo, demo-2, demo-3, …")
    var clusters = 1

    @Option(help: "How many of them use the first one's vault; the others have one each.")
    var sharedVault = 1

    @Option(help: "Secrets to begin with, in each cluster.")
    var seed = 0

    @Option(help: "Namespaces over which they are spread.")
    var namespaces = 10

    @Option(help: "Bytes of each.")
    var secretBytes = 1024

    @Option(help: "Text that every Secret's value carries.")
    var canary = "canary"

    @Option(help: "The port on the loopback address; 0 takes a free one.")
    var port = 0

    @Option(help: "A JSON file that changes the world of the start.")
    var world: String?

    @Option(help: "The state of KMS at the start: \(KMSStart.allCases.map(\.rawValue).joined(separator: ", ")).")
    var mode: String?

    @Flag(help: "Leave the first Secrets plaintext whatever the state of KMS is, as the old runbook does.")
    var secretsPlaintext = false

    @Option(help: "The newest api-version of managed clusters that Azure offers, such as 2024-09-01.")
    var newestVersion: String?

    @Flag(inversion: .prefixedNo, help: "Give managed clusters and their pools eTags.")
    var etag = true

    @Option(help: "The Kubernetes version that ARM shows.")
    var kubernetesVersion: String?

    @Option(
        help: """
            Storage version migrations of the embedded API server: absent, served (and nobody does them) or running; by \
            default as the version has them.
            """)
    var migrations: String?

    @Option(help: "Seconds that a token lives.")
    var tokenSeconds = 3599

    @Option(help: "What follows a vault's name in its host; by default a name that leads to the sandbox.")
    var vaultSuffix: String?

    @Flag(inversion: .prefixedNo, help: "Throttle as the AKS resource provider does.")
    var throttling = true

    func validate() throws {
        guard replicas > 0 else { throw ValidationError("--replicas is at least 1, not \(replicas).") }
        guard timeScale > 0, timeScale.isFinite else {
            throw ValidationError("--time-scale is above 0, not \(timeScale).")
        }
        if let operationSeconds {
            guard operationSeconds >= 0, operationSeconds.isFinite else {
                throw ValidationError("--operation-seconds is at least 0, not \(operationSeconds).")
            }
        }
        if let rotationSeconds {
            guard rotationSeconds >= 0, rotationSeconds.isFinite else {
                throw ValidationError("--rotation-seconds is at least 0, not \(rotationSeconds).")
            }
        }
        guard seed >= 0 else { throw ValidationError("--seed is at least 0, not \(seed).") }
        guard namespaces > 0 else { throw ValidationError("--namespaces is at least 1, not \(namespaces).") }
        guard latency >= 0 else { throw ValidationError("--latency is at least 0, not \(latency).") }
        if let migrations, ClusterOptions.Migrations(rawValue: migrations) == nil {
            let known = ClusterOptions.Migrations.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--migrations is one of \(known), not '\(migrations)'.")
        }
        guard (1...Fleet.most).contains(clusters) else {
            throw ValidationError("--clusters is 1 to \(Fleet.most), not \(clusters).")
        }
        guard (1...clusters).contains(sharedVault) else {
            throw ValidationError("--shared-vault is 1 to \(clusters), not \(sharedVault).")
        }
        guard latency == 0 || backend == .real else {
            throw ValidationError("--latency needs --backend real: nothing delays the \(backend.rawValue) cluster.")
        }
    }

    func run() async throws {
        let folder = try SandboxFolder(directory)
        try folder.markStarting()
        let port = try port == 0 ? ReservedPort().number : port
        let tls = try Certificates.make(in: folder)
        let settings = azureSettings(port: port)
        let description = try worldDescription(clientCertificate: Certificates.makeClient(in: folder))
        let azure = StandIn(
            description: description, configuration: settings, commands: KubectlRunner(folder: folder))
        let webhook =
            description.access == .local ? nil : try folder.writeTokenWebhook(url: settings.baseURL + "/token-review")
        let options = BackendOptions(
            directory: folder.root, replicas: replicas, latencyMilliseconds: latency, timeScale: timeScale,
            kubeAPIServer: kubeApiserver ?? ProcessInfo.processInfo.environment["KMS_VAULT_KUBE_APISERVER"],
            tokenWebhook: webhook, kubernetesVersion: description.kubernetesVersion,
            migrations: migrations.flatMap(ClusterOptions.Migrations.init))
        let fleet = try Fleet(description.plans, kind: backend, options: options, azure: azure)
        let control = ClusterControl(fleet: fleet)
        await azure.giveOrders { order in await control.answer(to: order) }
        let server = Server(azure: azure, control: control, port: port, tls: tls)
        // A signal at any time ends what runs; the clusters are stopped after that, whatever happened.
        let outcome = await Signals.untilOne {
            for member in fleet.members {
                try await member.cluster.start()
                // What is stored before KMS is on is plaintext, and stays so until it is rewritten.
                if secretsPlaintext { try await fill(member) }
                try await azure.attach(member.cluster, to: member.plan.name)
                if !secretsPlaintext { try await fill(member) }
            }
            try await folder.write(description, azure: azure, settings: settings, fleet: fleet)
            try await serve(azure, server, folder)
        }
        for member in fleet.members { await member.cluster.stop() }
        folder.markStopped()
        try outcome.get()
    }

    private func azureSettings(port: Int) -> AzureStandIn.Configuration {
        var settings = AzureStandIn.Configuration(
            baseURL: "https://localhost:\(port)", vaultSuffix: vaultSuffix ?? ".vault.localhost:\(port)",
            timeScale: timeScale, tokenSeconds: tokenSeconds, throttles: throttling)
        if let operationSeconds { settings.operationSeconds = operationSeconds...operationSeconds }
        if let rotationSeconds { settings.noticeSeconds = rotationSeconds...rotationSeconds }
        return settings
    }

    private func fill(_ member: Fleet.Member) async throws {
        let seed = member.plan.seed ?? seed
        guard seed > 0, let cluster = member.cluster as? any SeedableCluster else { return }
        try await cluster.seed(namespaces: namespaces, secrets: seed, bytes: secretBytes, canary: canary)
    }

    /// The jobs of Azure run beside the server and end with it.
    private func serve(_ azure: StandIn, _ server: Server, _ folder: SandboxFolder) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await azure.run() }
            group.addTask { try await server.run { folder.markReady() } }
            _ = try await group.next()
            group.cancelAll()
        }
    }

    private func worldDescription(clientCertificate: String) throws -> WorldDescription {
        var description = WorldDescription()
        if let world {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: world))
            description = try JSONDecoder().decode(WorldDescription.self, from: bytes)
        }
        description.clientCertificate = clientCertificate
        if let kubernetesVersion { description.kubernetesVersion = kubernetesVersion }
        if let newestVersion { description.newestVersion = newestVersion }
        if !etag { description.hasETags = false }
        if let mode {
            guard let start = KMSStart(rawValue: mode) else {
                let known = KMSStart.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--mode is one of \(known), not '\(mode)'.")
            }
            description.mode = mode
            if start.closesVault, world == nil { description.vaults[0].publicNetworkAccess = "Disabled" }
        }
        if clusters > 1 { description.addClusters(upTo: clusters, sharing: sharedVault) }
        if let refusal = description.refusal { throw ValidationError("--world: \(refusal).") }
        return description
    }
}
