import Azure
import AzureAccount
import AzureResources
import Files
import FoundationEssentials
import KubeAPI
import Kubeconfig
import Preflight
import Testing

@testable import Live

/// Against the sandbox; run with the exports of `script/sandbox env` and KMS_VAULT_SANDBOX_ENV=1.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["KMS_VAULT_SANDBOX_ENV"] != nil))
struct SandboxTests {
    @Test(arguments: NetworkMode.allCases)
    func `nothing that is unknown in the sandbox refuses`(_ target: NetworkMode) async throws {
        let environment = ProcessInfo.processInfo.environment
        let surroundings = Surroundings.ofThisProcess()
        let azure = try AzureConnection(subscription: nil, runID: "preflight-test", surroundings: surroundings)
        let overrides = KubeconfigOverrides()
        let access = try ClusterAccess.load(overrides, surroundings.kubeEnvironment)
        let kube = try await KubeConnection(
            access, tokens: azure.arm.tokens, runID: "preflight-test", surroundings: surroundings)
        let subject = PreflightSubject(
            cluster: try .managedCluster(
                subscription: try #require(environment["SUBSCRIPTION_ID"]),
                resourceGroup: try #require(environment["RESOURCE_GROUP"]),
                name: try #require(environment["CLUSTER_NAME"])),
            vault: try AzureResourceID(parsing: try #require(environment["KEY_VAULT_RESOURCE_ID"])),
            keyID: try #require(environment["KEY_ID"]), kubeconfigCluster: "demo")
        let reader = PreflightReader(arm: azure.arm, kube: .known(kube.client), clock: MonotonicClock())
        let circumstances = PreflightCircumstances(
            isTheARMCluster: .known(true), skipsTLSVerification: .known(false),
            credential: .known(.init(renewable: true, expires: nil)), lock: .known(nil), journalWritable: .known(true))
        let question = PreflightReader.Question(
            target: target, subject: subject, circumstances: circumstances,
            now: Int64(Date().timeIntervalSince1970))
        let report = PreflightReport.full(await reader.full(question))
        for check in report.checks where ![.ok, .notApplicable].contains(check.verdict) {
            print("\(target.rawValue): \(check.id) \(check.verdict.rawValue) blocks=\(check.blocks): \(check.reason)")
        }
        #expect(report.checks.filter { $0.verdict == .unknown && $0.blocks }.isEmpty)
    }
}
