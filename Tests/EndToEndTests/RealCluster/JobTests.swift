import Foundation
import JSON
import SystemRig
import Testing

extension RealCluster {
    /// deploy/base/job.yaml, of which a pod cannot run here: its manifests are applied, and the switch runs with the
    /// rights of its service account.
    @Suite(.isLong)
    struct `The Job inside the cluster` {
        @Test func `has the rights that a switch needs`() async throws {
            try await inCluster { sandbox, plugin in
                let context = ["--context", sandbox.cluster + "-admin"]
                let applied = try await plugin.kubectl(
                    context + ["apply", "-f", Rig.root + "/deploy/base/job.yaml"])
                #expect(applied.exitCode == 0, "\(applied.errors)")
                let account = [
                    "--as", "system:serviceaccount:kube-system:kms-vault-switch", "--as-group",
                    "system:authenticated",
                ]
                let result = try await plugin.run(
                    ["switch", "--private", "--yes", "-o", "json"] + plugin.target + context + account)
                try await expectWholePrivate(result, sandbox)
            }
        }
    }
}
