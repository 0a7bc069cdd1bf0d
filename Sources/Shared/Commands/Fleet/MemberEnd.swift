import Azure
import AzureResources
import Connections
import Console
import ModeSwitch
import Plan
import Report
import Text
import Usage

/// How the command ended on one cluster of many.
struct MemberEnd: Sendable {
    var code: ExitCode
    var seen: MemberFrontEnd.Ended
    var seconds: Double?
    /// Seconds since 1970.
    let endedAt: Double

    init(_ code: ExitCode, _ seen: MemberFrontEnd.Ended, at endedAt: Double) {
        self.endedAt = endedAt
        self.code = code
        self.seen = seen
    }

    var runID: String? { (seen.result as? RunReport)?.runID }

    func row(_ cluster: AzureResourceID, _ stage: String) -> FleetReport.Cluster {
        FleetReport.Cluster(
            cluster: cluster, stage: stage, state: FleetReport.Cluster.State(code), exitCode: code.rawValue,
            secretsAtRest: seen.outcome?.secretsAtRest ?? .unknown, runID: runID,
            seconds: seconds, problem: seen.problem?.naming(cluster), result: seen.result, words: words)
    }

    /// What the result says, in a few words.
    private var words: String {
        switch seen.result {
        case let status as StatusResult:
            let kms = ClusterEncryption(state: status.encryption).words(mode: status.kmsMode?.rawValue ?? "")
            let vault = status.vault.isEmpty ? "" : ", vault \(status.vault.printable()) \(status.vaultAccess)"
            let run = status.unfinishedRun.map { ", run \($0.printable(limit: 64)) is not finished" } ?? ""
            return kms + vault + run
        case let result as VerifyResult: return "\(result.verdict): \(result.reason.text(for: .kubectl))"
        case let result as PreflightResult: return result.words
        case let report as RunReport:
            let exposed = report.exposure?.seconds.map { ", exposed for \(duration($0))" } ?? ""
            return "KMS \(report.kms.words), vault \(report.vaultAccess.rawValue)\(exposed)"
        default: return ""
        }
    }
}
