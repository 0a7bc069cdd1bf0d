package import Azure
package import ModeSwitch
import SecretRewrite

/// What makes a report stand alone: who made the run, where and with what, and what it was told to accept.
package struct RunContext: Sendable, Codable, Hashable {
    /// Whom Azure and the API server say that the run's requests came from; empty where they did not tell.
    package struct Author: Sendable, Codable, Hashable {
        /// The name in Azure's access token: a user, or an application.
        package var azureName: String
        package var azureObjectID: String
        package var azureTenant: String
        package var kubernetesUser: String

        package init(
            azureName: String = "", azureObjectID: String = "", azureTenant: String = "", kubernetesUser: String = ""
        ) {
            self.azureName = azureName
            self.azureObjectID = azureObjectID
            self.azureTenant = azureTenant
            self.kubernetesUser = kubernetesUser
        }
    }

    /// Seconds since 1970; of a resumed run, when it was resumed.
    package var startedAt: Double
    package var endedAt: Double
    package var author: Author
    package var host: String
    package var toolVersion: String
    /// `sha256:` and the hash of the program's file; nil where it could not be read.
    package var toolChecksum: String?
    /// The `x-ms-correlation-request-id` of every request to Azure: `az monitor activity-log list --correlation-id`.
    package var correlationID: String
    package var strategy: Strategy
    /// KMS and the vault before the first change.
    package var original: KMSProfile
    package var originalVaultAccess: VaultAccess
    /// Options that accepted a risk, as they are typed.
    package var accepted: [String]
    /// The cluster's eTag at the end; empty where Azure shows none.
    package var eTagAfter: String

    package init(
        _ intent: Intent, startedAt: Double, endedAt: Double, author: Author, host: String, toolVersion: String,
        toolChecksum: String?, correlationID: String, eTagAfter: String
    ) {
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.author = author
        self.host = host
        self.toolVersion = toolVersion
        self.toolChecksum = toolChecksum
        self.correlationID = correlationID
        strategy = intent.strategy
        original = intent.original
        originalVaultAccess = intent.originalVaultAccess
        accepted = intent.acceptedRisks
        self.eTagAfter = eTagAfter
    }
}

extension Intent {
    /// The options that accepted a risk, as they are typed.
    package var acceptedRisks: [String] {
        var risks: [String] = []
        if strategy == .closeVaultFirst { risks.append("--close-vault-first") }
        let failures = options.acceptedFailures.map(\.rawValue).sorted()
        if !failures.isEmpty { risks.append("--accept-failures \(failures.joined(separator: ","))") }
        if options.acceptUnprovenConvergence { risks.append("--accept-unproven-convergence") }
        if options.vaultSharedOK { risks.append("--vault-shared-ok") }
        if options.onFailure == .stop { risks.append("--on-failure stop") }
        return risks
    }
}
