package import SecretRewrite

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
    /// Changes before this index belong to earlier tries: a resume gives ARM and the vault a new chance.
    package private(set) var attemptsFrom = 0
    package private(set) var vaultAttemptsFrom = 0
    /// Probe Secrets by name, as they were left: set by the baseline, and moved on by each sampling.
    package private(set) var probes: [String: ProbeState] = [:]
    /// Nil while the probes' form is not known.
    package private(set) var baseline: ProbeBaseline?

    package init() {}

    /// The number of the newest KMS change; 0 before the first.
    package var epoch: Int { changes.count }

    package var lastChange: KMSChange? { changes.last }

    /// Evidence of convergence for the newest KMS change.
    package var currentConvergence: ConvergenceReceipt? { convergence.last { $0.epoch == epoch } }

    /// The newest pass of a kind since the newest KMS change.
    package func pass(_ kind: RewritePurpose) -> PassReceipt? {
        passes.last { $0.kind == kind && $0.epoch == epoch }
    }

    package var othersChanged: Bool { changes.contains { $0.outcome == .byOthers } }

    /// Whether anything was changed, or was about to be.
    package var hasBegun: Bool { !changes.isEmpty || !vaultChanges.isEmpty }

    /// Whether this run may have turned KMS off at any time: only a refusal says that it did not.
    package var mayHaveBeenOff: Bool {
        changes.contains { !$0.profile.enabled && $0.mayHaveBegun }
    }

    /// Whether KMS was turned off by this run at any time, as far as ARM took the change.
    package var wasOff: Bool {
        changes.contains { !$0.profile.enabled && ($0.outcome == .accepted || $0.outcome == .succeeded) }
    }
}

extension Receipts {
    private mutating func next() -> Int {
        sequence += 1
        return sequence
    }

    /// A KMS change is about to be sent. Recorded first, so that an answer that is lost leaves a trace.
    package mutating func changeSent(_ profile: KMSProfile, at time: Double) {
        changes.append(KMSChange(profile: profile, sentAt: time, sequence: next()))
        soak = nil
        proof = nil
    }

    /// What became of the newest KMS change.
    package mutating func changeEnded(_ outcome: KMSChange.Outcome, detail: String = "", at time: Double) {
        guard !changes.isEmpty else { return }
        changes[changes.count - 1].outcome = outcome
        changes[changes.count - 1].detail = detail
        // With KMS off at the start, nobody knows how long ago: API servers may still have taken that since the baseline.
        if baseline?.form == .plaintext, !changes.contains(where: \.mayHaveBegun) { forgetBaseline() }
        if outcome == .accepted { changes[changes.count - 1].acceptedAt = time }
        if outcome == .succeeded || outcome == .failed { changes[changes.count - 1].endedAt = time }
    }

    /// Someone else changed the profile after our newest change had succeeded.
    package mutating func changedByOthers(_ profile: KMSProfile, at time: Double) {
        var change = KMSChange(profile: profile, sentAt: time, sequence: next())
        change.outcome = .byOthers
        changes.append(change)
        proof = nil
    }

    /// What a sampling brought.
    ///
    /// - Parameter profile: what ARM shows; it tells the form of a baseline where that was not measured.
    package mutating func sampled(_ need: ConvergenceNeed, _ receipt: ConvergenceReceipt, under profile: KMSProfile) {
        if need == .baseline, receipt.state == .converged {
            let told: StoredForm = profile.enabled ? .encrypted : .plaintext
            baseline = ProbeBaseline(form: receipt.measured ?? told, keyID: profile.keyID)
        } else if !receipt.formIsKnown {
            probes = [:]
            baseline = receipt.measured.map { ProbeBaseline(form: $0, keyID: profile.keyID) }
            if baseline != nil {
                // From here on the form is known: what it shows of the API servers is sampled next.
                probes = receipt.probes
                return
            }
        }
        converged(receipt)
    }

    /// New evidence about the API servers. It renews older evidence of the same kind, and replaces any other.
    package mutating func converged(_ receipt: ConvergenceReceipt) {
        var receipt = receipt
        receipt.epoch = epoch
        receipt.renewedAt = next()
        let lasting = receipt.state == .converged || receipt.state == .homogeneous
        if let previous = currentConvergence, previous.state == receipt.state, lasting {
            receipt.since = previous.since
        } else {
            receipt.since = receipt.renewedAt
        }
        for (name, state) in receipt.probes { probes[name] = state }
        receipt.probes = [:]
        convergence.removeAll { [epoch] in $0.epoch == epoch }
        convergence.append(receipt)
    }

    /// Probes other than the sampled one were brought to the form that was proven.
    package mutating func aligned(_ moved: [String: ProbeState]) { probes.merge(moved) { $1 } }

    private mutating func forgetBaseline() {
        baseline = nil
        probes = [:]
        convergence.removeAll { [epoch] in $0.epoch == epoch }
    }

    /// Marks the start of a pass and returns its place in the order of receipts.
    package mutating func passBegins() -> Int { next() }

    package mutating func passEnded(_ receipt: PassReceipt) {
        var receipt = receipt
        receipt.epoch = epoch
        receipt.ended = next()
        passes.removeAll { [epoch] in $0.epoch == epoch && $0.kind == receipt.kind }
        passes.append(receipt)
    }

    package mutating func vaultChanged(to access: VaultAccess, readBack: VaultAccess?, at time: Double) {
        vaultChanges.append(VaultChange(wanted: access, readBack: readBack, at: time, sequence: next()))
        if access == .disabled { soak = nil }
        proof = nil
    }

    /// A person asked to go on: what was refused, unproven or failed before is tried anew.
    package mutating func resumed() {
        attemptsFrom = changes.count
        vaultAttemptsFrom = vaultChanges.count
        if soak?.result == .failed { soak = nil }
        if proof?.passed == false { proof = nil }
        convergence.removeAll { [epoch] in $0.epoch == epoch && $0.state != .converged }
        passes.removeAll { [epoch] in $0.epoch == epoch && $0.complete && !$0.isClean(accepting: []) }
    }

    package mutating func soaked(_ receipt: SoakReceipt) { soak = receipt }
    package mutating func proved(_ receipt: ProofReceipt) { proof = receipt }
    package mutating func finished() { completed = true }
}

/// One PUT of the managedCluster's KMS profile.
package struct KMSChange: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable, Hashable {
        /// Sent; no answer has been seen.
        case sent
        /// ARM took it and works on it.
        case accepted
        case succeeded
        /// ARM took it and its operation failed.
        case failed
        /// Not ours: ARM shows a profile that this run did not ask for. All evidence before it is void.
        case byOthers
        /// ARM answered that it is busy or that the cluster had changed; nothing began.
        case deferred
        /// ARM answered with an error that waiting does not mend; nothing began.
        case refused
    }

    package var profile: KMSProfile
    package var outcome: Outcome = .sent
    package var detail = ""
    /// Seconds since 1970.
    package var sentAt: Double
    package var acceptedAt: Double?
    package var endedAt: Double?
    package var sequence: Int

    /// Whether ARM may have worked on it: only its own words say that it did not.
    package var mayHaveBegun: Bool { outcome != .refused && outcome != .deferred }

    package init(profile: KMSProfile, sentAt: Double, sequence: Int) {
        self.profile = profile
        self.sentAt = sentAt
        self.sequence = sequence
    }
}

package struct VaultChange: Sendable, Codable, Hashable {
    package var wanted: VaultAccess
    /// What a GET showed afterwards; nil when the PATCH or the GET had no answer.
    package var readBack: VaultAccess?
    package var at: Double
    package var sequence: Int
}

/// What a pass over all Secrets is for, in the order of the job.
package enum RewritePurpose: String, Sendable, Codable, Hashable {
    /// Rewrites after KMS went off, or after a failed change.
    case rewrite
    /// Patches until every Secret is settled.
    case verify
    /// Proves that all Secrets are on the present key, before another key is named.
    case beforeKeyChange
    /// The runbook's best-effort pass after a failed ARM update.
    case repair
}

/// The sum of one pass over all Secrets.
package struct PassReceipt: Sendable, Codable, Hashable {
    package var kind: RewritePurpose
    package var total: Int
    package var rewritten: Int
    package var current: Int
    package var gone: Int
    package var failures: [FailureClass: Int]
    /// Whether every namespace and page was seen to its end.
    package var complete: Bool
    /// What had been finished when the pass was interrupted, for the resume; empty in a complete pass.
    package var finished: [NamespaceReceipt]
    package var startedAt: Double
    package var endedAt: Double
    /// Places in the order of receipts.
    package var began: Int
    package var ended = 0
    package var epoch = 0

    package init(
        kind: RewritePurpose, total: Int = 0, rewritten: Int = 0, current: Int = 0, gone: Int = 0,
        failures: [FailureClass: Int] = [:], complete: Bool, finished: [NamespaceReceipt] = [], startedAt: Double = 0,
        endedAt: Double = 0, began: Int
    ) {
        self.kind = kind
        self.total = total
        self.rewritten = rewritten
        self.current = current
        self.gone = gone
        self.failures = failures
        self.complete = complete
        self.finished = finished
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.began = began
    }

    /// Whether all of it succeeded, but for failures of the accepted classes.
    package func isClean(accepting accepted: Set<FailureClass>) -> Bool {
        let tolerated = accepted.intersection(FailureClass.acceptable)
        return complete && failures.allSatisfy { $0.value == 0 || tolerated.contains($0.key) }
    }
}

package struct SoakReceipt: Sendable, Codable, Hashable {
    package enum Result: String, Sendable, Codable, Hashable {
        case passed
        case failed
        /// It was cut off before its time.
        case interrupted
    }

    package var result: Result
    package var writes: Int
    package var seconds: Double
    /// Seconds after which Key Vault was seen to turn the public network away; nil when it was not.
    package var closedSeenAt: Double?
    /// Why it failed, or what a watch that ended well does not prove.
    package var detail: String

    package init(
        result: Result, writes: Int = 0, seconds: Double = 0, closedSeenAt: Double? = nil, detail: String = ""
    ) {
        self.result = result
        self.writes = writes
        self.seconds = seconds
        self.closedSeenAt = closedSeenAt
        self.detail = detail
    }
}

package struct ProofReceipt: Sendable, Codable, Hashable {
    package struct Item: Sendable, Codable, Hashable {
        package enum Verdict: String, Sendable, Codable, Hashable {
            case passed
            case failed
            case notAvailable = "not available"
            /// To be looked at, and no reason to doubt that the job is done.
            case warning
        }

        package var id: String
        package var verdict: Verdict
        package var detail: String

        package init(id: String, verdict: Verdict, detail: String) {
            self.id = id
            self.verdict = verdict
            self.detail = detail
        }
    }

    package var items: [Item]

    package init(items: [Item]) { self.items = items }

    package var passed: Bool {
        items.contains { $0.verdict == .passed } && !items.contains { $0.verdict == .failed }
    }
}
