import Foundation
import Synchronization

/// Something that goes wrong, or a policy that refuses, on the way of matching requests.
public struct FaultRule: Sendable, Codable, Hashable {
    public enum Action: Sendable, Codable, Hashable {
        /// 429 in plain text with Retry-After, as API Priority and Fairness answers.
        case throttle(retryAfter: Int)
        /// 429 with a Status: the storage is not ready yet after a start.
        case storageInitializing
        case unauthorized
        case unavailable(retryAfter: Int?)
        /// Any Status: code, reason, message.
        case status(code: Int, reason: String, message: String)
        /// 410 to a request with a continue token, with or without a token that goes on inconsistently.
        case expireContinue(inconsistentToken: Bool)
        /// Waits, then serves.
        case delay(seconds: Double)
        /// Serves, and sends the body in pieces over that time.
        case drip(seconds: Double)
        /// Cuts the connection before anything is done.
        case drop
        /// Does what is asked, and cuts the connection instead of answering.
        case loseAnswer
        /// Does what is asked, and cuts the connection in the middle of the answer.
        case truncate
        /// Answers, then GOAWAY (HTTP/2) or `Connection: close` (HTTP/1.1).
        case goAway
    }

    public var action: Action
    /// Matching requests that pass before the fault begins.
    public var after = 0
    /// How many requests it meets; nil: until it is removed.
    public var times: Int?
    /// `get`, `list`, `create`, `update`, `patch`, `delete`, or nil for all.
    public var verbs: Set<String>?
    /// The plural name, such as `secrets`; nil also meets paths that name no resource.
    public var resource: String?
    public var namespace: String?
    public var name: String?
    /// Meets only ordinary users, as priority and fairness does; `system:masters` is exempt.
    public var exemptsAdmin = false

    public init(
        _ action: Action, after: Int = 0, times: Int? = nil, verbs: Set<String>? = nil, resource: String? = nil,
        namespace: String? = nil, name: String? = nil, exemptsAdmin: Bool = false
    ) {
        self.action = action
        self.after = after
        self.times = times
        self.verbs = verbs
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.exemptsAdmin = exemptsAdmin
    }

    /// Everything but the action may be left out.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try values.decode(Action.self, forKey: .action),
            after: try values.decodeIfPresent(Int.self, forKey: .after) ?? 0,
            times: try values.decodeIfPresent(Int.self, forKey: .times),
            verbs: try values.decodeIfPresent(Set<String>.self, forKey: .verbs),
            resource: try values.decodeIfPresent(String.self, forKey: .resource),
            namespace: try values.decodeIfPresent(String.self, forKey: .namespace),
            name: try values.decodeIfPresent(String.self, forKey: .name),
            exemptsAdmin: try values.decodeIfPresent(Bool.self, forKey: .exemptsAdmin) ?? false)
    }
}

/// A limit on the requests of ordinary users: `burst` at once, `rate` a second; the rest get 429.
public struct RequestLimit: Sendable, Codable, Hashable {
    public var rate: Double
    public var burst: Double
    public var retryAfter = 1

    public init(rate: Double, burst: Double, retryAfter: Int = 1) {
        self.rate = rate
        self.burst = burst
        self.retryAfter = retryAfter
    }
}

/// A validating admission webhook.
public struct Webhook: Sendable, Codable, Hashable {
    public enum Verdict: Sendable, Codable, Hashable {
        /// The message and the status code of the refusal (400 if the webhook gives none).
        case deny(message: String, code: Int)
        /// The service has no endpoints and the policy is Fail.
        case noEndpoints(service: String, namespace: String)
        case allow
    }

    public var name: String
    public var verdict: Verdict
    /// nil: all namespaces.
    public var namespaces: Set<String>?
    public var resources: Set<String> = ["secrets"]
    /// `CREATE`, `UPDATE`, `DELETE`.
    public var operations: Set<String> = ["UPDATE"]
    /// A webhook with side effects cannot take part in a dry run.
    public var hasSideEffects = false

    public init(
        name: String, verdict: Verdict, namespaces: Set<String>? = nil, resources: Set<String> = ["secrets"],
        operations: Set<String> = ["UPDATE"], hasSideEffects: Bool = false
    ) {
        self.name = name
        self.verdict = verdict
        self.namespaces = namespaces
        self.resources = resources
        self.operations = operations
        self.hasSideEffects = hasSideEffects
    }

    /// Everything but the name and the verdict may be left out.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name),
            verdict: try values.decode(Verdict.self, forKey: .verdict),
            namespaces: try values.decodeIfPresent(Set<String>.self, forKey: .namespaces),
            resources: try values.decodeIfPresent(Set<String>.self, forKey: .resources) ?? ["secrets"],
            operations: try values.decodeIfPresent(Set<String>.self, forKey: .operations) ?? ["UPDATE"],
            hasSideEffects: try values.decodeIfPresent(Bool.self, forKey: .hasSideEffects) ?? false)
    }
}

/// A right that the ordinary user lacks; nil members match everything.
public struct Denial: Sendable, Codable, Hashable {
    public var verb: String?
    public var resource: String?
    public var namespace: String?
    /// For paths that name no resource, such as `/metrics`.
    public var path: String?

    public init(verb: String? = nil, resource: String? = nil, namespace: String? = nil, path: String? = nil) {
        self.verb = verb
        self.resource = resource
        self.namespace = namespace
        self.path = path
    }
}

/// The faults that are in force.
final class Faults: Sendable {
    private struct State {
        var rules: [(id: Int, rule: FaultRule, met: Int)] = []
        var nextID = 1
        var limit: RequestLimit?
        var tokens = 0.0
        var refilled = 0.0
        var webhooks: [Webhook] = []
        var denials: [Denial] = []
    }

    private let state = Mutex(State())

    func add(_ rule: FaultRule) -> Int {
        state.withLock { state in
            defer { state.nextID += 1 }
            state.rules.append((state.nextID, rule, 0))
            return state.nextID
        }
    }

    func remove(_ id: Int) { state.withLock { $0.rules.removeAll { $0.id == id } } }

    func clear() {
        state.withLock { state in
            state.rules = []
            state.limit = nil
            state.webhooks = []
            state.denials = []
        }
    }

    func setLimit(_ limit: RequestLimit?, now: Double) {
        state.withLock { state in
            state.limit = limit
            state.tokens = limit?.burst ?? 0
            state.refilled = now
        }
    }

    var webhooks: [Webhook] {
        get { state.withLock { $0.webhooks } }
        set { state.withLock { $0.webhooks = newValue } }
    }

    var denials: [Denial] {
        get { state.withLock { $0.denials } }
        set { state.withLock { $0.denials = newValue } }
    }

    /// The first rule that meets the request; counts it against all that match until then.
    func action(for target: RequestTarget, isAdmin: Bool) -> FaultRule.Action? {
        state.withLock { state in
            for index in state.rules.indices {
                let rule = state.rules[index].rule
                guard !(rule.exemptsAdmin && isAdmin), target.matches(rule) else { continue }
                state.rules[index].met += 1
                let met = state.rules[index].met - rule.after
                guard met > 0, met <= rule.times ?? .max else { continue }
                return rule.action
            }
            return nil
        }
    }

    /// Nil when the request may pass, else the seconds to wait.
    func throttle(now: Double) -> Int? {
        state.withLock { state in
            guard let limit = state.limit else { return nil }
            state.tokens = min(limit.burst, state.tokens + max(0, now - state.refilled) * limit.rate)
            state.refilled = now
            guard state.tokens >= 1 else { return limit.retryAfter }
            state.tokens -= 1
            return nil
        }
    }
}
