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
        /// 500, as when a webhook does not answer in time and its policy is Fail.
        case webhookTimeout(name: String)
        /// 500 in etcd's words, as when it has no leader; only of what is stored.
        case etcdOutage
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
    /// The namespace that it spares: webhooks of AKS clusters do not reach kube-system (AKS FAQ, admissions enforcer).
    public var exceptNamespace: String?
    /// Meets only ordinary users, as priority and fairness does; `system:masters` is exempt.
    public var exemptsAdmin = false
    /// How many of a hundred matching requests it meets, evenly spread; nil: all.
    public var percent: Int?
    /// Real seconds after which it is over; nil: until it is removed.
    public var seconds: Double?

    public init(
        _ action: Action, after: Int = 0, times: Int? = nil, verbs: Set<String>? = nil, resource: String? = nil,
        namespace: String? = nil, name: String? = nil, exceptNamespace: String? = nil, exemptsAdmin: Bool = false,
        percent: Int? = nil, seconds: Double? = nil
    ) {
        self.action = action
        self.after = after
        self.times = times
        self.verbs = verbs
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.exceptNamespace = exceptNamespace
        self.exemptsAdmin = exemptsAdmin
        self.percent = percent
        self.seconds = seconds
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
            exceptNamespace: try values.decodeIfPresent(String.self, forKey: .exceptNamespace),
            exemptsAdmin: try values.decodeIfPresent(Bool.self, forKey: .exemptsAdmin) ?? false,
            percent: try values.decodeIfPresent(Int.self, forKey: .percent),
            seconds: try values.decodeIfPresent(Double.self, forKey: .seconds))
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
