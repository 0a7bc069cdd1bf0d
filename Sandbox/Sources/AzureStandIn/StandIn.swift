import ClusterModel
import Foundation

/// Azure's side of the sandbox: Entra, ARM and Key Vault over one state.
///
/// `respond(to:)` answers requests; `run()` carries out what goes on between them.
public actor StandIn {
    let configuration: Configuration
    let description: WorldDescription
    var world: World
    /// The KMS profiles and network settings of the start: what a Terraform that knows nothing would put back.
    let original: World
    var faults = FaultBoard()
    var tokens: [String: Token] = [:]
    var refreshTokens: [String: Principal] = [:]
    var buckets: [String: TokenBucket] = [:]
    var log: [LoggedRequest] = []
    /// How many requests were answered with each status since the log was cleared.
    var answered: [Int: Int] = [:]
    /// What stands behind each managed cluster of the description.
    var planes: [ResourceID: ControlPlane] = [:]
    /// What `runCommand` accepted, by its id.
    var commands: [String: RunningCommand] = [:]
    let commandRunner: (any CommandRunner)?
    /// Takes what is meant for a cluster itself, which faults can send at a moment.
    var order: @Sendable (Request) async -> Answer? = { _ in nil }

    let jobs: AsyncStream<Job>
    private let addJob: AsyncStream<Job>.Continuation

    enum Job: Sendable {
        case update(operation: String, change: Change)
        case abort(operation: String, of: String?)
        case action(ActiveFault)
        case command(String)
        case connection(ResourceID, String)
        case rollout(KMSProfile, Rollout, to: ResourceID, after: Double)
        case noticeKey(ResourceID)
        case reencrypt(ResourceID)
    }

    /// - Parameter commands: runs what `az aks command invoke` asks for; without it, kubectl is not found.
    public init(
        description: WorldDescription, configuration: Configuration, commands commandRunner: (any CommandRunner)? = nil
    ) {
        self.description = description
        self.configuration = configuration
        self.commandRunner = commandRunner
        world = description.world(fqdn: "localhost", vaultSuffix: configuration.vaultSuffix, now: configuration.now())
        for plan in description.plans where plan.start == .legacyPrivate {
            guard let index = world.vaults.firstIndex(where: { $0.id.name == plan.vault }) else { continue }
            world.vaults[index].connections.append(
                Self.connection(
                    of: plan.id(in: description), group: description.alone(plan).nodeResourceGroup, status: "Approved"))
        }
        original = world
        (jobs, addJob) = AsyncStream.makeStream()
    }

    /// Who takes the orders to the clusters that faults give.
    public func giveOrders(to order: @escaping @Sendable (Request) async -> Answer?) { self.order = order }

    /// Carries out operations and scripted actions until it is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs {
                group.addTask { await self.carryOut(job) }
            }
        }
    }

    /// Lets `run()` return when the jobs at hand are done.
    public func finish() { addJob.finish() }

    func enqueue(_ job: Job) { addJob.yield(job) }

    private func carryOut(_ job: Job) async {
        // A job ends early only by cancellation, when nobody is left to be told.
        try? await perform(job)
    }

    private func perform(_ job: Job) async throws {
        switch job {
        case .update(let operation, let change): try await update(operation, change)
        case .abort(let operation, let other): try await abort(operation, other: other)
        case .action(let fault):
            try await configuration.sleep(fault.delay)
            try await act(fault)
        case .command(let id): try await carryOutCommand(id)
        case .connection(let vault, let name): try await settleConnection(vault, name)
        case .noticeKey(let id): try await noticeKey(of: id, after: Double.random(in: configuration.noticeSeconds))
        case .reencrypt(let id): try await reencrypt(id)
        case .rollout(let profile, let rollout, let id, let delay):
            try await configuration.sleep(delay)
            // A later update overtakes one that comes late.
            let wanted = world.clusterIndex(id).map { self.profile(for: world.clusters[$0]) }
            if wanted == profile {
                await apply(profile, rollout, to: id)
                startReencryption(id)
            }
        }
    }

    /// Faults that waited for this moment of a cluster, or of all that use a vault, begin.
    func reach(_ moment: Moment, of clusters: ResourceID..., in vault: Vault? = nil) {
        let concerned = clusters + (vault.map { self.clusters(on: $0) } ?? [])
        for fault in faults.reach(moment, of: concerned.map(\.name), in: vault?.id.name) { enqueue(.action(fault)) }
    }
}

extension StandIn {
    /// Answers one request, whichever of Azure's services it is for.
    public func respond(to request: Request) async -> Answer {
        let start = configuration.now()
        var answer: Answer
        do {
            answer = try await route(request)
        } catch let error as AzureError {
            answer = error.answer
        } catch {
            answer = AzureError.arm(500, "InternalServerError", "\(error)").answer
        }
        if request.method != "GET" { keyMayHaveChanged() }
        if request.segments.first != "sandbox" { record(request, answer, since: start) }
        guard !answer.isLost else { return answer }
        if answer.header("cache-control") == nil { answer = answer.with("cache-control", "no-cache") }
        return answer.with("strict-transport-security", "max-age=31536000; includeSubDomains")
            .with("x-content-type-options", "nosniff").with("x-ms-request-id", UUID().uuidString.lowercased())
    }

    private func route(_ request: Request) async throws -> Answer {
        if let index = world.vaultIndex(host: request.host) { return try dataPlane(request, vault: index) }
        if request.host.hasSuffix(configuration.vaultSuffix.lowercased()) { return Self.unknownVault }
        let first = request.segments.first?.lowercased() ?? ""
        switch first {
        case "sandbox": return try await control(request)
        case "token-review": return try reviewToken(request)
        case "metadata": return try metadata(request)
        case "v1.0": return try graph(request)
        case "subscriptions", "tenants", "providers": return try await manage(request)
        default: return try signIn(request)
        }
    }
}

/// A line of the request log. It never holds headers or bodies, so that no token gets into it.
public struct LoggedRequest: Sendable {
    public var time: Date
    public var method: String
    public var path: String
    public var status: Int
    public var seconds: Double
    public var userAgent: String
    public var runID: String
}

extension StandIn {
    private func record(_ request: Request, _ answer: Answer, since start: Date) {
        let end = configuration.now()
        answered[answer.isLost ? 0 : answer.status, default: 0] += 1
        // Signed operation addresses are cut: only the api-version of a query is kept.
        let version = request.parameter("api-version").map { "?api-version=\($0)" } ?? ""
        log.append(
            LoggedRequest(
                time: end, method: request.method, path: request.path + version,
                status: answer.isLost ? 0 : answer.status,
                seconds: end.timeIntervalSince(start), userAgent: request.headers["user-agent"] ?? "",
                runID: request.headers["x-ms-correlation-request-id"] ?? ""))
        if log.count > 20_000 { log.removeFirst(5_000) }
    }
}
