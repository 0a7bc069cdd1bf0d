package import AzureAccount
package import Commands
package import Connections
package import Console
import Files
import FoundationEssentials
import HTTP
package import ModeSwitch
package import Plan
package import Report
package import Run
import Synchronization
package import Usage

/// A person's desk: a kubeconfig, a signed-in az, a disk for the journal, and the cluster and the Azure behind them.
/// Every command runs on it as in the program, and nothing leaves the process.
package struct Desk: Sendable {
    package let world: World
    package let kube: KubeDouble
    package let azure: AzureDouble
    package let folder: String
    private let start = ContinuousClock.now
    /// What the person answers when asked.
    package var agrees = true
    /// Whether anybody is asked at all; not so with `--yes`.
    package var asks = false
    /// Who gives tokens for Azure.
    package var tokens: any AzureTokenSource = FixedTokens()
    /// The user in the kubeconfig, as JSON.
    package var user = #"{"token":"canary-token"}"#

    private static let authority = Data("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n".utf8)
        .base64EncodedString()
    private static func kubeconfig(user: String) -> String {
        """
        {"clusters":[{"name":"c","cluster":{"server":"https://api:443","certificate-authority-data":"\(authority)"}}],
         "users":[{"name":"u","user":\(user)}],
         "contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"current-context":"c"}
        """
    }

    package init(secrets: [String] = (0..<12).map { "default/s\($0)" }) throws {
        world = World()
        // A run asks who it is, for its report.
        world.kube.route(
            "POST /apis/authentication.k8s.io/v1/selfsubjectreviews", #"{"status":{"userInfo":{"username":"ada"}}}"#)
        kube = KubeDouble(secrets: secrets, rest: world.kube)
        azure = try AzureDouble(
            world, kube: kube, kubeconfig: Data(Self.kubeconfig(user: "{}").utf8).base64EncodedString())
        folder = FileManager.default.temporaryDirectory.appending(path: "kms-vault-desk-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Removes the disk.
    package func clear() { try? FileManager.default.removeItem(atPath: folder) }

    package var surroundings: Surroundings {
        Surroundings(
            environment: [
                "KUBECONFIG": "/kubeconfig", "XDG_STATE_HOME": folder, "KUBECTL_KMS_VAULT_TIME_SCALE": "0.001",
            ],
            home: folder, workingDirectory: "/",
            files: MemoryFiles(["/kubeconfig": Self.kubeconfig(user: user)]),
            process: ProcessIdentity(host: "desk", processID: 1) { _ in .gone },
            isInteractive: false,
            transports: DoubleOpener(kube: kube, azure: azure),
            time: Clocks(
                wall: { [start] in Double(now) + (ContinuousClock.now - start) / .seconds(1) },
                monotonic: { [start] in (ContinuousClock.now - start) / .seconds(1) },
                sleep: { _ throws(CancellationError) in
                    do { try await Task.sleep(for: .milliseconds(1)) } catch { throw CancellationError() }
                }))
    }

    /// Runs a command as a front end asks for it.
    package func run(
        _ command: CommandRequest.Command, _ options: RunOptions = RunOptions(),
        select: (inout SubjectSelection) -> Void = { _ in }, interruption: Interruption = Interruption()
    ) async -> FrontEndDouble.Seen {
        var selection = SubjectSelection()
        selection.resourceGroup = "g"
        selection.name = "c"
        select(&selection)
        var options = options
        // A thousandth of an hour is less than other tests may keep the processor.
        if options.operationTimeout == RunOptions().operationTimeout { options.operationTimeout = 100_000 }
        let frontEnd = FrontEndDouble(agrees: agrees, asks: asks)
        let runner = CommandRunner(frontEnd, surroundings: surroundings, interruptions: interruption) {
            request, surroundings, runID in
            try AzureConnection(
                AzureCloud(
                    name: "desk", resourceManager: "https://localhost:1", activeDirectory: "https://localhost:1",
                    resourceManagerAudience: "https://localhost:1", keyVaultSuffix: nil), subscriptionID: subscription,
                tenantID: tenant, tokens: tokens, runID: runID,
                surroundings: surroundings)
        }
        let code = await runner.run(CommandRequest(command, selection, options))
        return frontEnd.seen(code)
    }
}

/// Gives the doubles out by host.
private struct DoubleOpener: TransportOpener {
    let kube: KubeDouble
    let azure: AzureDouble

    func open(
        _ settings: TransportSettings, userAgent: String, observer: (any HTTPObserver)?, streams: ClosedRange<Int>
    ) -> any HTTPTransport { ByHost(kube: kube, azure: azure) }
}

private struct ByHost: HTTPTransport {
    let kube: KubeDouble
    let azure: AzureDouble

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if request.url.hasPrefix("https://api") { return try await kube.send(request) }
        return try await azure.send(request)
    }

    func withNewConnection() -> any HTTPTransport { self }
}

/// Keeps what a command shows.
package final class FrontEndDouble: FrontEnd {
    package struct Seen: Sendable {
        package var exitCode = ExitCode.done
        package var result: (any Presentable)?
        package var outcome: CommandOutcome?
        package var told: [String] = []
        package var warnings: [String] = []
        package var failure: CommandFailure?
        package var plans: [SwitchPlan] = []
        package var isDeclined = false
        package var events: [RunEvent] = []

        /// The run's report.
        package var report: RunReport? { result as? RunReport }
    }

    private let agrees: Bool
    package let asks: Bool
    private let state = Mutex(Seen())

    init(agrees: Bool, asks: Bool) {
        self.agrees = agrees
        self.asks = asks
    }

    func seen(_ code: ExitCode) -> Seen {
        state.withLock { seen in
            seen.exitCode = code
            return seen
        }
    }

    package func begin(_ state: ProgressState) -> any ProgressView { View { event in self.take(event) } }
    private func take(_ event: RunEvent) { state.withLock { $0.events.append(event) } }

    package func agrees(to plan: SwitchPlan, _ intent: Intent) async throws -> Bool {
        state.withLock { $0.plans.append(plan) }
        return agrees
    }

    package func declined() { state.withLock { $0.isDeclined = true } }

    package func show(_ result: any Presentable, _ outcome: CommandOutcome) throws {
        state.withLock {
            $0.result = result
            $0.outcome = outcome
        }
    }

    package func tell(_ text: Advice) { state.withLock { $0.told.append(text.text(for: .kubectl)) } }
    package func warn(_ text: String) { state.withLock { $0.warnings.append(text) } }
    package func fail(_ failure: CommandFailure) { state.withLock { $0.failure = failure } }

    private struct View: ProgressView {
        let sink: @Sendable (RunEvent) -> Void

        func take(_ event: RunEvent) { sink(event) }
        func end() {}

        func keepDrawing() async {
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
        }
    }
}
