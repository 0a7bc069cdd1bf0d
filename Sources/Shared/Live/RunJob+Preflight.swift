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
        let vault = try AzureResourceID(parsing: intent.vaultID)
        return PreflightReader.Question(
            target: intent.target == .privateAccess ? .private : .public,
            strategy: PreflightFacts.Strategy(
                secondVault: intent.strategy == .secondVault, closeVaultFirst: intent.strategy == .closeVaultFirst,
                vaultSharedOK: intent.options.vaultSharedOK,
                acceptedFailures: Set(
                    intent.options.acceptedFailures.compactMap { PreflightFacts.FailureClass(rawValue: $0.rawValue) })),
            subject: PreflightSubject(
                cluster: subject.clusterID, vault: vault, keyID: intent.keyID,
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
                of: $0, runID: intent.runID, host: surroundings.hostName, now: surroundings.now)
        }
        return PreflightCircumstances(
            of: subject.kube.access, isVerified: subject.isVerified, lock: lock, journalWritable: journalIsWritable)
    }

    /// What keeps a step from being taken right now.
    struct Refusal: Sendable {
        let text: String
        /// Whether something is known to be wrong; otherwise it could not be told, and may be later.
        let isKnown: Bool
    }

    /// Asks again what must hold right before a step; nil when nothing keeps it from being taken.
    ///
    /// Make-safe is never kept: it goes towards encrypted and readable, and ARM itself has the last word.
    func refusal(before step: PreflightStep, _ intent: Intent) async -> Refusal? {
        guard intent.purpose == .switchMode, let question = try? await question(intent),
            let accepted = try? PreflightCheck.accepted(options.acceptedUnknowns)
        else { return nil }
        let facts = await reader.critical(before: step, question)
        let blockers = PreflightReport.critical(before: step, facts, accepting: accepted).blockers
        guard !blockers.isEmpty else { return nil }
        return Refusal(
            text: RunJob.words(blockers), isKnown: blockers.contains { $0.verdict == .refuse })
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
