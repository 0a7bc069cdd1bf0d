/// One thing to do next. Steps that narrow: `change` to a profile that is off or names another key, and `closeVault`.
package enum Step: Sendable, Hashable {
    /// Nothing to do but look again.
    case wait(WaitReason)
    /// PUT this KMS profile.
    case change(KMSProfile)
    /// Sample the API servers until all have the newest configuration.
    case converge(ConvergenceNeed)
    case rewrite(RewritePurpose)
    case openVault
    case closeVault
    /// Watch writes after the vault was closed.
    case soak
    case prove
    case stop(StopReason)
    case finish
}

package enum ConvergenceNeed: String, Sendable, Hashable, Codable {
    /// Make probes, and see that all API servers store them alike, before the first change.
    case baseline
    /// Wait until samples are of the expected form, then take enough of them, spread over time.
    case full
    /// One burst of samples, as a renewal of what was proven before.
    case burst
}

package enum WaitReason: Sendable, Hashable {
    case operation(String)
    case armUnreadable(String)
    case privateEndpointApproval
    case apiServerSilent
}

/// Why a run stops without being done. Each names what must happen before it can go on.
package enum StopReason: Sendable, Hashable {
    case clusterGone
    case clusterRecreated
    case clusterStopped
    /// The cluster was `Failed` before this run changed anything.
    case clusterFailed(String)
    case newKMSExperience
    /// The KMS profile is neither what it was nor what this run set.
    case changedByOthers(KMSProfile)
    case keyUnusable(KeyState)
    case vaultUnusable(VaultObservation.Presence)
    case vaultFirewall
    case vaultPerimeter
    /// The vault was told to open (or close) and a GET shows that it did not.
    case vaultKeepsAccess(VaultAccess)
    case vaultShared([String])
    case privateEndpoint(VaultObservation.PrivateEndpoint)
    case privateImpossible
    /// No evidence that no API server still reaches the vault over its public endpoint.
    case oldPathUnproven
    case convergenceUnproven(ConvergenceReceipt.State, String)
    case secretsFailed([FailureClass: Int])
    case passIncomplete
    case soakFailed(String)
    case proofFailed
    /// ARM refused, or failed repeatedly; its words.
    case armRefuses(String)
    case apiServerUnreachable
}
