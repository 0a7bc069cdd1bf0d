/// Who sends the writes of a rewrite.
package enum RewriteEngine: String, Sendable, Hashable, Codable, CaseIterable {
    /// This program itself.
    case auto
    /// Kubernetes' own controller, asked with a StorageVersionMigration (storagemigration.k8s.io/v1; KEP-4192, stable
    /// since Kubernetes 1.37). It knows nothing of KMS and of several API servers: what it says is never proof.
    case svm
}

/// A StorageVersionMigration as the API server shows it.
package struct Migration: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        /// No controller has taken it up: it has neither a condition nor a checkpoint.
        case untouched
        case running
        case succeeded
        case failed
    }

    package var name: String
    package var uid: String
    package var resource: MigratedResource
    package var state: State
    /// The conditions' message: progress, or why it failed. Server text, cut.
    package var message: String
    /// The run that made it; nil for one of somebody else.
    package var runID: String?

    package init(
        name: String, uid: String, resource: MigratedResource, state: State, message: String = "", runID: String? = nil
    ) {
        self.name = name
        self.uid = uid
        self.resource = resource
        self.state = state
        self.message = message
        self.runID = runID
    }

    /// Whether it neither succeeded nor failed. Neither state goes back.
    package var isOpen: Bool { state == .untouched || state == .running }
}

/// What a migration is about: a resource, as RBAC names it.
package struct MigratedResource: Sendable, Hashable, CustomStringConvertible {
    /// Empty for the core group.
    package var group: String
    package var resource: String

    package init(group: String, resource: String) {
        self.group = group
        self.resource = resource
    }

    /// Nil for what is no name of a resource: lower case letters, digits and dashes, and a group after the first dot.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-.")
        guard let first = parts.first, let letter = first.first, letter.isLetter, text.utf8.count <= 253,
            text.allSatisfy(allowed.contains), !text.hasSuffix("."), !text.hasSuffix("-")
        else { return nil }
        self.init(group: parts.count > 1 ? parts[1] : "", resource: first)
    }

    package static let secrets = MigratedResource(group: "", resource: "secrets")

    /// As people type it: `secrets`, `leases.coordination.k8s.io`.
    package var description: String { group.isEmpty ? resource : "\(resource).\(group)" }
}
