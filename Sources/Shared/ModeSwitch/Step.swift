package import Azure
package import SecretRewrite

/// One thing to do next. Steps that narrow: `change` to a profile that is off or names another key, `closeVault` and
/// `denyNetworks`.
package enum Step: Sendable, Hashable {
    /// Nothing to do but look again.
    case wait(WaitReason)
    /// Ask preflight whether anything forbids the step that comes next.
    case check(CheckedStep)
    /// PUT this KMS profile.
    case change(KMSProfile)
    /// Sample the API servers until all have the newest configuration.
    case converge(ConvergenceNeed)
    case rewrite(RewritePurpose)
    case openVault
    case closeVault
    /// Let trusted services of Azure pass the vault's firewall.
    case trustServices
    /// Close the vault by its firewall.
    case denyNetworks
    /// Open the vault's firewall to all networks.
    case allowNetworks
    /// Make a new version of the key in its vault.
    case makeKeyVersion
    /// Watch writes after the vault was closed.
    case soak
    case prove
    /// Give up the target and go back to encrypted and readable, for the reason why the switch cannot go on.
    case turnBack(StopReason)
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
    /// The same as `full`, for a version of the key that Azure takes by itself within hours.
    case controller
    /// Sample while Azure's operation still runs: a row of new samples that began then counts for `full`.
    case early
}

/// A step that a check of preflight can forbid before it is taken.
package enum CheckedStep: String, Sendable, Hashable, CaseIterable {
    /// The first change of the run: KMS off.
    case disable
    /// The first change of the run that never turns KMS off: another key, version or mode.
    case changeKey
    case closeVault
    /// Whatever changes anything first: what admission says to a rewrite of every Secret.
    case admission
}

/// What preflight says about a step.
package enum CheckAnswer: Sendable, Hashable {
    case clear
    /// Something is known to be wrong; the text names the checks.
    case refused(String)
    /// It could not be told whether something is wrong, and may be later.
    case unclear(String)
}

package enum WaitReason: Sendable, Hashable {
    case operation(String)
    case armUnreadable(String)
    case privateEndpointApproval
    case apiServerSilent
    /// Operations on node pools, because of which Azure would refuse an update of the cluster.
    case nodePools([String])
    /// A check that cannot tell whether the next step may be taken.
    case check(String)
}

/// Why a run stops without being done. Each names what must happen before it can go on.
package enum StopReason: Sendable, Hashable {
    case clusterGone
    case clusterRecreated
    case clusterStopped
    /// The cluster was `Failed` before this run changed anything.
    case clusterFailed(String)
    case newKMSExperience
    /// It cannot be told whether the cluster is on the new KMS experience; why.
    case unknownKMS(String)
    /// The KMS profile is neither what it was nor what this run set.
    case changedByOthers(KMSProfile)
    case keyUnusable(KeyState)
    case vaultUnusable(VaultObservation.Presence)
    case vaultFirewall
    case vaultPerimeter
    /// The vault was told to open (or close) and a GET shows that it did not.
    case vaultKeepsAccess(VaultAccess)
    /// The same for a rule of its firewall.
    case vaultKeepsRules(VaultSetting)
    /// Key Vault made no version of the key.
    case keyNotMade(AzureRefusal)
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
    /// A check of preflight forbids the next step; its words.
    case checkRefuses(String)
    /// The run's record could be written neither to disk nor to the cluster.
    case recordUnwritable(String)
    /// ARM refused, or failed repeatedly.
    case armRefuses(AzureRefusal)
    case apiServerUnreachable
}
