/// Observes, asks `nextStep`, does that step, records what came of it, and looks again. It knows no order of steps.
package struct SwitchRunner: Sendable {
    package let intent: Intent
    package private(set) var receipts: Receipts
    private let ports: any SwitchPorts
    /// Seconds that a run may wait for one and the same thing before it calls the state unknown.
    private let longestWait: Double

    package struct Result: Sendable {
        package let ending: Ending
        package let seen: Observation
        package let exitCode: ExitCode
        package let secretsAtRest: SecretsAtRest
    }

    package init(intent: Intent, receipts: Receipts, ports: any SwitchPorts, longestWait: Double) {
        self.intent = intent
        self.receipts = receipts
        self.ports = ports
        self.longestWait = longestWait
    }

    /// Runs until the job is done, stopped or interrupted. The record is on disk before this returns.
    package mutating func run() async -> Result {
        let ending: Ending
        do {
            ending = try await loop()
        } catch {
            ending = .interrupted(error.description)
        }
        if ending == .finished { receipts.finished() }
        try? await ports.save(intent, receipts)
        var seen = await ports.observe(intent, receipts)
        seen.receipts = receipts
        return Result(
            ending: ending, seen: seen, exitCode: ModeSwitch.exitCode(ending, intent, seen),
            secretsAtRest: ModeSwitch.secretsAtRest(intent, seen))
    }

    private mutating func loop() async throws(RunInterrupted) -> Ending {
        var waitingSince: Double?
        var incompletePasses = 0
        while true {
            if let reason = ports.interruption() { return .interrupted(reason) }
            var seen = await ports.observe(intent, receipts)
            if receipts.settle(seen.cluster, at: ports.now()) { try await ports.save(intent, receipts) }
            seen.receipts = receipts
            let step = nextStep(intent, seen)
            await ports.took(intent, step, seen)
            if case .wait(let reason) = step {
                let since = waitingSince ?? ports.now()
                waitingSince = since
                if ports.now() - since > longestWait { return .interrupted("waited too long: \(reason)") }
                await ports.wait(reason)
                continue
            }
            waitingSince = nil
            switch step {
            case .finish: return .finished
            case .stop(let reason): return .stopped(reason)
            case .rewrite(let kind):
                let complete = try await rewrite(kind)
                incompletePasses = complete ? 0 : incompletePasses + 1
                if incompletePasses >= 3 { return .stopped(.passIncomplete) }
            default: try await perform(step, seen.cluster.kms)
            }
        }
    }

    /// - Parameter kms: the profile that ARM shows.
    private mutating func perform(_ step: Step, _ kms: KMSProfile) async throws(RunInterrupted) {
        switch step {
        case .change(let profile): try await change(to: profile)
        case .converge(let need): try await converge(need, under: kms)
        case .openVault: try await setVault(.enabled)
        case .closeVault: try await setVault(.disabled)
        case .soak: receipts.soaked(await ports.soak(intent))
        case .prove: receipts.proved(await ports.prove(intent, receipts))
        case .wait, .rewrite, .stop, .finish: break
        }
        try await ports.save(intent, receipts)
    }

    private mutating func change(to profile: KMSProfile) async throws(RunInterrupted) {
        try await ports.holdLock()
        receipts.changeSent(profile, at: ports.now())
        try await ports.save(intent, receipts)
        switch await ports.change(intent, to: profile) {
        case .accepted: receipts.changeEnded(.accepted, at: ports.now())
        case .refused(let why): receipts.changeEnded(.refused, detail: why, at: ports.now())
        case .deferred(let why, let seconds):
            receipts.changeEnded(.deferred, detail: why, at: ports.now())
            try await ports.save(intent, receipts)
            await ports.pause(seconds: seconds)
        case .lost:
            // ARM may begin a moment after the connection broke: looking at once could mistake that for "no effect".
            await ports.pause(seconds: 5)
        }
    }

    private mutating func converge(_ need: ConvergenceNeed, under profile: KMSProfile) async throws(RunInterrupted) {
        let receipt = await ports.converge(
            need, probes: receipts.probes, expected: receipts.baseline?.expected(under: profile),
            replicas: receipts.convergence.last?.replicas)
        guard ports.interruption() == nil || receipt.state == .converged else { return }
        receipts.sampled(need, receipt, under: profile)
        guard receipts.currentConvergence?.state == .converged else { return }
        // The sampled probe is on record before the others move: at any moment the form of one is known.
        try await ports.save(intent, receipts)
        receipts.aligned(await ports.align(receipts.probes))
    }

    private mutating func setVault(_ access: VaultAccess) async throws(RunInterrupted) {
        try await ports.holdLock()
        try await ports.save(intent, receipts)
        let readBack = await ports.setVault(intent, to: access)
        receipts.vaultChanged(to: access, readBack: readBack, at: ports.now())
    }

    private mutating func rewrite(_ kind: RewritePurpose) async throws(RunInterrupted) -> Bool {
        // What an interrupted pass finished counts only if the API servers have not changed sides since it began.
        let since = receipts.currentConvergence?.since ?? 0
        let interrupted = receipts.pass(kind).flatMap { !$0.complete && $0.began > since ? $0 : nil }
        let began = interrupted?.began ?? receipts.passBegins()
        let pass = await ports.rewrite(kind, resuming: interrupted, began: began)
        receipts.passEnded(pass)
        try await ports.save(intent, receipts)
        return pass.complete
    }
}
