import JSON
import SystemRig
import Testing

@Suite(.needsSandbox)
struct `Several clusters` {
    private static let three = SandboxOptions(secrets: 20, more: ["--clusters", "3", "--shared-vault", "1"])

    @Test func `are switched one after the other, each by its name and context, and the others stay as they are`()
        async throws
    {
        try await inSandbox(Self.three) { sandbox, plugin in
            let untouched = try await sandbox.state(of: "demo").encryptedByKey
            for name in ["demo-2", "demo-3"] {
                let result = try await plugin.run([
                    "switch", "--private", "-g", sandbox.resourceGroup, "--name", name, "--context", name, "--yes",
                    "-o",
                    "json",
                ])
                expectDone(result)
                let state = try await sandbox.state(of: name)
                #expect(state.kmsMode == "Private")
                #expect(state.plaintext == 0)
                #expect(state.access(ofVault: "kv-\(name)") == "Disabled")
                #expect(try await sandbox.unreadable(in: name) == [])
            }
            let first = try await sandbox.state(of: "demo")
            #expect(first.kmsMode == "Public")
            #expect(first.encryptedByKey == untouched)
            #expect(first.vaultAccess() == "Enabled")
            #expect(try await sandbox.answers(429) == 0)
        }
    }

    @Test func `are told apart by the address of a context, and by their authorities`() async throws {
        try await inSandbox(Self.three) { sandbox, plugin in
            for name in sandbox.clusters {
                let found = try await plugin.run(["status", "--context", name, "-o", "json"])
                #expect(found.exitCode == 0, "\(found.testDescription)")
                #expect(found.output.contains("/managedClusters/\(name)\""))
            }
            let wrong = try await plugin.run([
                "switch", "--private", "-g", sandbox.resourceGroup, "--name", "demo-2", "--context", "demo-3", "--yes",
                "-o", "json",
            ])
            #expect(wrong.exitCode == 3, "\(wrong.testDescription)")
            #expect(wrong.all.contains("is not the AKS cluster demo-2"))
            #expect(try await sandbox.state(of: "demo-2").operations.isEmpty)
        }
    }
}
