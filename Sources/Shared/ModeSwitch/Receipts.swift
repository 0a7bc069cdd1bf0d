package import Azure
import SecretRewrite

/// Evidence that a run gathered and that cannot be observed again. Every entry is a fact about the past, never a phase.
///
/// `sequence` orders entries without a clock: evidence of convergence brackets a pass when it began before the pass
/// and was renewed after it.
package struct Receipts: Sendable, Codable, Hashable {
    package private(set) var sequence = 0
    package private(set) var changes: [KMSChange] = []
    package private(set) var vaultChanges: [VaultChange] = []
    package private(set) var convergence: [ConvergenceReceipt] = []
    package private(set) var passes: [PassReceipt] = []
    package private(set) var soak: SoakReceipt?
    package private(set) var proof: ProofReceipt?
    package private(set) var completed = false
    /// Why the run gave up its target and goes back to encrypted and readable; nil while it has not.
    package private(set) var turnedBack: String?
    /// Passes in a row that did not see every Secret.
    package private(set) var incompletePasses = 0
    /// Samplings in a row that ended because the API server fell silent.
    package private(set) var silences = 0
    /// Changes before this index belong to earlier tries: a resume gives ARM and the vault a new chance.
    package private(set) var attemptsFrom = 0
    package private(set) var vaultAttemptsFrom = 0
    /// Probe Secrets by name, as they were left: set by the baseline, and moved on by each sampling.
    package private(set) var probes: [String: ProbeState] = [:]
    /// Nil while the probes' form is not known.
    package private(set) var baseline: ProbeBaseline?
    /// The version of the key that this run made, or why it could not.
    package private(set) var keyVersion: KeyVersionReceipt?

    package init() {}

    /// The number of the newest KMS change; 0 before the first.
    package var epoch: Int { changes.count }

    package var lastChange: KMSChange? { changes.last }

    /// Evidence of convergence for the newest KMS change.
    package var currentConvergence: ConvergenceReceipt? { convergence.last { $0.epoch == epoch } }

    /// The same, if the cluster still is what it was when the evidence was taken.
    package func convergence(at eTag: String) -> ConvergenceReceipt? {
        currentConvergence.flatMap { $0.eTag == eTag ? $0 : nil }
    }

    /// The newest pass of a kind since the newest KMS change.
    package func pass(_ kind: RewritePurpose) -> PassReceipt? {
        passes.last { $0.kind == kind && $0.epoch == epoch }
    }

    /// The same, if the cluster still is what it was when the pass was made.
    package func pass(_ kind: RewritePurpose, at eTag: String) -> PassReceipt? {
        pass(kind).flatMap { $0.eTag == eTag ? $0 : nil }
    }

    package var othersChanged: Bool { changes.contains { $0.outcome == .byOthers } }

    /// Whether anything was changed, or was about to be.
    package var hasBegun: Bool { !changes.isEmpty || !vaultChanges.isEmpty || keyVersion?.keyID != nil }

    /// Whether anything may have been changed: Azure refused or put off whatever else was tried.
    package var mayHaveChangedAnything: Bool {
        changes.contains(where: \.mayHaveBegun) || !vaultChanges.isEmpty || keyVersion?.keyID != nil
    }

    /// Whether KMS may have been off at any time since the run began, by its own hand or others': only a refusal says
    /// that it was not.
    package var mayHaveBeenOff: Bool {
        changes.contains { $0.mayHaveBegun && (!$0.profile.encrypts || $0.fromOff == true) }
    }

    /// Whether KMS was turned off by this run at any time, as far as ARM took the change.
    package var wasOff: Bool {
        changes.contains { !$0.profile.encrypts && ($0.outcome == .accepted || $0.outcome == .succeeded) }
    }
}

extension Receipts {
    private mutating func next() -> Int {
        sequence += 1
        return sequence
    }

    /// A KMS change is about to be sent. Recorded first, so that an answer that is lost leaves a trace.
    ///
    /// - Parameter before: what ARM shows.
    package mutating func changeSent(_ profile: KMSProfile, from before: KMSProfile? = nil, at time: Double) {
        rebase(from: before, to: profile)
        var change = KMSChange(profile: profile, sentAt: time, sequence: next())
        change.fromOff = before.flatMap { $0.encrypts ? nil : true }
        changes.append(change)
        soak = nil
        proof = nil
    }

    /// What became of the newest KMS change.
    package mutating func changeEnded(
        _ outcome: KMSChange.Outcome, because refusal: AzureRefusal? = nil, at time: Double
    ) {
        guard !changes.isEmpty else { return }
        changes[changes.count - 1].outcome = outcome
        changes[changes.count - 1].detail = refusal?.what ?? ""
        changes[changes.count - 1].refusal = refusal
        // With KMS off at the start, nobody knows how long ago: API servers may still have taken that since the
        // baseline.
        if baseline?.form == .plaintext, !changes.contains(where: \.mayHaveBegun) { forgetBaseline() }
        if outcome == .accepted { changes[changes.count - 1].acceptedAt = time }
        if outcome == .succeeded || outcome == .failed { changes[changes.count - 1].endedAt = time }
    }

    /// Nobody knows whether the newest KMS change began; what came instead of an answer.
    package mutating func changeLost(_ refusal: AzureRefusal) {
        if !changes.isEmpty { changes[changes.count - 1].refusal = refusal }
    }

    /// ARM took the newest KMS change.
    package mutating func changeAccepted(_ trace: AzureTrace, at time: Double) {
        changeEnded(.accepted, at: time)
        if !changes.isEmpty { changes[changes.count - 1].azure = trace }
    }

    /// Someone else changed the profile after our newest change had succeeded.
    package mutating func changedByOthers(_ profile: KMSProfile, at time: Double) {
        rebase(from: nil, to: profile)
        var change = KMSChange(profile: profile, sentAt: time, sequence: next())
        change.outcome = .byOthers
        changes.append(change)
        proof = nil
    }

    /// What a sampling brought, and the pass that was made during it.
    ///
    /// - Parameter since: the place in the order of receipts after which every API server had the profile, if there is
    ///   such a pass.
    package mutating func sampled(
        _ need: ConvergenceNeed, _ answer: ConvergenceAnswer, since: Int?, under profile: KMSProfile,
        at eTag: String = ""
    ) {
        guard let pass = answer.pass, pass.complete, answer.receipt.state == .converged else {
            return sampled(need, answer.receipt, under: profile, at: eTag)
        }
        sampled(need, answer.receipt, since: since, under: profile, at: eTag)
        passEnded(pass, at: eTag)
    }

    /// What a sampling brought.
    ///
    /// - Parameters:
    ///   - since: the place in the order of receipts since which it holds; nil for now.
    ///   - profile: what ARM shows; it tells the form of a baseline where that was not measured.
    ///   - eTag: the cluster's.
    package mutating func sampled(
        _ need: ConvergenceNeed, _ receipt: ConvergenceReceipt, since: Int? = nil, under profile: KMSProfile,
        at eTag: String = ""
    ) {
        silences = receipt.state == .silent ? silences + 1 : 0
        // Silence says nothing about the API servers, so it replaces no evidence.
        if receipt.state == .silent, silences < silencesAllowed {
            probes.merge(receipt.probes) { $1 }
            return
        }
        if need == .baseline, receipt.state == .converged {
            let told: StoredForm = profile.encrypts ? .encrypted : .plaintext
            baseline = ProbeBaseline(form: receipt.measured ?? told, keyID: profile.storageKey ?? "")
        } else if !receipt.formIsKnown {
            probes = [:]
            baseline = receipt.measured.map { ProbeBaseline(form: $0, keyID: profile.storageKey ?? "") }
            if baseline != nil {
                // From here on the form is known: what it shows of the API servers is sampled next.
                probes = receipt.probes
                return
            }
        }
        converged(receipt, since: since, at: eTag)
    }

    /// New evidence about the API servers. It renews older evidence of the same kind, and replaces any other.
    package mutating func converged(_ receipt: ConvergenceReceipt, since: Int? = nil, at eTag: String = "") {
        var receipt = receipt
        receipt.epoch = epoch
        receipt.eTag = eTag
        receipt.renewedAt = next()
        let lasting = receipt.state == .converged || receipt.state == .homogeneous
        if let previous = convergence(at: eTag), previous.state == receipt.state, lasting {
            receipt.since = previous.since
        } else {
            receipt.since = since ?? receipt.renewedAt
        }
        for (name, state) in receipt.probes { probes[name] = state }
        receipt.probes = [:]
        convergence.removeAll { [epoch] in $0.epoch == epoch }
        convergence.append(receipt)
    }

    /// Probes other than the sampled one were brought to the form that was proven.
    package mutating func aligned(_ moved: [String: ProbeState]) { probes.merge(moved) { $1 } }

    mutating func setBaseline(_ new: ProbeBaseline?, _ probes: [String: ProbeState]) {
        baseline = new
        self.probes = probes
    }

    private mutating func forgetBaseline() {
        baseline = nil
        probes = [:]
        convergence.removeAll { [epoch] in $0.epoch == epoch }
    }

    /// The API server answers again: what failed for want of it is tried anew.
    package mutating func silenceEnded() {
        incompletePasses = 0
        convergence.removeAll { [epoch] in $0.epoch == epoch && [.unavailable, .silent].contains($0.state) }
    }

    /// Takes a place in the order of receipts.
    package mutating func mark() -> Int { next() }

    /// Marks the start of a pass and returns its place in the order of receipts.
    package mutating func passBegins() -> Int { next() }

    /// - Parameter eTag: the cluster's when the pass began.
    package mutating func passEnded(_ receipt: PassReceipt, at eTag: String = "") {
        var receipt = receipt
        receipt.epoch = epoch
        receipt.eTag = eTag
        receipt.ended = next()
        incompletePasses = receipt.complete ? 0 : incompletePasses + 1
        passes.removeAll { [epoch] in $0.epoch == epoch && $0.kind == receipt.kind }
        // No resume goes on with a pass under another key: each would leave a list of all namespaces for nothing.
        passes = passes.map { [epoch] in $0.epoch == epoch ? $0 : $0.withoutFinished } + [receipt]
    }

    /// The same without the namespaces that interrupted passes had finished.
    package var withoutFinished: Receipts {
        var receipts = self
        receipts.passes = passes.map(\.withoutFinished)
        return receipts
    }

    /// - Parameter holds: whether a GET showed what was wanted; nil when that is not known.
    package mutating func vaultChanged(
        to setting: VaultSetting, readBack: VaultAccess?, holds: Bool? = nil, because refusal: AzureRefusal? = nil,
        at time: Double
    ) {
        vaultChanges.append(
            VaultChange(
                wanted: setting, readBack: readBack, holds: holds, refusal: refusal, at: time, sequence: next()))
        if setting.narrows { soak = nil }
        proof = nil
    }

    /// A version of the key was made, or not. On the new KMS experience API servers take it by and by: what was seen of
    /// them before says nothing of it.
    package mutating func keyVersionMade(_ receipt: KeyVersionReceipt, isTakenByAzure: Bool) {
        keyVersion = receipt
        guard receipt.keyID != nil, isTakenByAzure else { return }
        convergence.removeAll { [epoch] in $0.epoch == epoch }
        passes.removeAll { [epoch] in $0.epoch == epoch }
        baseline?.versionsSince += 1
        proof = nil
    }

    /// A person asked to go on: what was refused, unproven or failed before is tried anew. Evidence that no eTag ties
    /// to the cluster as it was does not outlast the process that took it.
    package mutating func resumed() {
        turnedBack = nil
        incompletePasses = 0
        silences = 0
        dropEvidence { $0.isEmpty }
        attemptsFrom = changes.count
        vaultAttemptsFrom = vaultChanges.count
        if soak?.result == .failed { soak = nil }
        if proof?.passed == false { proof = nil }
        if keyVersion?.keyID == nil { keyVersion = nil }
        convergence.removeAll { [epoch] in $0.epoch == epoch && $0.state != .converged }
        passes.removeAll { [epoch] in $0.epoch == epoch && $0.complete && !$0.isClean(accepting: []) }
    }

    /// - Parameter eTag: the cluster's, as it was seen before.
    package mutating func soaked(_ receipt: SoakReceipt, at eTag: String = "") {
        soak = receipt
        soak?.eTag = eTag
    }

    /// - Parameter eTag: the cluster's, as it was seen before.
    package mutating func proved(_ receipt: ProofReceipt, at eTag: String = "") {
        proof = receipt
        proof?.eTag = eTag
    }

    package mutating func finished() { completed = true }

    /// The target is given up: from here on the way goes back to encrypted and readable.
    package mutating func turnBack(because reason: String) {
        turnedBack = reason
        proof = nil
    }

    /// What may be taken from a record that others can write: what was tried, as a hint. Nothing that is claimed.
    package var hints: Receipts {
        var hints = Receipts()
        hints.changes = changes
        hints.vaultChanges = vaultChanges
        hints.sequence = sequence
        hints.resumed()
        return hints
    }

    private mutating func dropEvidence(_ isVoid: (String) -> Bool) {
        convergence.removeAll { [epoch] in $0.epoch == epoch && isVoid($0.eTag) }
        passes.removeAll { isVoid($0.eTag) }
        if proof.map({ isVoid($0.eTag) }) == true { proof = nil }
        if let passed = soak, passed.result == .passed, isVoid(passed.eTag) { soak = nil }
    }
}

/// The samplings in a row that may end in silence before the state of the API servers is called unknown.
let silencesAllowed = 5
