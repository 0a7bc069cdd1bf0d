import Synchronization

/// One rule of RBAC: what a user may do, as `rules` of a Role name it.
public struct PolicyRule: Sendable, Codable, Hashable {
    public var verbs: Set<String>
    /// Plural names; `*` is all.
    public var resources: Set<String>?
    /// nil: all objects; a list or a create has no name and is not met by a rule with names.
    public var resourceNames: Set<String>?
    /// nil: all namespaces, and what has none, as a ClusterRole that is bound in the cluster.
    public var namespaces: Set<String>?
    public var nonResourceURLs: Set<String>?

    public init(
        verbs: Set<String>, resources: Set<String>? = nil, resourceNames: Set<String>? = nil,
        namespaces: Set<String>? = nil, nonResourceURLs: Set<String>? = nil
    ) {
        self.verbs = verbs
        self.resources = resources
        self.resourceNames = resourceNames
        self.namespaces = namespaces
        self.nonResourceURLs = nonResourceURLs
    }

    func allows(_ verb: String, resource: String, namespace: String?, name: String?) -> Bool {
        (verbs.contains(verb) || verbs.contains("*"))
            && (resources?.contains(resource) == true || resources?.contains("*") == true)
            && (resourceNames.map { $0.contains(name ?? "") } ?? true)
            && (namespaces.map { $0.contains(namespace ?? "") } ?? true)
    }

    func allows(_ verb: String, path: String) -> Bool {
        (verbs.contains(verb) || verbs.contains("*"))
            && (nonResourceURLs?.contains(path) == true || nonResourceURLs?.contains("*") == true)
    }
}

/// The users of the API server by their tokens: those of the start, and those that are made later with exactly named
/// rights.
final class ClusterUsers: Sendable {
    private let users: Mutex<[String: User]>

    init(_ first: [String: User]) { users = Mutex(first) }

    func user(ofToken token: String) -> User? { users.withLock { $0[token] } }
    func add(_ user: User, token: String) { users.withLock { $0[token] = user } }
}

/// Who asks.
struct User: Sendable, Equatable {
    let name: String
    /// Whether the user is in system:masters: no denial and no throttling reaches it.
    let isAdmin: Bool
    /// nil: everything but what denials name.
    var rules: [PolicyRule]?

    /// The paths that everybody who is signed in may read (ClusterRoles system:discovery and system:basic-user).
    private static let discovery = ["/api", "/apis", "/openapi", "/version", "/healthz", "/livez", "/readyz"]

    func mayReach(path: String, verb: String) -> Bool {
        let isDiscovery = Self.discovery.contains { path == $0 || path.hasPrefix($0 + "/") }
        return isDiscovery || rules?.contains { $0.allows(verb, path: path) } ?? true
    }

    func may(_ verb: String, _ resource: String, namespace: String?, name: String?) -> Bool {
        rules?.contains { $0.allows(verb, resource: resource, namespace: namespace, name: name) } ?? true
    }
}
