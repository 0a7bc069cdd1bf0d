/// API versions of what only preflight asks.
enum PreflightAPIVersions {
    static let subscriptions = "2022-12-01"
    static let deletedVaults = "2026-02-01"
    static let roleAssignments = "2022-04-01"
    static let denyAssignments = "2022-04-01"
    /// Privileged Identity Management.
    static let roleSchedules = "2020-10-01"
    static let policyInsights = "2022-03-01"
    /// That of the vault which a policy is asked to judge.
    static let judgedVault = "2026-02-01"
    static let network = "2024-05-01"
    static let diskEncryptionSets = "2024-03-02"
}
