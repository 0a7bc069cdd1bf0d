import Azure
import AzureResources
package import Console
import FoundationEssentials
import KubeAPI
import Kubeconfig
import ModeSwitch
package import Preflight
import SecretRewrite

extension RunJob {
    /// Everything that can make the run fail, asked before anything changes.
    package func preflight(_ prepared: Prepared, sink: any EventSink) async throws -> PreflightReport {
        let accepted = try PreflightCheck.accepted(options.acceptedUnknowns)
        let watch = PreflightReader.Watch(progress: { sink.take(.pass(.rewrite, $0)) }, stop: interruptions.stop)
        let question = try await question(prepared.intent)
        return PreflightReport.full(await reader.full(question, watch: watch), accepting: accepted)
    }

    private var reader: PreflightReader {
        PreflightReader(arm: azure.arm, kube: .known(subject.kube.client), clock: MonotonicClock())
    }

    private func question(_ intent: Intent) async throws -> PreflightReader.Question {
        PreflightReader.Question(
            target: intent.target,
            strategy: PreflightFacts.Strategy(
                secondVault: intent.strategy == .secondVault, closeVaultFirst: intent.strategy == .closeVaultFirst,
                vaultSharedOK: intent.options.vaultSharedOK,
                acceptedFailures: intent.options.acceptedFailures),
            subject: PreflightSubject(
                cluster: subject.clusterID, vault: intent.vaultID, keyID: intent.keyID.description,
                kubeconfigCluster: subject.kube.access.clusterName),
            circumstances: await circumstances(intent), now: Int64(surroundings.now),
            concurrency: options.concurrency)
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
    func answer(before step: CheckedStep, _ intent: Intent) async -> CheckAnswer {
        let asked: PreflightStep =
            switch step {
            case .disable: .disable
            case .changeKey: .enable
            case .closeVault: .closeVault
            }
        let question: PreflightReader.Question
        let accepted: Set<String>
        do {
            question = try await self.question(intent)
            accepted = try PreflightCheck.accepted(options.acceptedUnknowns)
        } catch {
            return .refused("\(error)")
        }
        let facts = await reader.critical(before: asked, question)
        let blockers = PreflightReport.critical(before: asked, facts, accepting: accepted).blockers
        guard !blockers.isEmpty else { return .clear }
        let isKnown = blockers.contains { $0.verdict == .refuse }
        return isKnown ? .refused(RunJob.words(blockers)) : .unclear(RunJob.words(blockers))
    }

    private static func words(_ blockers: [CheckResult]) -> String {
        blockers.map { "\($0.id): \($0.reason)" }.joined(separator: "; ")
    }

    /// Refuses the run when a check does; the first change is still to come.
    package func refuse(_ report: PreflightReport) throws(SubjectError) {
        let blockers = report.blockers
        guard !blockers.isEmpty else { return }
        let remedies = blockers.flatMap { [$0.advice].compactMap { $0 } + $0.remedy.map { "  " + $0 } }
        throw SubjectError(.preflight, RunJob.words(blockers), next: remedies.joined(separator: "\n"))
    }
}
