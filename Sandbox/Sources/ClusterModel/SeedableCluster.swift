/// A cluster that can be filled with Secrets quickly.
public protocol SeedableCluster: Sendable {
    /// Creates Secrets `secret-<number>` spread evenly over namespaces `team-<number>`; each value begins with
    /// `canary`.
    ///
    /// What is there already stays as it is.
    func seed(namespaces: Int, secrets: Int, bytes: Int, canary: String) async throws
}
