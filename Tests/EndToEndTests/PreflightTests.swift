import JSON
import SystemRig
import Testing

@Suite(.needsSandbox)
struct `Preflight of a sound cluster` {
    @Test(arguments: ["--private", "--public"])
    func `knows every answer and finds nothing in the way`(direction: String) async throws {
        let options = SandboxOptions(mode: direction == "--public" ? "Private" : "Public")
        try await inSandbox(options) { _, plugin in
            let result = try await plugin.run(["preflight", direction, "-o", "json"] + plugin.target)
            #expect(result.exitCode == 0, "\(result.testDescription)")
            let checks = try #require(result.json?["checks"]?.array)
            #expect(checks.count > 50)
            let others = checks.filter {
                // The sandbox's kubeconfig has a token that does not say when it ends.
                !["ok", "notApplicable"].contains($0["verdict"]?.string)
                    && $0["id"]?.string != "kubernetes-credential-lasts"
            }
            #expect(others.isEmpty)
        }
    }
}
