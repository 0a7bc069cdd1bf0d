import Azure

/// Observes, asks `nextStep`, does that step, records what came of it, and looks again. It knows no order of steps.
package struct SwitchRunner: Sendable {
    package private(set) var intent: Intent
    package private(set) var receipts: Receipts
    private let ports: any SwitchPorts
    /// Seconds that a run may wait for one and the same thing.
    private let longestWait: Double
    /// What preflight answered since the newest other step.
    private var checks: [CheckedStep: CheckAnswer] = [:]
    /// What admission said to a rewrite of every Secret; nil before it was asked.
    private var admission: CheckAnswer?
    /// New samples that were taken while Azure worked on the newest change.
    private var row: SampleRow?
    /// Why the run gave up its target; `receipts.turnedBack` has it in words.
    private var turnedBack: StopReason?

    package struct Result: Sendable {
        /// With the version of the key that the run made, if it made one.
        package let intent: Intent
        package let ending: Ending
        package let seen: Observation
        package let exitCode: ExitCode
        package let secretsAtRest: SecretsAtRest

        /// Whether nothing is left to go on with: the job is done or given up, or it never began.
        package var isOver: Bool {
            switch ending {
            case .finished, .turnedBack: true
            case .stopped, .interrupted: !seen.receipts.hasBegun
            }
        }
    }

    /// - Parameter admission: what it said to whoever asked before the run; nil where the run is to ask it.
    package init(
        intent: Intent, receipts: Receipts, ports: any SwitchPorts, longestWait: Double, admission: CheckAnswer? = nil
    ) {
        self.intent = intent
        self.receipts = receipts
        self.ports = ports
        self.longestWait = longestWait
        self.admission = admission
    }

    /// The intent as the steps now follow it.
    private var acting: Intent {
        var acting = intent
        if receipts.turnedBack != nil { acting.purpose = .makeSafe }
        return acting
    }

    /// Runs until the job is done, stopped or interrupted. The record is on disk before this returns.
    package mutating func run() async -> Result {
        let ending: Ending
        var last: Observation?
        do {
            (ending, last) = try await loop()
        } catch {
            ending = .interrupted(error.description)
        }
        switch ending {
        case .finished, .turnedBack: receipts.finished()
        case .stopped, .interrupted: break
        }
        try? await ports.save(intent, receipts)
        // A loop that was interrupted may have acted since it looked.
        var seen: Observation
        if let last { seen = last } else { seen = await ports.observe(acting, receipts) }
        seen.receipts = receipts
        return Result(
            intent: intent, ending: ending, seen: seen, exitCode: ModeSwitch.exitCode(ending, intent, seen),
            secretsAtRest: ModeSwitch.secretsAtRest(intent, seen))
    }

    /// - Returns: how it ended, and the look on which that was decided when nothing was done since.
    private mutating func loop() async throws(RunInterrupted) -> (Ending, Observation?) {
        var waitingSince: Double?
        // A check is itself a look at all that it asks about: what was seen before it still holds.
        var checked: Observation?
        while true {
            if let reason = ports.interruption() { return (.interrupted(reason), nil) }
            var seen = try await look(after: checked)
            checked = nil
            seen.checks = checks
            seen.admission = admission
            seen.patienceIsOver = waitingSince.map { ports.now() - $0 > longestWait } ?? false
            let step = nextStep(intent, seen)
            await ports.took(acting, step, seen)
            if case .wait(let reason) = step {
                waitingSince = waitingSince ?? ports.now()
                if seen.patienceIsOver { return (.interrupted("waited too long: \(reason)"), seen) }
                checks = [:]
                await wait(reason)
                continue
            }
            if case .check(let name) = step {
                let answer = await ports.check(name, acting)
                if name == .admission {
                    // It takes minutes: what was seen before it is old.
                    admission = answer
                } else {
                    checks[name] = answer
                    checked = seen
                }
                continue
            }
            waitingSince = nil
            checks = [:]
            switch step {
            case .finish: return (turnedBack.map(Ending.turnedBack) ?? .finished, seen)
            case .stop(let reason): return (.stopped(reason), seen)
            default: try await perform(step, seen)
            }
        }
    }

    private mutating func look(after checked: Observation?) async throws(RunInterrupted) -> Observation {
        if let checked { return checked }
        var seen = await ports.observe(acting, receipts)
        if receipts.settle(seen.cluster, at: ports.now()) {
            if receipts.lastChange?.outcome != .succeeded { row = nil }
            try await save()
        }
        seen.receipts = receipts
        return seen
    }

    private mutating func wait(_ reason: WaitReason) async {
        let early = await ports.wait(reason, sampling: earlySampling(reason))
        if let early {
            receipts.aligned(early.probes)
            row = early.row
        }
        if reason == .apiServerSilent { receipts.silenceEnded() }
    }

    /// While Azure works on a change of ours, API servers take it one after the other: the row of samples that shows it
    /// may begin then.
    private func earlySampling(_ reason: WaitReason) -> EarlySampling? {
        guard case .operation = reason, let change = receipts.lastChange, change.mayHaveBegun,
            let expected = receipts.baseline?.expected(under: change.profile), !receipts.probes.isEmpty
        else { return nil }
        return EarlySampling(
            probes: receipts.probes, expected: expected, replicas: receipts.convergence.last?.replicas, row: row)
    }

    private mutating func perform(_ step: Step, _ seen: Observation) async throws(RunInterrupted) {
        let eTag = seen.cluster.eTag
        switch step {
        case .change(let profile): try await change(to: profile, from: seen.cluster.kms)
        case .converge(let need): try await converge(need, seen)
        case .rewrite(let kind): try await rewrite(kind, at: eTag)
        case .openVault: try await setVault(.open)
        case .closeVault: try await setVault(.closed)
        case .trustServices: try await setVault(.trustServices)
        case .denyNetworks: try await setVault(.denyNetworks)
        case .allowNetworks: try await setVault(.allowNetworks)
        case .makeKeyVersion: try await makeKeyVersion()
        case .soak: receipts.soaked(await ports.soak(intent), at: eTag)
        case .prove: receipts.proved(await ports.prove(acting, receipts), at: eTag)
        case .turnBack(let reason): turnBack(reason)
        case .wait, .check, .stop, .finish: break
        }
        try await save()
    }

    private mutating func turnBack(_ reason: StopReason) {
        turnedBack = reason
        receipts.turnBack(because: "\(reason)")
    }

    /// Once Secrets may be plaintext, a disk that refuses ends the way to the target, and not the way back to safety.
    private mutating func save() async throws(RunInterrupted) {
        do { try await ports.save(intent, receipts) } catch {
            guard ports.interruption() == nil, intent.turnsBack, intent.options.onFailure == .makeSafe,
                receipts.mayHaveBeenOff, receipts.epoch > 0
            else { throw error }
            if receipts.turnedBack == nil { turnBack(.recordUnwritable(error.description)) }
        }
    }

    private mutating func change(to profile: KMSProfile, from before: KMSProfile) async throws(RunInterrupted) {
        try await ports.holdLock()
        row = nil
        receipts.changeSent(profile, from: before, at: ports.now())
        try await save()
        switch await ports.change(intent, to: profile) {
        case .accepted(let trace): receipts.changeAccepted(trace, at: ports.now())
        case .refused(let refusal):
            guard let seconds = refusal.pause else {
                receipts.changeEnded(.refused, because: refusal, at: ports.now())
                return
            }
            receipts.changeEnded(.deferred, because: refusal, at: ports.now())
            try await save()
            await ports.pause(seconds: seconds)
        case .lost(let refusal):
            receipts.changeLost(refusal)
            // ARM may begin a moment after the connection broke: looking at once could mistake that for "no effect".
            await ports.pause(seconds: 5)
        }
    }

    private mutating func converge(_ need: ConvergenceNeed, _ seen: Observation) async throws(RunInterrupted) {
        let cluster = seen.cluster
        let early = encryptsEarly(need, acting, seen) ? (since: receipts.mark(), began: receipts.passBegins()) : nil
        let sampling = { @Sendable [ports, receipts, row] in
            await ports.converge(
                need, probes: receipts.probes, expected: receipts.baseline?.expected(under: cluster.kms),
                replicas: receipts.convergence.last?.replicas, row: row, encryptingFrom: early?.began)
        }
        let answer: ConvergenceAnswer
        if need == .baseline, triesAdmission(acting, seen) {
            guard let sampled = await sampledWhileTrying(sampling) else { return }
            answer = sampled
        } else {
            answer = await sampling()
        }
        row = nil
        guard ports.interruption() == nil || answer.receipt.state == .converged else { return }
        receipts.sampled(need, answer, since: early?.since, under: cluster.kms, at: cluster.eTag)
        guard receipts.convergence(at: cluster.eTag)?.state == .converged else { return }
        // The sampled probe is on record before the others move: at any moment the form of one is known.
        try await save()
        receipts.aligned(await ports.align(receipts.probes))
    }

    /// Samples while admission is asked about every Secret: neither needs the other, and both come before the first
    /// change. Where one ends the run, the other is cancelled.
    ///
    /// - Returns: nil where admission ended it: samples that were cut off tell nothing.
    private mutating func sampledWhileTrying(
        _ sampling: @escaping @Sendable () async -> ConvergenceAnswer
    ) async -> ConvergenceAnswer? {
        let (ports, intent) = (ports, acting)
        return await withTaskGroup(of: Beside.self) { group in
            group.addTask { .tried(await ports.check(.admission, intent)) }
            group.addTask { .sampled(await sampling()) }
            for await side in group {
                switch side {
                case .tried(let answer):
                    admission = answer
                    guard answer == .clear else {
                        group.cancelAll()
                        return nil
                    }
                    for await case .sampled(let answer) in group { return answer }
                case .sampled(let answer):
                    if answer.receipt.state != .converged, !intent.options.acceptUnprovenConvergence {
                        group.cancelAll()
                        return answer
                    }
                    for await case .tried(let tried) in group { admission = tried }
                    return admission == .clear ? answer : nil
                }
            }
            return nil
        }
    }

    private enum Beside: Sendable {
        case tried(CheckAnswer)
        case sampled(ConvergenceAnswer)
    }

    /// The intent names the version from then on: a resume makes no other.
    private mutating func makeKeyVersion() async throws(RunInterrupted) {
        try await ports.holdLock()
        try await save()
        let made = await ports.makeKeyVersion(intent)
        receipts.keyVersionMade(made, isTakenByAzure: intent.newKey != nil)
        if let key = made.keyID { intent.keyID = key }
    }

    private mutating func setVault(_ setting: VaultSetting) async throws(RunInterrupted) {
        try await ports.holdLock()
        try await save()
        let answer = await ports.setVault(intent, to: setting)
        receipts.vaultChanged(
            to: setting, readBack: answer.readBack, holds: answer.holds, because: answer.refusal, at: ports.now())
        if let refusal = answer.refusal, !refusal.kind.isFinal {
            await ports.pause(seconds: min(refusal.retryAfter ?? 10, 300))
        }
    }

    private mutating func rewrite(_ kind: RewritePurpose, at eTag: String) async throws(RunInterrupted) {
        // What an interrupted pass finished counts only if the API servers have not changed sides since it began.
        let evidence = receipts.convergence(at: eTag)
        let since = evidence?.since ?? 0
        let interrupted = receipts.pass(kind, at: eTag).flatMap { !$0.complete && $0.began > since ? $0 : nil }
        let began = interrupted?.began ?? receipts.passBegins()
        let pass = await ports.rewrite(
            kind, resuming: interrupted, began: began, isBracketed: evidence?.state == .converged)
        receipts.passEnded(pass, at: eTag)
    }
}
