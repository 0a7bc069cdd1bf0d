import Azure
import AzureAccount
import AzureResources
import Connections
import Console
import FoundationEssentials
import Journal
import KubeAPI
package import ModeSwitch
package import Report
import Text

/// What a run leaves for people.
extension RunJob {
    /// A run that has ended, with its report.
    package struct Ended: Sendable {
        package let report: RunReport
        /// Nil where the report could not be written down at all.
        package let kept: KeptReport?

        /// What came of the run, and where its report lies.
        package var lastLine: String {
            guard let kept, let path = kept.path else { return report.verdictLine }
            return "\(report.verdictLine) Report: \(path.printable(limit: 4096)) (\(kept.file.digest))"
        }
    }

    /// Whom the servers take us for, and with what we work; asked before the first change.
    package func beginning() async -> RunBeginning {
        let client = quickClient
        async let user = (try? await client?.userName()) ?? ""
        async let claims = azureClaims()
        async let checksum = surroundings.programChecksum()
        let who = await claims
        return await RunBeginning(
            startedAt: surroundings.now,
            author: RunContext.Author(
                azureName: who?.name ?? "", azureObjectID: who?.objectID ?? "", azureTenant: who?.tenantID ?? "",
                kubernetesUser: user),
            checksum: checksum)
    }

    /// The reports of this cluster's runs, here and in the cluster.
    package var archive: RunArchive {
        RunArchive(folder: journal.file.runs, client: subject.silence == nil ? subject.kube.client : nil)
    }

    /// For what only makes a report better: nobody waits long for it. Nil while the API server is silent.
    private var quickClient: KubeClient? { subject.silence == nil ? subject.kube.with(.brief).client : nil }

    private func azureClaims() async -> TokenClaims? {
        let token = try? await azure.arm.tokens.token(
            resource: azure.arm.endpoint.audience, tenant: azure.arm.tenant, claims: nil, forceRefresh: false)
        return token.flatMap { TokenClaims($0) }
    }

    func context(_ intent: Intent, _ begun: RunBeginning, _ seen: Observation) -> RunContext {
        RunContext(
            intent, startedAt: begun.startedAt, endedAt: surroundings.now, author: begun.author,
            host: surroundings.process.host, toolVersion: productVersion, toolChecksum: begun.checksum,
            correlationID: azure.arm.correlationID, eTagAfter: seen.cluster.eTag)
    }

    /// Keeps the report of a verifying pass that was no part of a switch, on this machine alone: the run has given its
    /// lock back. Nil where the cluster's key or vault is not known.
    package func keep(
        _ verified: VerifiedPass, _ items: [ProofReceipt.Item], _ exitCode: ExitCode, _ secretsAtRest: SecretsAtRest,
        _ begun: RunBeginning
    ) async -> KeptReport? {
        guard var intent = try? maker.makeSafeIntent(), let vault = subject.vaultView else { return nil }
        intent.target = intent.original.mode
        let seen = Observation(
            cluster: subject.cluster.observation(), vault: vault,
            kubernetes: KubernetesObservation(kubeSystemUID: subject.kubeSystemUID))
        var report = RunReport(
            command: verified.report.command, intent: intent, seen: seen, ending: .finished, exitCode: exitCode,
            secretsAtRest: secretsAtRest, failures: verified.report.namedFailures, context: context(intent, begun, seen)
        )
        report.convergence = verified.bursts
        report.passes = [verified.pass.withoutFinished]
        report.proof = ProofReceipt(items: items)
        report.add(afterwards: await fates(report.failures))
        return await keep(report, canWrite: false).kept
    }

    /// Keeps the report on this machine and, where the run still has the lock and the API server answers, as a line in
    /// the cluster.
    func keep(_ report: RunReport, canWrite: Bool) async -> Ended {
        guard let file = try? ReportFile(report) else { return Ended(report: report, kept: nil) }
        let archive = RunArchive(
            folder: journal.file.runs, client: canWrite ? quickClient : nil)
        var kept = await archive.keep(file, number: options.keep)
        if let path = options.reportFile {
            do {
                try ReportWriter.write(file, to: path, in: surroundings.workingDirectory)
                kept.path = path
            } catch {
                kept.troubles.append("the report could not be written: \(error)")
            }
        }
        // The file's own copy has its advice worded for kubectl already.
        var report = report
        report.digest = file.digest
        return Ended(report: report, kept: kept)
    }
}

extension RunReport {
    mutating func add(afterwards sentences: [String]) {
        guard !sentences.isEmpty else { return }
        afterwards = (afterwards ?? []) + sentences
    }
}

/// What is known of a run's author and program when it begins.
package struct RunBeginning: Sendable {
    let startedAt: Double
    let author: RunContext.Author
    let checksum: String?
}
