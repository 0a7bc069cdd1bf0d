import AzureAccount
import AzureResources
package import Console
import Files
import FoundationEssentials
import HTTP
import Journal
import KubeAPI
package import ModeSwitch
import SecretRewrite

/// A run from its first question to its report: switch, resume, make-safe.
package struct RunJob: Sendable {
    package let subject: Subject
    package let options: RunOptions
    let azure: AzureConnection
    let surroundings: Surroundings
    let interruptions: Interruption
    let runID: String

    package init(
        subject: Subject, options: RunOptions, azure: AzureConnection, surroundings: Surroundings,
        interruptions: Interruption, runID: String
    ) {
        self.subject = subject
        self.options = options
        self.azure = azure
        self.surroundings = surroundings
        self.interruptions = interruptions
        self.runID = runID
    }

    /// What a command found before it changed anything.
    package struct Prepared: Sendable {
        package var intent: Intent
        package var receipts: Receipts
        package var plan: SwitchPlan
        /// The job is done already: nothing has to be changed.
        package var isDone: Bool
        package var kmsIsOn: Bool
        /// Seconds since 1970 at which an earlier try opened the exposure window; nil when it is closed.
        package var exposedSince: Double?
    }

    // MARK: Preparing

    /// The intent and plan of a new switch. Refuses while another run is unfinished.
    package func prepareSwitch() async throws -> Prepared {
        try maker.refuseNewExperience()
        if let record = try await unfinished() {
            throw SubjectError(
                .refused, "run \(record.intent.runID) to \(record.intent.target.rawValue) is not finished",
                next: "kubectl kms-vault resume, or kubectl kms-vault make-safe")
        }
        let intent = try maker.switchIntent()
        return try await prepared(intent, Receipts())
    }

    /// The unfinished run, from this machine's disk or the cluster.
    package func prepareResume() async throws -> Prepared {
        try maker.refuseNewExperience()
        guard var record = try await record(), record.isUnfinished else {
            throw SubjectError(
                .refused, "there is no unfinished run for \(subject.clusterID.name), on this machine or in the cluster",
                next:
                    "kubectl kms-vault status shows what is; kubectl kms-vault make-safe turns KMS on again if it is off"
            )
        }
        record.receipts.resumed()
        return try await prepared(widened(record.intent), record.receipts)
    }

    /// The way back to encrypted and readable; with the unfinished run's receipts when there is one.
    package func prepareMakeSafe() async throws -> Prepared {
        try maker.refuseNewExperience()
        guard var record = try await record(), record.isUnfinished else {
            return try await prepared(try maker.makeSafeIntent(), Receipts())
        }
        record.receipts.resumed()
        var intent = widened(record.intent)
        intent.purpose = .makeSafe
        return try await prepared(intent, record.receipts)
    }

    /// What the resuming command accepts is accepted on top of what the run did.
    private func widened(_ intent: Intent) -> Intent {
        var intent = intent
        intent.options.acceptedFailures.formUnion(options.acceptedFailures)
        intent.options.acceptUnprovenConvergence =
            intent.options.acceptUnprovenConvergence || options.acceptUnprovenConvergence
        intent.options.vaultSharedOK = intent.options.vaultSharedOK || options.vaultSharedOK
        return intent
    }

    private var maker: IntentMaker { IntentMaker(subject: subject, options: options, runID: runID) }

    private var journal: RunJournal {
        let home = surroundings.home ?? "/"
        let folder = JournalFile.stateHome(environment: surroundings.environment, home: home)
        let id = subject.clusterID
        return RunJournal(
            file: JournalFile(
                stateHome: folder, subscription: id.subscription, resourceGroup: id.resourceGroup, cluster: id.name),
            client: subject.kube.client)
    }

    /// Whether the journal's folder takes files.
    var journalIsWritable: Bool { journal.file.isWritable }

    /// The record of the run that still has something to do; nil when there is none.
    func unfinished() async throws -> SwitchRecord? {
        try await record().flatMap { $0.isUnfinished ? $0 : nil }
    }

    private func record() async throws -> SwitchRecord? {
        let profile = LiveObserver.profile(subject.cluster)
        let identity = RecordedIdentity(
            clusterID: subject.clusterID.description, resourceUID: subject.cluster.resourceUID ?? "",
            kubeSystemUID: subject.kubeSystemUID, keyID: profile.keyID,
            vaultID: subject.vault?.id.description ?? profile.vaultID)
        let fromCluster = subject.silence == nil ? try await journal.loadFromCluster() : nil
        return try reconcile(
            file: try journal.file.load(), configMap: fromCluster, identity: identity,
            confirmedKeyID: subject.key?.description,
            configMapName: "the ConfigMap \(RunLock.namespace)/\(RunJournal.configMap)")
    }

    private func prepared(_ intent: Intent, _ receipts: Receipts) async throws -> Prepared {
        let count = try? await subject.kube.client.secretCount()
        let view = LiveObserver.view(subject.cluster, lastFailure: nil)
        let access = subject.vault.map { LiveObserver.view($0).access } ?? .disabled
        let encryption = subject.cluster.encryption
        let facts = PlanFacts(
            secrets: count ?? nil, eTag: view.eTag, kms: view.kms, vaultAccess: access,
            encryption: encryption.words(mode: view.kms.mode.rawValue), doubt: encryption.doubt)
        let made = plan(for: intent, facts)
        if let wanted = options.planID, wanted != made.planID {
            throw SubjectError(
                .refused, "the plan is \(made.planID) now, not \(wanted.printable(limit: 64)): something changed since",
                next: "look at it again with --dry-run")
        }
        let vaultIsThere =
            intent.strategy == .secondVault || access == (intent.target == .privateAccess ? .disabled : .enabled)
        let isNew = intent.purpose == .switchMode && receipts.epoch == 0
        let isOnTarget = isNew && view.provisioning == .succeeded && view.kms.means(intent.targetProfile)
        if isOnTarget, !vaultIsThere { try refuseHalfway(intent) }
        let isDone = isOnTarget && vaultIsThere
        let seen = Observation(
            cluster: view, vault: subject.vault.map(LiveObserver.view) ?? VaultObservation(access: .disabled),
            kubernetes: KubernetesObservation(kubeSystemUID: subject.kubeSystemUID), receipts: receipts)
        let exposure = RunReport.exposure(receipts, secretsAtRest(intent, seen))
        return Prepared(
            intent: intent, receipts: receipts, plan: made, isDone: isDone, kmsIsOn: view.kms.enabled,
            exposedSince: exposure.flatMap { $0.endedAt == nil ? $0.startedAt : nil })
    }

    /// KMS is in the target mode and the vault is not, and no journal tells how that came about.
    private func refuseHalfway(_ intent: Intent) throws(SubjectError) {
        if intent.target == .publicAccess {
            throw SubjectError(
                .refused, "KMS is Public already, but the vault \(subject.vault?.name ?? "") is closed",
                next: "kubectl kms-vault make-safe opens it")
        }
        guard !options.acceptUnprovenConvergence else { return }
        throw SubjectError(
            .refused,
            "KMS is Private already and the vault \(subject.vault?.name ?? "") is open: nothing proves that no API server "
                + "uses its public endpoint any more",
            next:
                "close it with --accept-unproven-convergence (it is watched, and opened again if writes fail), or switch "
                + "--public and --private again, which proves it")
    }

    /// The report of a switch that finds everything as it should be.
    package func reportDone(_ prepared: Prepared, command: String) -> RunReport {
        let seen = Observation(
            cluster: LiveObserver.view(subject.cluster, lastFailure: nil),
            vault: subject.vault.map(LiveObserver.view) ?? VaultObservation(access: .disabled),
            kubernetes: KubernetesObservation(kubeSystemUID: subject.kubeSystemUID))
        return RunReport(
            command: command, intent: prepared.intent, seen: seen, ending: .finished, exitCode: .done,
            secretsAtRest: secretsAtRest(prepared.intent, seen))
    }

    // MARK: Running

    /// Takes the lock, runs, and reports. Throws only before the first change.
    package func run(_ prepared: Prepared, command: String, sink: any EventSink) async throws -> RunReport {
        let lock = makeLock(runID: prepared.intent.runID, sink: sink)
        let ports = try makePorts(prepared.intent, lock: lock, sink: sink)
        if let silence = subject.silence {
            sink.take(.warning(RunJob.withoutLock(silence)))
            await lock.doWithoutWhileSilent()
        } else {
            try await acquire(lock)
        }
        try await ports.save(prepared.intent, prepared.receipts)
        let runner = SwitchRunner(
            intent: prepared.intent, receipts: prepared.receipts, ports: ports,
            longestWait: options.operationTimeout * surroundings.timeScale)
        let result = await withTaskGroup(of: SwitchRunner.Result?.self) { group in
            group.addTask {
                await lock.keep()
                return nil
            }
            group.addTask { [interruptions] in
                await interruptions.watch()
                return nil
            }
            group.addTask { [runner] in
                var runner = runner
                return await runner.run()
            }
            var ended: SwitchRunner.Result?
            while ended == nil, let next = await group.next() { ended = next }
            group.cancelAll()
            return ended
        }
        guard let result else { throw RunInterrupted("the run ended without a result") }
        // Whoever has lost the lock must not touch the probes of the one that took it.
        let isAlone = await lock.lossSeenNow() == nil
        if isAlone, result.ending == .finished || !result.seen.receipts.hasBegun { await cleanUp(ports) }
        await lock.release()
        return report(result, prepared, command, ports)
    }

    private static func withoutLock(_ silence: String) -> String {
        "the API server does not answer (\(silence)): Azure is worked on without the lock of this cluster, so make sure "
            + "that nobody else does; the journal is on this machine only"
    }

    func makeLock(runID: String, sink: any EventSink) -> RunLock {
        RunLock(
            client: subject.kube.client, runID: runID, host: surroundings.hostName,
            processID: surroundings.processID, duration: max(5, Int(60 * surroundings.timeScale)),
            waiting: RunLock.Waiting(
                sleep: { [interruptions] in await interruptions.sleep($0) },
                interrupted: { [interruptions] in interruptions.reason },
                tell: { sink.take(.note("waiting for the lock that \($0) may still hold")) }))
    }

    func acquire(_ lock: RunLock) async throws {
        do { try await lock.acquire() } catch let taken as RunLock.Taken {
            throw SubjectError(
                .locked, taken.description,
                next: "wait until that run has ended; kubectl kms-vault status shows what is")
        }
    }

    func observer(key: AzureResources.KeyIdentifier, vaultID: AzureResourceID) -> LiveObserver {
        LiveObserver(
            arm: azure.arm, kube: subject.kube.client, clusterID: subject.clusterID, vaultID: vaultID, key: key,
            subscriptions: { [azure] in await azure.subscriptions(only: nil) },
            now: { Date().timeIntervalSince1970 })
    }

    private func makePorts(_ intent: Intent, lock: RunLock, sink: any EventSink) throws -> LivePorts {
        let key = try KeyIdentifier(parsing: intent.keyID)
        let vaultID = try AzureResourceID(parsing: intent.vaultID)
        let client = subject.kube.client
        let observer = observer(key: key, vaultID: vaultID)
        let scale = surroundings.timeScale
        let sampler = ConvergenceSampler(
            probes: ProbeSecrets(client), timing: ConvergenceTiming().scaled(by: scale), sink: sink,
            sleep: { [interruptions] in await interruptions.sleep($0) },
            interrupted: { [interruptions] in interruptions.reason }, now: { Date().timeIntervalSince1970 })
        let probeNames = ConvergenceSampler.names(runID: intent.runID)
        let passes = SecretPasses(
            client: client, probes: Set(probeNames), sink: sink, stop: interruptions.stop,
            concurrency: options.concurrency, requestsPerSecond: options.requestsPerSecond)
        return LivePorts(
            arm: azure.arm, kube: client, observer: observer, door: azure.vaultDoor, sampler: sampler, passes: passes,
            journal: journal, lock: lock, interruptions: interruptions, sink: sink, timeScale: scale,
            operationTimeout: options.operationTimeout, probeNames: probeNames,
            refusal: { await refusal(before: $0, $1) })
    }

    /// Probes are ours alone; once the job is done, or was refused before it began, they have nothing left to tell, and neither have those of runs whose
    /// record was lost: the lock says that no other run needs them.
    private func cleanUp(_ ports: LivePorts) async {
        await delete(probes: await probesThere().union(ports.probeNames))
    }

    /// Removes the probes of a run that was killed after its record said that it was complete. Where somebody holds the
    /// lock they are left to whoever comes next.
    package func clearLeftovers() async {
        guard await !probesThere().isEmpty else { return }
        let lock = makeLock(runID: runID, sink: NoSink())
        guard (try? await lock.acquire()) != nil else { return }
        await delete(probes: await probesThere())
        await lock.release()
    }

    private func probesThere() async -> Set<String> {
        let store = KubeSecretStore(subject.kube.client)
        var names: Set<String> = []
        var token: String?
        repeat {
            guard let page = try? await store.secrets(in: RunLock.namespace, PageRequest(token: token)) else { break }
            names.formUnion(page.names.filter(ConvergenceSampler.isName))
            token = page.next
        } while token != nil
        return names
    }

    private func delete(probes names: Set<String>) async {
        let probes = ProbeSecrets(subject.kube.client)
        for name in names.sorted() { try? await probes.delete(name) }
    }

    private func report(
        _ result: SwitchRunner.Result, _ prepared: Prepared, _ command: String, _ ports: LivePorts
    ) -> RunReport {
        var problem = Words.problem(
            for: result.ending, intent: prepared.intent, seen: result.seen, atRest: result.secretsAtRest)
        if let failure = ports.lastFailure, problem != nil, result.ending != .finished {
            problem?.what += " (\(failure))"
        }
        return RunReport(
            command: command, intent: prepared.intent, seen: result.seen, ending: result.ending,
            exitCode: result.exitCode, secretsAtRest: result.secretsAtRest, failures: ports.passes.failures,
            problem: problem, infrastructureAsCode: infrastructureAsCode(prepared.intent, ended: result.seen))
    }
}

/// For work that nobody watches.
private struct NoSink: EventSink {
    func take(_ event: RunEvent) {}
}
