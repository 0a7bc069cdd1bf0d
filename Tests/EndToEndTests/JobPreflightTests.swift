import JSON
import SystemRig
import Testing

@Suite(.needsSandbox)
struct `Preflight of a job` {
    @Test(arguments: [("CustomerPublic", "--private"), ("CustomerPrivate", "--public")])
    func `finds nothing in the way of a switch on the new experience`(_ mode: String, _ direction: String) async throws
    {
        try await inSandbox(SandboxOptions(mode: mode)) { _, plugin in
            let result = try await plugin.run(["preflight", direction, "-o", "json"] + plugin.target)
            #expect(result.exitCode == 0, "\(result.testDescription)")
            let checks = try #require(result.json?["checks"]?.array)
            let ids = Set(checks.compactMap { $0["id"]?.string })
            #expect(ids.isSuperset(of: ["vault-way-in", "identity-reads-vault"]) && !ids.contains("vnet-integration"))
            let others = checks.filter {
                // The sandbox's kubeconfig has a token that does not say when it ends.
                !["ok", "notApplicable"].contains($0["verdict"]?.string)
                    && $0["id"]?.string != "kubernetes-credential-lasts"
            }
            #expect(others.isEmpty, "\(others)")
        }
    }

    @Test func `says where to make a version of a key that a closed vault holds`() async throws {
        try await inSandbox(SandboxOptions(mode: "Private")) { sandbox, plugin in
            let result = try await plugin.run(["rotate", "--new-version", "--yes", "-o", "json"] + plugin.target)
            #expect(result.exitCode == 3 && result.problem == "preflight", "\(result.testDescription)")
            #expect(result.errors.contains("vault-lets-you-in: ") && result.errors.contains("az keyvault key rotate"))
            let changes = try await sandbox.requests().filter { $0.hasPrefix("PUT") || $0.hasPrefix("PATCH") }
            #expect(changes.isEmpty, "\(changes)")
        }
    }
}
