package import Azure
import AzureAccount
import AzureResources
package import Connections
import Console
import Files
import FoundationEssentials
import HTTP
import Journal
import KubeAPI
package import ModeSwitch
package import Plan
import Preflight
import PreflightReading
package import Report
import SecretRewrite
import Text
import Usage

/// A run from its first question to its report: switch, resume, make-safe.
package struct RunJob: Sendable {
    package let subject: Subject
    package let options: RunOptions
    package let azure: AzureConnection
    package let surroundings: Surroundings
    let interruptions: Interruption
    package let runID: String
    let reader: PreflightReader
    /// Nil where no other cluster of the same command uses the vault.
    package var turn: VaultTurn?

    package init(
        subject: Subject, options: RunOptions, azure: AzureConnection, surroundings: Surroundings,
        interruptions: Interruption, runID: String, turn: VaultTurn? = nil
    ) {
        self.turn = turn
        self.subject = subject
        self.options = options
        self.azure = azure
        self.surroundings = surroundings
        self.interruptions = interruptions
        self.runID = runID
        reader = PreflightReader(arm: azure.arm, kube: .known(subject.kube.client), clock: MonotonicClock())
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
        /// What a person must know before agreeing.
        package var notes: [String]
        /// The records that all of this rests on.
        package var found: FoundRecords
        /// What admission said to a rewrite of every Secret; nil where the run is to ask it.
        package var admission: CheckAnswer?

        /// Whether the run may ask admission by itself, while it samples the API servers. Where KMS is off already, a
        /// run is on its way to encryption and asks nothing any more.
        package var mayAskAdmission: Bool { intent.original.encrypts && kmsIsOn && !receipts.hasBegun }
    }

    package var journal: RunJournal {
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

    // MARK: Running

    /// Takes the lock, runs, and reports. Throws only before the first change.
    package func run(_ prepared: Prepared, command: String, sink: any EventSink) async throws -> Ended {
        // A child process and a server are waited for while the lock is taken.
        async let asked = beginning()
        let lock = makeLock(runID: prepared.intent.runID, sink: sink)
        let verdict = AdmissionVerdict()
        let ports = makePorts(prepared.intent, lock: lock, verdict: verdict, sink: sink)
        if let silence = subject.silence {
            sink.take(.warning(RunJob.withoutLock(silence)))
            await lock.doWithoutWhileSilent()
        } else {
            try await acquire(lock)
            try await refuseNewRecords(prepared, lock)
        }
        if let rest = await seenByPreflight(prepared.intent) {
            await ports.observer.looks.take(rest, at: subject.lookedAt)
        }
        let begun = await asked
        await ports.journal.begin(after: prepared.found.configMap)
        try await ports.save(prepared.intent, prepared.receipts)
        var runner = SwitchRunner(
            intent: prepared.intent, receipts: prepared.receipts, ports: ports,
            longestWait: options.operationTimeout * surroundings.timeScale, admission: prepared.admission)
        let result = await keeping(lock) { await runner.run() }
        // Whoever has lost the lock must not touch the probes of the one that took it.
        let isAlone = await lock.lossSeenNow() == nil
        if isAlone, result.isOver { await cleanUp(ports) }
        if let refusal = refusal(result, prepared, verdict) {
            await lock.release()
            throw refusal
        }
        var report = report(result, prepared, command, ports, begun)
        if isAlone, result.seen.kubernetes.reachable, !report.passes.isEmpty {
            report.add(afterwards: await fates(report.failures))
        }
        let ended = await keep(report, canWrite: isAlone && result.seen.kubernetes.reachable)
        await lock.release()
        return ended
    }

    /// Works under a lock that is kept, while a signal asks what runs to come to its end.
    func keeping<Value: Sendable>(_ lock: RunLock?, _ work: () async -> Value) async -> Value {
        await alongside([{ await lock?.keep() }, { [interruptions] in await interruptions.watch() }], work)
    }

    /// Until the lock was ours, another run could begin, go on or end.
    private func refuseNewRecords(_ prepared: Prepared, _ lock: RunLock) async throws {
        guard try await records() != prepared.found else { return }
        await lock.release()
        throw SubjectError(
            .refused, "another run changed the record of this cluster while this one waited for the lock",
            next: "\(ShellCommand.own(.status)) shows what is now")
    }

    static func withoutLock(_ silence: String) -> String {
        "the API server does not answer (\(silence)): this run changes Azure without the lock of this cluster. Make sure "
            + "that nobody else changes it. The record is on this machine only"
    }

    func makeLock(runID: String, sink: any EventSink) -> RunLock {
        RunLock(
            client: subject.kube.client, runID: runID, process: surroundings.process,
            duration: max(5, Int(60 * surroundings.timeScale)),
            waiting: RunLock.Waiting(
                sleep: { [interruptions] in await interruptions.sleep($0) },
                interrupted: { [interruptions] in interruptions.reason },
                tell: { sink.take(.note("waiting for the lock that \($0) may still hold, at most two minutes")) }),
            time: surroundings.time)
    }

    func acquire(_ lock: RunLock) async throws {
        do { try await lock.acquire() } catch let taken as RunLock.Taken {
            throw SubjectError(
                .locked, taken.description,
                next: taken.next)
        }
    }

    package func observer(key: KeyIdentifier?, vaultID: AzureResourceID?) -> LiveObserver {
        LiveObserver(
            arm: azure.arm, kube: subject.kube.client, clusterID: subject.clusterID, vaultID: vaultID, key: key,
            subscriptions: { [azure] in await azure.subscriptions(only: nil) },
            behind: { [turn] in await turn?.behind() ?? [] }, now: { [surroundings] in surroundings.now },
            found: subject.cluster,
            looks: ClusterLooks(clock: surroundings.time.monotonic))
    }

    /// - Parameter controllerSeconds: how long Azure may take to notice a new version of a key.
    func makeSampler(_ sink: any EventSink, controllerSeconds: Double? = nil) -> ConvergenceSampler {
        var timing = ConvergenceTiming()
        if let controllerSeconds { timing.controllerPatience = controllerSeconds }
        return ConvergenceSampler(
            probes: ProbeSecrets(subject.kube.client), timing: timing.scaled(by: surroundings.timeScale),
            sink: sink, sleep: { [interruptions] in await interruptions.sleep($0) },
            interrupted: { [interruptions] in interruptions.reason }, now: { [surroundings] in surroundings.now })
    }

    private func makePorts(
        _ intent: Intent, lock: RunLock, verdict: AdmissionVerdict, sink: any EventSink
    ) -> LivePorts {
        let client = subject.kube.client
        let observer = observer(key: intent.keyID, vaultID: intent.vaultID)
        let scale = surroundings.timeScale
        let sampler = makeSampler(sink, controllerSeconds: intent.options.controllerSeconds)
        let probeNames = ConvergenceSampler.names(runID: intent.runID)
        let passes = SecretPasses(
            client: client, probes: Set(probeNames), sink: sink, stop: interruptions.stop,
            concurrency: options.concurrency, requestsPerSecond: options.requestsPerSecond)
        return LivePorts(
            arm: azure.arm, kube: client, observer: observer, door: azure.vaultDoor,
            keyVersions: azure.keyVersions, sampler: sampler, passes: passes,
            journal: journal, lock: lock, interruptions: interruptions, sink: sink, timeScale: scale,
            operationTimeout: options.operationTimeout, probeNames: probeNames, time: surroundings.time,
            engine: usesEngine(intent) ? makeEngine(runID: intent.runID, sink: sink) : nil,
            metricsBefore: { [reader] in await reader.recentMetrics },
            checking: { step, intent in
                switch step {
                case .disable: await answer(before: .disable, intent, await observer.looks.latest)
                case .changeKey: await answer(before: .changeKey, intent, await observer.looks.latest)
                case .closeVault: await answer(before: .closeVault, intent, await observer.looks.latest)
                case .admission: await tryAdmission(intent, verdict, sink: sink)
                }
            })
    }

    /// Deletes the probes of this run, and those that earlier runs left. The lock says that no other run is active.
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
        _ result: SwitchRunner.Result, _ prepared: Prepared, _ command: String, _ ports: LivePorts,
        _ begun: RunBeginning
    ) -> RunReport {
        let problem = Words.problem(
            for: result.ending, intent: result.intent, seen: result.seen, atRest: result.secretsAtRest)
        var report = RunReport(
            command: command, intent: result.intent, seen: result.seen, ending: result.ending,
            exitCode: result.exitCode, secretsAtRest: result.secretsAtRest, failures: ports.passes.failures,
            problem: problem, infrastructureAsCode: infrastructureAsCode(result.intent, ended: result.seen),
            context: context(result.intent, begun, result.seen))
        let afterwards = afterwards(result)
        report.afterwards = afterwards.isEmpty ? nil : afterwards
        return report
    }
}

/// For work that nobody watches.
private struct NoSink: EventSink {
    func take(_ event: RunEvent) {}
}
