import Foundation
import Glibc
import HTTP
import JSON
import Testing

@Suite(.serialized, .needsRealCluster)
struct RealFaultTests {
    @Test(.isLong, .timeLimit(.minutes(10)))
    func `a vault closed too early makes Secrets unreadable, and make-safe reopens it`() async throws {
        try await RealSandbox.run { sandbox in
            let client = try await ClusterClient(sandbox)
            try await sandbox.setVault("Disabled")
            try await sandbox.restartAPIServers()
            let refused = try await client.send(.get, ClusterClient.seeded(7))
            #expect(refused.status == 500)

            let result = try await sandbox.change(["make-safe"]).result()
            #expect(result.exitCode == 0, "\(result.output)\n\(result.errors)")
            let after = try await sandbox.state()
            #expect(after.vaultAccess == "Enabled")
            #expect(after.encrypted == Int64(RealRig.secrets) && after.plaintext == 0)
            for number in 0..<RealRig.secrets {
                #expect(try await client.value(ClusterClient.seeded(number))?.hasPrefix(RealSandbox.canary) == true)
            }
        }
    }

    @Test(.isLong, .timeLimit(.minutes(10)))
    func `a restart of the API servers in the middle of a pass costs nothing`() async throws {
        try await RealSandbox.run { sandbox in
            let plugin = try sandbox.change(["switch", "--private"])
            try await eventually(within: 300, "the off pass has begun: \(plugin.errors)") {
                let state = try await sandbox.state()
                return state.plaintext > 50 && state.encrypted > 0
            }
            try await sandbox.restartAPIServers()
            let result = try await plugin.result()
            #expect(result.exitCode == 0, "\(result.output)\n\(result.errors)")
            let after = try await sandbox.state()
            #expect(after.encrypted == Int64(RealRig.secrets) && after.plaintext == 0)
            #expect(after.vaultAccess == "Disabled")
        }
    }
}
