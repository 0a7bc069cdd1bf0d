/// What rights are for: a command, or several that need the same.
package enum RightsUse: String, Sendable, Hashable, CaseIterable {
    case status
    /// Preflight's own requests. It also asks for the rights of a switch, and refuses without them.
    case preflight
    /// `switch`, `resume` and `make-safe`.
    case switchMode = "switch"
    case rotate
    case migrate
    /// Also `verify --patch`.
    case rewriteSecrets = "rewrite-secrets"
    case verify

    /// The commands as people type them.
    package var commands: [String] {
        switch self {
        case .status, .preflight, .verify, .rotate, .migrate: [rawValue]
        case .switchMode: [rawValue, "resume", "make-safe"]
        case .rewriteSecrets: [rawValue, "verify --patch"]
        }
    }
}

extension PreflightJob {
    /// The command that does it.
    var rights: RightsUse {
        switch self {
        case .legacySwitch, .newSwitch: .switchMode
        case .legacyRotation, .newRotation: .rotate
        case .toCustomerKey, .toPlatformKey: .migrate
        }
    }
}

extension Set where Element == RightsUse {
    /// The commands that change the cluster's KMS.
    static var changes: Self { [.switchMode, .rotate, .migrate] }
    static var changesAndPreflight: Self { changes.union([.preflight]) }
}

/// How much a use depends on a right.
package enum RightsNeed: Sendable, Hashable {
    /// Without it the command refuses.
    case needed
    /// Without it the command does its work and knows less.
    case optional
}

/// A right of either world: what it is for.
package protocol ListedRight: Sendable {
    /// One clause, for who is to grant it.
    var why: String { get }
    var neededFor: Set<RightsUse> { get }
    var helps: Set<RightsUse> { get }
}

extension ListedRight {
    /// Nil where the use has nothing of the right.
    package func need(of use: RightsUse) -> RightsNeed? {
        neededFor.contains(use) ? .needed : helps.contains(use) ? .optional : nil
    }
}

extension Sequence where Element: ListedRight {
    /// The rights of a use, in their order.
    package func of(_ use: RightsUse, neededOnly: Bool = false) -> [Element] {
        filter { right in right.need(of: use).map { $0 == .needed || !neededOnly } ?? false }
    }
}
