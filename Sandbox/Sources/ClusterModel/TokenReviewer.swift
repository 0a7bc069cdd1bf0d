/// Tells an API server whose token it was given, as a webhook token authenticator does
/// (kubernetes.io "Webhook Token Authentication"; AKS with Entra integration has one, Azure/kubelogin "AKS").
public protocol TokenReviewer: Sendable {
    /// Nil for a token that nobody vouches for.
    func user(ofToken token: String) async -> ReviewedUser?
}

public struct ReviewedUser: Sendable, Hashable {
    public var name: String
    public var uid: String
    public var groups: [String]

    public init(name: String, uid: String, groups: [String]) {
        self.name = name
        self.uid = uid
        self.groups = groups
    }
}
