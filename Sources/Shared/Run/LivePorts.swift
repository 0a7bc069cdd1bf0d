import Azure
import AzureResources
import Connections
import FoundationEssentials
import HTTP
import Journal
import KubeAPI
import ModeSwitch
import Preflight
import Report
import SecretRewrite
import Synchronization

/// The edges of a run: Azure, the cluster, the disk, the clock.
final class LivePorts: SwitchPorts {
    let arm: ARMClient
    let kube: KubeClient
    let observer: LiveObserver
    let door: VaultDoor
    let keyVersions: KeyVersions
    let sampler: ConvergenceSampler
    let passes: SecretPasses
    let journal: RunJournal
    let lock: RunLock
    let interruptions: Interruption
    let sink: any EventSink
    let timeScale: Double
    let operationTimeout: Double
    let probeNames: [String]
    let time: Clocks
    /// Nil where this program rewrites by itself.
    let engine: MigrationEngine?
    /// Asks preflight about a step.
    private let checking: @Sendable (CheckedStep, Intent) async -> CheckAnswer
    /// What preflight read of the API servers' metrics a moment ago.
    private let metricsBefore: @Sendable () async -> [ServerMetrics]
    private let memory = Mutex(Memory())

    /// What is known only as long as the process lives, and only makes it quicker or its words better.
    private struct Memory {
        var operation: OperationURL?
        /// The newest refusal of Azure, or failure of its operation, since it took an update.
        var lastRefusal: AzureRefusal?
        var isFirstSave = true
        var lockLost: String?
        var kept = KeptSettings()
        /// The hash of the key with which all API servers encrypted before the first change, as their metrics tell it.
        var keyBefore: String?
        /// Subscriptions that could not be searched for other users of the vault, of which a person was told.
        var toldUnsearched: Set<String> = []
        /// Whether the run goes back to safety, whatever it began as.
        var makesSafe = false
    }

    init(
        arm: ARMClient, kube: KubeClient, observer: LiveObserver, door: VaultDoor, keyVersions: KeyVersions,
        sampler: ConvergenceSampler,
        passes: SecretPasses, journal: RunJournal, lock: RunLock, interruptions: Interruption, sink: any EventSink,
        timeScale: Double,
        operationTimeout: Double, probeNames: [String], time: Clocks, engine: MigrationEngine? = nil,
        metricsBefore: @escaping @Sendable () async -> [ServerMetrics] = { [] },
        checking: @escaping @Sendable (CheckedStep, Intent) async -> CheckAnswer
    ) {
        self.arm = arm
        self.kube = kube
        self.observer = observer
        self.door = door
        self.keyVersions = keyVersions
        self.sampler = sampler
        self.passes = passes
        self.journal = journal
        self.lock = lock
        self.interruptions = interruptions
        self.sink = sink
        self.timeScale = timeScale
        self.operationTimeout = operationTimeout
        self.probeNames = probeNames
        self.time = time
        self.engine = engine
        self.metricsBefore = metricsBefore
        self.checking = checking
    }

    func observe(_ intent: Intent, _ receipts: Receipts) async -> Observation {
        let closing =
            intent.closesVault && (receipts.pass(.verify) != nil || intent.strategy == .closeVaultFirst)
        let seen = await observer.observe(receipts, lastRefusal: memory.withLock { $0.lastRefusal }, closing: closing)
        if closing { tellUnsearched(await observer.looks.unsearched) }
        if let cluster = await observer.looks.latest, let gone = memory.withLock({ $0.kept.look(cluster) }),
            !gone.isEmpty
        {
            sink.take(
                .warning("after the update Azure no longer shows these settings: \(gone.joined(separator: ", "))"))
        }
        return seen
    }

    /// "Not looked" is not "none": whoever closes the vault is told once where nobody could look.
    private func tellUnsearched(_ subscriptions: [String]) {
        let new = memory.withLock { memory in
            defer { memory.toldUnsearched.formUnion(subscriptions) }
            return subscriptions.filter { !memory.toldUnsearched.contains($0) }
        }
        guard !new.isEmpty else { return }
        sink.take(
            .warning("other clusters that use the vault were not looked for in: \(new.joined(separator: ", "))"))
    }

    /// What the API servers' own metrics say of the key, beside the probes.
    func provenKey(_ intent: Intent, _ receipts: Receipts) async -> ProofReceipt.Item {
        let witness = await LiveKeyWitness.gather(kube)
        let before = memory.withLock { $0.keyBefore }
        let expected: LiveKeyWitness.Expectation =
            before.map { intent.keepsStoredKey ? .same(as: $0) : intent.leavesStoredKey ? .other(than: $0) : .any }
            ?? .any
        return witness.judge(expected, since: receipts.currentConvergence?.at)
    }

    /// What became of the cluster's other settings.
    var kept: KeptSettings { memory.withLock { $0.kept } }

    func wait(_ reason: WaitReason, sampling: EarlySampling?) async -> EarlySamples? {
        await observer.looks.forgetRest()
        switch reason {
        case .operation:
            guard let sampling else {
                await waitForOperation()
                return nil
            }
            return await sampler.sample(sampling) { await self.waitForOperation() }
        case .armUnreadable(let why):
            sink.take(.warning("Azure cannot be read at the moment: \(why)"))
            await pause(seconds: 10)
        case .privateEndpointApproval, .apiServerSilent, .check: await pause(seconds: 15)
        case .nodePools: await pause(seconds: 30)
        }
        return nil
    }

    func check(_ step: CheckedStep, _ intent: Intent) async -> CheckAnswer { await checking(step, intent) }

    private func waitForOperation() async {
        guard let operation = memory.withLock({ $0.operation.take() }) else {
            await pause(seconds: 10)
            return
        }
        // A signal cuts the wait short; the operation itself goes on in Azure.
        let outcome = await first(
            of: { [arm, sink, operationTimeout, timeScale] () async -> OperationOutcome? in
                await arm.wait(for: operation, timeout: operationTimeout * timeScale) { progress in
                    sink.take(
                        .operation(stage: progress.stage, elapsed: progress.elapsed, trouble: progress.trouble))
                }
            },
            or: { [interruptions] in
                await interruptions.stop.wait()
                return nil
            })
        switch outcome {
        case .failed(let error)?, .canceled(let error)?:
            memory.withLock { $0.lastRefusal = refusal(error) }
        case .unknown(let doubt)?:
            sink.take(.warning("the operation's outcome is not known: \(doubt)"))
            await pause(seconds: 5)
        case .succeeded?, .gone?, nil: break
        }
    }

    func pause(seconds: Double) async {
        await observer.looks.forgetRest()
        await interruptions.sleep(seconds * timeScale)
    }

    func holdLock() async throws(RunInterrupted) { try await lock.confirm() }

    func save(_ intent: Intent, _ receipts: Receipts) async throws(RunInterrupted) {
        let first = memory.withLock { memory in
            defer { memory.isFirstSave = false }
            return memory.isFirstSave
        }
        // Once something was changed, the disk's copy must do: nothing may keep a run from mending what it began.
        let demand = first && receipts.epoch == 0 && intent.purpose != .makeSafe
        let record = SwitchRecord(intent: intent, receipts: receipts)
        // The cluster's copy belongs to whoever holds the lock: they may have finished the run meanwhile.
        if let loss = await lock.lossSeenNow() {
            memory.withLock { $0.lockLost = loss }
            try await journal.saveToDisk(record)
            throw RunInterrupted(loss)
        }
        try await journal.save(record, demandCluster: demand)
    }

    func converge(
        _ need: ConvergenceNeed, probes: [String: ProbeState], expected: ProbeState.Form?, replicas: Int?,
        row: SampleRow?, encryptingFrom began: Int?
    ) async -> ConvergenceAnswer {
        if need == .baseline {
            async let witness = LiveKeyWitness.gather(kube, after: await metricsBefore())
            let receipt = await sampler.baseline(probeNames)
            let key = await witness.commonKey
            memory.withLock { $0.keyBefore = $0.keyBefore ?? key }
            return ConvergenceAnswer(receipt)
        }
        guard let expected, !probes.isEmpty else {
            return ConvergenceAnswer(await sampler.unknownForm(probeNames))
        }
        // The engine is asked only after the proof that this sampling is for.
        let pass = (usesEngine ? nil : began).map { began in
            { @Sendable [passes, sink] in
                sink.take(.note("Rewriting Secrets (now encrypted) while API servers are still watched"))
                return await passes.run(.rewrite, resuming: nil, began: began, isBracketed: false)
            }
        }
        return await sampler.converge(need, probes, expected: expected, replicas: replicas, row: row, pass: pass)
    }

    func align(_ probes: [String: ProbeState]) async -> [String: ProbeState] { await sampler.align(probes) }

    func rewrite(
        _ kind: RewritePurpose, resuming interrupted: PassReceipt?, began: Int, isBracketed: Bool
    ) async -> PassReceipt {
        if kind == .rewrite, isBracketed, let pass = await engineRewrite(began: began) { return pass }
        return await passes.run(kind, resuming: interrupted, began: began, isBracketed: isBracketed)
    }

    /// The way back to safety takes nobody's word and waits for nobody.
    var usesEngine: Bool { engine != nil && !memory.withLock { $0.makesSafe } }

    func took(_ intent: Intent, _ step: Step, _ seen: Observation) async {
        memory.withLock { $0.makesSafe = intent.purpose == .makeSafe }
        let restores = step.restores(intent, seen)
        await lock.tolerateSilence(restores)
        if restores, !seen.kubernetes.reachable {
            sink.take(.warning(RunJob.withoutLock("it was waited for")))
        }
        sink.take(.step(step, secretsAtRest(intent, seen)))
        sink.take(
            .trace(level: 4, "next step: \(step), because ARM shows \(seen.cluster.kms), \(seen.cluster.provisioning)"))
    }

    func now() -> Double { observer.now() }

    func interruption() -> String? { interruptions.reason ?? memory.withLock { $0.lockLost } }
}

extension Step {
    /// Whether it leads to encrypted and readable and to nothing else: Azure's If-Match is lock enough for it.
    fileprivate func restores(_ intent: Intent, _ seen: Observation) -> Bool {
        switch self {
        case .openVault: true
        case .change(let profile): intent.purpose == .makeSafe || (profile.encrypts && !seen.cluster.kms.encrypts)
        default: false
        }
    }
}

// MARK: - Changes

extension LivePorts {
    func change(_ intent: Intent, to profile: KMSProfile) async -> ChangeAnswer {
        let change = ClusterChange(
            arm: arm, clusterID: observer.clusterID, resourceUID: intent.resourceUID,
            hadLegacyKMS: intent.original.enabled && !intent.original.isNew)
        do throws(ARMError) {
            switch try await change.send(profile, decidedOn: await observer.looks.decision) {
            case .notSent(let refusal): return .refused(refusal)
            case .sent(let sent):
                if !sent.hadCondition { sink.take(.note(KeptSettings.noCondition)) }
                memory.withLock {
                    $0.operation = sent.operation
                    $0.lastRefusal = nil
                    $0.kept.sent(sent, enabled: profile.enabled)
                }
                return .accepted(sent.trace)
            }
        } catch {
            let refusal = refusal(error)
            memory.withLock { $0.lastRefusal = refusal }
            return LivePorts.mayHaveBegun(error) ? .lost(refusal) : .refused(refusal)
        }
    }

    private func refusal(_ error: ARMError) -> AzureRefusal { AzureRefusal(error, correlationID: arm.correlationID) }

    /// Whether a PUT that ended so may have begun all the same.
    static func mayHaveBegun(_ error: ARMError) -> Bool {
        switch error.kind {
        case .lostAnswer, .serverUnavailable, .unreadableAnswer: true
        case .internalOperationError: (error.status ?? 0) >= 500
        default: false
        }
    }

    func setVault(_ intent: Intent, to setting: VaultSetting) async -> VaultAnswer {
        await observer.looks.forgetRest()
        guard let vaultID = intent.vaultID else { return VaultAnswer() }
        do {
            let vaults = Vaults(arm: arm)
            let vault =
                if let access = setting.access {
                    try await vaults.setPublicNetworkAccess(of: vaultID, to: access)
                } else {
                    try await vaults.setFirewall(of: vaultID, to: setting)
                }
            return VaultAnswer(readBack: vault.heldAccess, holds: vault.holds(setting))
        } catch {
            let refusal = refusal(error)
            sink.take(
                .warning(
                    "the vault's network access could not be set to \(setting.rawValue): \(error.what). \(error.advice)"
                )
            )
            // Without a final answer, only a look after a while tells what was done.
            guard refusal.kind.isFinal else { return VaultAnswer(refusal: refusal) }
            let vault = await observer.observeVault().vault
            return VaultAnswer(readBack: vault?.heldAccess, holds: vault?.holds(setting), refusal: refusal)
        }
    }

    func makeKeyVersion(_ intent: Intent) async -> KeyVersionReceipt {
        await observer.looks.forgetRest()
        guard let key = intent.keyID else {
            return KeyVersionReceipt(refusal: AzureRefusal(what: "no key is known"), at: now())
        }
        do {
            return KeyVersionReceipt(keyID: try await keyVersions.make(of: key), at: now())
        } catch {
            return KeyVersionReceipt(refusal: refusal(error), at: now())
        }
    }
}
