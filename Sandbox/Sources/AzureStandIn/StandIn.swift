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
    var backend: (any ClusterBackend)?
    /// What was given to the backend last, and whether a failure left replicas without it.
    var applied: KMSProfile?
    var isAppliedInPart = false
    var rolloutErrors: [String] = []
    /// PUTs that treated a cluster on the newer experience of KMS as one on the older.
    var legacyPutsOnNewExperience = 0
    /// The version of the customer's key that the controller of the newer experience knows of, with its address.
    var noticedKey: String?
    var controller = KeyController()
    /// What `runCommand` accepted, by its id.
    var commands: [String: RunningCommand] = [:]
    let commandRunner: (any CommandRunner)?
    /// Takes what is meant for the cluster itself, which faults can send at a moment.
    var order: @Sendable (Request) async -> Answer? = { _ in nil }

    let jobs: AsyncStream<Job>
    private let addJob: AsyncStream<Job>.Continuation

    enum Job: Sendable {
        case update(operation: String, change: Change)
        case abort(operation: String, of: String?)
        case action(ActiveFault)
        case command(String)
        case connection(ResourceID, String)
        case rollout(KMSProfile, Rollout, after: Double)
        case noticeKey
        case reencrypt
    }

    /// - Parameter commands: runs what `az aks command invoke` asks for; without it, kubectl is not found.
    public init(
        description: WorldDescription, configuration: Configuration, commands commandRunner: (any CommandRunner)? = nil
    ) {
        self.description = description
        self.configuration = configuration
        self.commandRunner = commandRunner
        world = description.world(fqdn: "localhost", vaultSuffix: configuration.vaultSuffix, now: configuration.now())
        if description.mode == "Private", let index = world.vaults.indices.first {
            world.vaults[index].connections = [
                Self.connection(
                    of: description.clusterID, group: description.nodeResourceGroup, status: "Approved")
            ]
        }
        original = world
        (jobs, addJob) = AsyncStream.makeStream()
    }

    /// Puts the cluster behind ARM and gives it the profile that ARM shows.
    public func attach(_ backend: any ClusterBackend) async throws {
        self.backend = backend
        let host = URL(string: await backend.serverURL)?.host ?? "localhost"
        for index in world.clusters.indices where world.clusters[index].hasBackend {
            world.clusters[index].resource[path: ["properties", "fqdn"]] = .string(host)
            let wanted = profile(for: world.clusters[index])
            try await backend.apply(wanted, rollout: Rollout())
            applied = wanted
        }
    }

    /// Who takes the orders to the cluster that faults give.
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
        case .noticeKey: try await noticeKey(after: Double.random(in: configuration.noticeSeconds))
        case .reencrypt: try await reencrypt()
        case .rollout(let profile, let rollout, let delay):
            try await configuration.sleep(delay)
            // A later update overtakes one that comes late.
            let wanted = world.clusterIndex(description.clusterID).map { self.profile(for: world.clusters[$0]) }
            if wanted == profile {
                await apply(profile, rollout)
                startReencryption()
            }
        }
    }

    /// Gives a profile to the backend; a backend that fails is told of in /sandbox/state.
    func apply(_ profile: KMSProfile, _ rollout: Rollout) async {
        do {
            try await backend?.apply(profile, rollout: rollout)
            applied = profile
            isAppliedInPart = false
        } catch {
            isAppliedInPart = true
            rolloutErrors.append("\(error)")
        }
    }

    /// Faults that waited for this moment begin.
    func reach(_ moment: Moment) {
        for fault in faults.reach(moment) { enqueue(.action(fault)) }
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
