package import Azure

/// What a PUT of the KMS profile came to, as far as its answer tells.
package enum ChangeAnswer: Sendable, Hashable {
    /// ARM works on it.
    case accepted(AzureTrace)
    /// Nothing began.
    case refused(AzureRefusal)
    /// No answer came: it may or may not have begun.
    case lost(AzureRefusal)
}

/// What came of setting the vault's public network access.
package struct VaultAnswer: Sendable, Hashable {
    /// What a GET showed afterwards; nil when that is not known.
    package var readBack: VaultAccess?
    /// Whether the GET showed the rule that was wanted; nil when that is not known.
    package var holds: Bool?
    /// Why Azure did not set it; nil when it did.
    package var refusal: AzureRefusal?

    package init(readBack: VaultAccess? = nil, holds: Bool? = nil, refusal: AzureRefusal? = nil) {
        self.readBack = readBack
        self.holds = holds
        self.refusal = refusal
    }
}

/// The edges that a run acts through. Nothing here decides.
package protocol SwitchPorts: Sendable {
    func observe(_ intent: Intent, _ receipts: Receipts) async -> Observation
    /// Waits until it is worth looking again: polls a running operation, or sleeps.
    ///
    /// - Parameter sampling: what to sample while Azure's operation runs; nil where that would tell nothing.
    /// - Returns: the row of new samples that goes on, and the probes as sampling left them.
    func wait(_ reason: WaitReason, sampling: EarlySampling?) async -> EarlySamples?
    /// Asks preflight whether anything forbids a step.
    func check(_ step: CheckedStep, _ intent: Intent) async -> CheckAnswer
    func pause(seconds: Double) async

    /// Throws `RunInterrupted` unless the Lease is ours with more than half of its time left.
    func holdLock() async throws(RunInterrupted)
    /// Writes intent and receipts to disk (synced) and to the cluster. Throws when the disk refuses.
    func save(_ intent: Intent, _ receipts: Receipts) async throws(RunInterrupted)

    func change(_ intent: Intent, to profile: KMSProfile) async -> ChangeAnswer
    /// - Parameter expected: the form in which probes lie once an API server has the newest profile; nil when that is
    ///   not known.
    /// - Parameter replicas: how many API servers earlier samples told apart; nil when they did not.
    /// - Parameter row: samples that were taken while Azure's operation ran; nil when there are none.
    /// - Parameter began: the place, in the order of receipts, of a pass that is made as soon as a burst of samples is
    ///   new; nil where none may be made.
    func converge(
        _ need: ConvergenceNeed, probes: [String: ProbeState], expected: ProbeState.Form?, replicas: Int?,
        row: SampleRow?, encryptingFrom began: Int?
    ) async -> ConvergenceAnswer
    /// Brings probes to the form that API servers write now, and gives those that moved.
    func align(_ probes: [String: ProbeState]) async -> [String: ProbeState]
    /// - Parameter isBracketed: whether all API servers are known to have the newest profile, so that whatever is
    ///   written during the pass is of its form.
    func rewrite(
        _ kind: RewritePurpose, resuming interrupted: PassReceipt?, began: Int, isBracketed: Bool
    ) async -> PassReceipt
    /// PATCHes the one field, or the rules, and reads it back with a GET; nil when neither had an answer.
    func setVault(_ intent: Intent, to setting: VaultSetting) async -> VaultAnswer
    /// Makes a new version of the intent's key in its vault.
    func makeKeyVersion(_ intent: Intent) async -> KeyVersionReceipt
    func soak(_ intent: Intent) async -> SoakReceipt
    func prove(_ intent: Intent, _ receipts: Receipts) async -> ProofReceipt
    /// Called with each decision, for progress and log.
    func took(_ intent: Intent, _ step: Step, _ seen: Observation) async
    /// The time, in seconds since 1970.
    func now() -> Double
    /// Why the run must end soon, such as a signal; nil while it may go on.
    func interruption() -> String?
}

/// What a sampling came to.
package struct ConvergenceAnswer: Sendable, Hashable {
    package var receipt: ConvergenceReceipt
    /// A whole pass that was made once a burst of samples was new, and after which no sample was old: every API server
    /// had the newest profile when it began. Nil where there was none, or where anything else came after it.
    package var pass: PassReceipt?

    package init(_ receipt: ConvergenceReceipt, pass: PassReceipt? = nil) {
        self.receipt = receipt
        self.pass = pass
    }
}

/// Sampling that begins before Azure's operation has ended.
package struct EarlySampling: Sendable, Hashable {
    package var probes: [String: ProbeState]
    /// The form of new samples.
    package var expected: ProbeState.Form
    package var replicas: Int?
    /// The row that an earlier wait for the same operation left.
    package var row: SampleRow?

    package init(probes: [String: ProbeState], expected: ProbeState.Form, replicas: Int?, row: SampleRow?) {
        self.probes = probes
        self.expected = expected
        self.replicas = replicas
        self.row = row
    }
}

/// What early sampling came to.
package struct EarlySamples: Sendable, Hashable {
    /// The probes that moved.
    package var probes: [String: ProbeState]
    /// Nil unless the newest samples are new.
    package var row: SampleRow?

    package init(probes: [String: ProbeState], row: SampleRow?) {
        self.probes = probes
        self.row = row
    }
}

/// A row of new samples of one probe, unbroken so far.
package struct SampleRow: Sendable, Hashable {
    package var probe: String
    package var streak: Int
    package var began: ContinuousClock.Instant
    package var replicas: Set<String>

    package init(probe: String, streak: Int, began: ContinuousClock.Instant, replicas: Set<String> = []) {
        self.probe = probe
        self.streak = streak
        self.began = began
        self.replicas = replicas
    }
}

/// A run cannot go on from here; what it did is recorded.
package struct RunInterrupted: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
