package import Azure
package import ModeSwitch
package import SecretRewrite

/// What the flags of a command that changes a cluster say.
package struct RunOptions: Sendable {
    package var target: NetworkMode = .privateAccess
    /// Whether the person named the target; a resume needs that where only the cluster knows of the run.
    package var targetIsNamed = false
    /// The run to go on with, where there are two.
    package var runToResume: String?
    package var onFailure = Intent.OnFailure.makeSafe
    package var closeVaultFirst = false
    /// Whether the vault is closed by its firewall.
    package var closesFirewall = false
    /// Whether the way to another mode or key on the new KMS experience goes by Azure's own key.
    package var viaPlatformKey = false
    /// Whether the version to rotate to is made.
    package var makesKeyVersion = false
    /// Seconds that Azure may take to notice a new version of the key.
    package var controllerSeconds = 21_600.0
    /// Where a migration leads to; nil when that was not said.
    package var newKey: NewKey?
    package var acceptedFailures: Set<FailureClass> = []
    package var acceptUnprovenConvergence = false
    package var vaultSharedOK = false
    /// Preflight checks whose answer may stay unknown.
    package var acceptedUnknowns: [String] = []
    /// Seconds.
    package var soakSeconds = 600.0
    /// Seconds after which one operation of ARM counts as unknown.
    package var operationTimeout = 3600.0
    package var concurrency = PassOptions.usualConcurrency
    package var requestsPerSecond: Double?
    /// Who rewrites.
    package var engine = RewriteEngine.auto
    /// What the engine rewrites after Secrets.
    package var resources: [MigratedResource] = []
    /// The file to which the report is written besides; nil for none.
    package var reportFile: String?
    /// How many reports of a cluster's runs stay on this machine.
    package var keep = 50
    /// Runs only if the plan is still this one.
    package var planID: String?
    /// Whether `preflight` lists the checks that passed.
    package var showsAll = false

    package init() {}
}
