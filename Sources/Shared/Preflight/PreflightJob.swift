/// What a preflight is for. Each check says for which of them it asks.
package enum PreflightJob: String, Sendable, Hashable, CaseIterable {
    /// The other mode of the legacy KMS, with KMS off in between, or a key in another vault.
    case legacySwitch = "switch (legacy)"
    /// Another version of the legacy KMS's key.
    case legacyRotation = "rotate (legacy)"
    /// The other mode of a customer's key on the new KMS experience.
    case newSwitch = "switch (new)"
    /// A new version of a customer's key on the new KMS experience, which Azure takes by itself: the cluster is not
    /// changed.
    case newRotation = "rotate (new)"
    /// From the legacy KMS, from none, or from Azure's own key to a customer's key on the new KMS experience.
    case toCustomerKey = "migrate (customer)"
    /// From the legacy KMS, from none, or from a customer's key to Azure's own.
    case toPlatformKey = "migrate (platform)"

    /// Whether a check says something of the job.
    func asks(_ check: PreflightCheck) -> Bool { check.jobs.contains(self) }
}

extension Set where Element == PreflightJob {
    package static var all: Self { Self(PreflightJob.allCases) }
    package static var legacy: Self { [.legacySwitch, .legacyRotation] }
    /// Those that lead to the new experience, or from one key to another within it.
    package static var migrations: Self { [.toCustomerKey, .toPlatformKey] }
    /// Those that write the cluster.
    package static var changingCluster: Self { all.subtracting([.newRotation]) }
    /// Those that end with a key in a vault.
    package static var endingOnVault: Self { all.subtracting([.toPlatformKey]) }
    /// Those that have Azure use a key, or a path to it, that it does not use yet.
    package static var newToAzure: Self { [.legacySwitch, .legacyRotation, .newSwitch, .toCustomerKey] }
    /// Those that may set the vault's network.
    package static var movingVault: Self { [.legacySwitch, .newSwitch, .toCustomerKey] }
}
