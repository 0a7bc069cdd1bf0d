package import Azure
package import ModeSwitch
package import SecretRewrite
package import Usage

/// The result of a run, for people and machines alike. Member names are part of the command line's contract.
package struct RunReport: Sendable, Codable {
    package struct Exposure: Sendable, Codable, Hashable {
        /// Seconds since 1970: from the acceptance of the off request to the end of the last pass that encrypted any.
        package var startedAt: Double
        /// Nil while Secrets are or may be plaintext.
        package var endedAt: Double?
        package var seconds: Double?

        package init(startedAt: Double, endedAt: Double?) {
            self.startedAt = startedAt
            self.endedAt = endedAt
            seconds = endedAt.map { $0 - startedAt }
        }
    }

    package struct Problem: Sendable, Codable, Hashable {
        /// A stable kebab-case id, under which docs/troubleshooting.md has the remedy.
        package var id: String
        package var what: String
        package var state: Advice
        package var next: Advice

        package init(id: String, what: String, state: Advice, next: Advice) {
            self.id = id
            self.what = what
            self.state = state
            self.next = next
        }
    }

    package var command: String
    package var runID: String
    package var cluster: String
    package var target: NetworkMode
    package var exitCode: Int32
    package var secretsAtRest: SecretsAtRest
    /// "done", "not done" or "unknown".
    package var verdict: String
    package var kms: KMSProfile
    /// Whether the cluster is on the new KMS experience, of which the profile tells only a part.
    package var newKMSExperience: Bool
    package var vault: String
    package var vaultAccess: VaultAccess
    package var exposure: Exposure?
    package var changes: [KMSChange]
    package var vaultChanges: [VaultChange]
    package var convergence: [ConvergenceReceipt]
    package var passes: [PassReceipt]
    package var soak: SoakReceipt?
    /// The version of the key that the run made; nil if it made none.
    package var keyVersion: KeyVersionReceipt?
    /// What must be kept or may be cleared away now, a sentence each.
    package var afterwards: [String]?
    package var proof: ProofReceipt?
    /// Secrets that were not rewritten, at most 200; names only.
    package var failures: [SecretFailure]
    /// Those beyond them. Absent in reports of versions that did not count them.
    package var failuresOmitted: Int?
    package var problem: Problem?
    /// Lines of infrastructure code that must change with the mode.
    package var infrastructureAsCode: [String: String]
    /// Nil where nothing was run.
    package var context: RunContext?
    /// The digest of all other members, as `ReportFile` makes it.
    package var digest: String?

    package init(
        command: String, intent: Intent, seen: Observation, ending: Ending, exitCode: ExitCode,
        secretsAtRest: SecretsAtRest, failures: NamedFailures = NamedFailures(), problem: Problem? = nil,
        infrastructureAsCode: [String: String] = [:], context: RunContext? = nil
    ) {
        let receipts = seen.receipts
        self.command = command
        runID = intent.runID
        cluster = intent.clusterID.description
        target = intent.target
        self.exitCode = exitCode.rawValue
        self.secretsAtRest = secretsAtRest
        verdict = exitCode.verdict
        kms = seen.cluster.kms
        newKMSExperience = seen.cluster.newKMSExperience
        vault = intent.vaultID?.description ?? ""
        vaultAccess = seen.vault.access
        exposure = RunReport.exposure(receipts, secretsAtRest)
        changes = receipts.changes
        vaultChanges = receipts.vaultChanges
        convergence = receipts.convergence
        // Only a resume has a use for them, and they may be thousands.
        passes = receipts.passes.map(\.withoutFinished)
        soak = receipts.soak
        keyVersion = receipts.keyVersion
        proof = receipts.proof
        self.failures = failures.named
        failuresOmitted = failures.omitted
        self.problem = problem
        self.infrastructureAsCode = infrastructureAsCode
        self.context = context
    }

    /// The window opens with the acceptance of the off request (or its sending, when the answer was lost) and closes
    /// with the last pass that moved a Secret, once a verifying pass has found all of them encrypted.
    package static func exposure(_ receipts: Receipts, _ atRest: SecretsAtRest) -> Exposure? {
        let off = receipts.changes.first {
            !$0.profile.encrypts && $0.outcome != .refused && $0.outcome != .deferred
        }
        guard let off else { return nil }
        return Exposure(
            startedAt: off.acceptedAt ?? off.sentAt,
            endedAt: atRest == .encrypted ? lastMoving(receipts.passes)?.endedAt : nil)
    }

    /// The verifying pass; where it found nothing to move, the pass before it after the same change.
    private static func lastMoving(_ passes: [PassReceipt]) -> PassReceipt? {
        let verified = passes.last { $0.kind == .verify && $0.epoch > 0 && $0.complete }
        guard let verified, verified.rewritten == 0 else { return verified }
        return passes.last {
            // That nothing was left to move is what tells of another engine's pass.
            $0.kind == .rewrite && $0.epoch == verified.epoch && ($0.isClean(accepting: []) || $0.engine != nil)
        } ?? verified
    }
}
