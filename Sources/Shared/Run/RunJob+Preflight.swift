import Azure
import AzureResources
package import Connections
import Console
import FoundationEssentials
package import KubeAPI
import Kubeconfig
import ModeSwitch
package import Preflight
import PreflightReading
package import Report
import SecretRewrite
import Text
import Usage

extension RunJob {
    /// Everything that can make the run fail, asked before anything changes; or a part of it.
    package func preflight(
        _ prepared: Prepared, _ part: PreflightReport.Part = .whole, sink: any EventSink
    ) async throws -> PreflightReport {
        sink.take(.began)
        let accepted = try PreflightCheck.accepted(options.acceptedUnknowns)
        let watch = PreflightReader.Watch(progress: { sink.take(.pass(.rewrite, $0)) }, stop: interruptions.stop)
        let question = try await question(prepared.intent, justSeen)
        return PreflightReport.full(await reader.full(question, part, watch: watch), part, accepting: accepted)
    }

    /// The finder read both a moment ago.
    private var justSeen: PreflightReader.Question.Seen { .init(cluster: subject.cluster, vault: subject.vault) }

    /// What admission says to a rewrite of every Secret, once the run has the lock and before it changes anything.
    func tryAdmission(_ intent: Intent, _ verdict: AdmissionVerdict, sink: any EventSink) async -> CheckAnswer {
        do {
            let accepted = try PreflightCheck.accepted(options.acceptedUnknowns)
            let watch = PreflightReader.Watch(progress: { sink.take(.admission($0)) }, stop: interruptions.stop)
            let facts = await reader.full(try await question(intent, justSeen), .dryRun, watch: watch)
            let report = PreflightReport.full(facts, .dryRun, accepting: accepted)
            for check in report.checks where check.verdict == .warn {
                sink.take(.warning("\(check.id): \(check.reason)"))
            }
            verdict.take(report)
            return report.blockers.isEmpty ? .clear : .refused(RunJob.words(report.blockers))
        } catch {
            return .refused("\(error)")
        }
    }

    private func question(
        _ intent: Intent, _ seen: PreflightReader.Question.Seen
    ) async throws -> PreflightReader.Question {
        PreflightReader.Question(
            target: intent.target, strategy: strategy(intent), subject: preflightSubject(intent), seen: seen,
            circumstances: await circumstances(intent), now: Int64(surroundings.now),
            concurrency: options.concurrency)
    }

    func strategy(_ intent: Intent) -> PreflightFacts.Strategy {
        PreflightFacts.Strategy(
            secondVault: intent.strategy == .secondVault, closeVaultFirst: intent.strategy == .closeVaultFirst,
            vaultSharedOK: intent.options.vaultSharedOK, acceptedFailures: intent.options.acceptedFailures,
            job: intent.preflightJob, closesFirewall: intent.options.closesFirewall == true,
            makesKeyVersion: intent.purpose == .rotate && intent.keyID?.version == nil, engine: options.engine)
    }

    func preflightSubject(_ intent: Intent) -> PreflightSubject {
        PreflightSubject(
            cluster: subject.clusterID, vault: intent.vaultID, keyID: intent.keyToCheck,
            kubeconfigCluster: subject.kube.access.clusterName, switchedToo: turn?.peers ?? [])
    }

    private func circumstances(_ intent: Intent) async -> PreflightCircumstances {
        let lease = await Fact<KubeLease?>.reading {
            try await subject.kube.client.lease(RunLock.name, namespace: RunLock.namespace)
        }
        let lock = lease.map {
            PreflightCircumstances.holder(
                of: $0, runID: intent.runID, process: surroundings.process, now: surroundings.now)
        }
        return PreflightCircumstances(
            of: subject.kube.access, isVerified: subject.isVerified, lock: lock, journalWritable: journalIsWritable)
    }

    /// Asks again what must hold right before a step that narrows.
    ///
    /// - Parameter cluster: the look on which the step was decided.
    func answer(before step: PreflightStep, _ intent: Intent, _ cluster: ManagedCluster?) async -> CheckAnswer {
        if step == .closeVault, let turn, let answer = await turn.answer() { return answer }
        let question: PreflightReader.Question
        let accepted: Set<String>
        do {
            question = try await self.question(intent, .init(cluster: cluster))
            accepted = try PreflightCheck.accepted(options.acceptedUnknowns)
        } catch {
            return .refused("\(error)")
        }
        func blockers() async -> [CheckResult] {
            let facts = await reader.critical(before: step, question)
            return PreflightReport.critical(before: step, facts, accepting: accepted).blockers
        }
        guard await !blockers().isEmpty else { return .clear }
        // A refusal does not rest on what was read a minute ago.
        await reader.forget()
        let blockers = await blockers()
        guard !blockers.isEmpty else { return .clear }
        let isKnown = blockers.contains { $0.verdict == .refuse }
        return isKnown ? .refused(RunJob.words(blockers)) : .unclear(RunJob.words(blockers))
    }

    private static func words(_ blockers: [CheckResult]) -> String {
        blockers.map { "\($0.id): \($0.reason)" }.joined(separator: "; ")
    }

    /// Refuses the run when a check does; the first change is still to come.
    package func refuse(_ report: PreflightReport) throws(SubjectError) {
        if !report.blockers.isEmpty { throw refusal(of: report) }
    }

    func refusal(of report: PreflightReport) -> SubjectError {
        let blockers = report.blockers
        let remedies = blockers.flatMap { check -> [Advice] in
            [check.advice].compactMap { $0 } + check.remedy.map { "  \($0)" }
        }
        return SubjectError(.preflight, RunJob.words(blockers), next: .joined(remedies, separator: "\n"))
    }
}

extension Intent {
    /// A version that the run makes is alike the one that is used now.
    fileprivate var keyToCheck: String {
        guard let keyID, newKey != nil || keyID.version != nil else { return original.keyID }
        return keyID.description
    }

    fileprivate var preflightJob: PreflightJob {
        guard let newKey else { return strategy == .rotation ? .legacyRotation : .legacySwitch }
        if newKey == .platformManaged { return .toPlatformKey }
        return switch purpose {
        case .rotate: .newRotation
        case .migrate: .toCustomerKey
        case .switchMode, .makeSafe: .newSwitch
        }
    }
}

extension PreflightCircumstances {
    /// Who holds a Lease, unless it looks like that of a run which is gone. This may err: only taking the lock decides,
    /// which waits for it to expire by a monotonic clock; but a Lease that nobody renews must not refuse every run to
    /// come.
    ///
    /// - Parameter now: seconds since 1970.
    package static func holder(
        of lease: KubeLease?, runID: String, process: ProcessIdentity, now: Double
    ) -> PreflightFacts.LockHolder? {
        guard let lease, let holder = lease.holder, Holder(holder).map(process.isSurelyGone) != true,
            let renewed = lease.renewTime.flatMap(parseRFC3339),
            now - renewed <= 3 * RunLock.lifetime(lease.durationSeconds, else: 60)
        else { return nil }
        return PreflightFacts.LockHolder(identity: holder, isThisRun: holder.hasSuffix(runID))
    }
}
