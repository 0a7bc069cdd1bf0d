import Foundation
import SystemRig
import Testing

/// Command lines that are wrong.
@Suite(.needsSandbox)
struct `Bad arguments` {
    private static let escape = "\u{1B}[31m"
    private static let huge = String(repeating: "x", count: 100_000)

    @Test func `wrong flags are usage`() async throws {
        try await inSandbox { sandbox, plugin in
            let wrong: [([String], String)] = [
                (["switch"], "--private or --public"), (["switch", "--private", "--public"], "--private or --public"),
                (["switch", "--private", "--sideways"], "--sideways"), (["swich"], "swich"),
                (["switch", "--private", "--soak", "soon"], "--soak"),
                (["switch", "--private", "--soak", "nan"], "--soak"),
                (["switch", "--private", "--soak", "-1"], "--soak"),
                (["switch", "--private", "--accept-failures", "undecryptable"], "denied or invalid"),
                (["switch", "--private", "--accept-failures", Self.escape], "denied or invalid"),
                (["switch", "--private", "--accept-unknown", "nothing"], "nothing"),
                (["switch", "--private", "--accept-unknown", Self.escape], "does not exist"),
                (["switch", "--private", "-o", "xml"], "xml"),
                (["switch", "--public", "--close-vault-first"], "--close-vault-first"),
                (["switch", "--private", "--concurrency", "0"], "--concurrency"),
                (["switch", "--private", "--concurrency", "99999999999999999999"], "--concurrency"),
                (["switch", "--private", "--qps", "0"], "--qps"),
                (["switch", "--private", "--operation-timeout", "inf"], "--operation-timeout"),
                (["switch", "--private", "--\(Self.escape)"], "\\u{1b}"),
                (["switch", "--private", "--\(Self.huge)"], "Unknown option"),
                (["switch", "--private", "surplus"], "surplus"), (["switch", "--private", "-v", "loud"], "loud"),
                (["resume", "--as-user-extra", "x"], "KEY=VALUE"),
                (["rewrite-secrets", "--dry-run", "perhaps"], "perhaps"),
            ]
            for (arguments, says) in wrong {
                BadInput(arguments.joined(separator: " "), 2, "", says).expect(try await plugin.run(arguments))
            }
            // Without a terminal nobody can be asked, so the answer has to name the cluster.
            BadInput("no --yes", 2, "", "--yes").expect(try await plugin.run(["switch", "--private"]))
            BadInput("--yes alone", 2, "", "--name").expect(try await plugin.run(["switch", "--private", "--yes"]))
            try await expectUntouched(sandbox)
        }
    }

    @Test func `names that are none lead nowhere`() async throws {
        try await inSandbox { sandbox, plugin in
            BadInput.good("all is well").expect(try await plugin.harmless())
            for name in ["../../x", "a/b", "", "a?b", "a#b", "%2e%2e", "demo\n", Self.escape, Self.huge] {
                BadInput("-g \(name.prefix(20))", 2, "usage", "resource group's name is not valid")
                    .expect(try await plugin.harmless(["-g", name]))
                BadInput("--name \(name.prefix(20))", 2, "usage", "cluster's name is not valid")
                    .expect(try await plugin.harmless(["--name", name]))
            }
            for name in ["../..", Self.escape, Self.huge, "nobody"] {
                BadInput("--subscription \(name.prefix(20))", 3, "azure-credential", "no subscription")
                    .expect(try await plugin.harmless(["--subscription", name]))
                BadInput("--context \(name.prefix(20))", 3, "kubeconfig", "there is no context")
                    .expect(try await plugin.harmless(["--context", name]))
                BadInput("--cluster \(name.prefix(20))", 3, "kubeconfig", "there is no cluster")
                    .expect(try await plugin.harmless(["--cluster", name]))
                BadInput("--plan-id \(name.prefix(20))", 3, "refused", "the plan is")
                    .expect(try await plugin.harmless(["--plan-id", name]))
            }
            BadInput("unknown group", 3, "azure", "ResourceGroupNotFound")
                .expect(try await plugin.harmless(["-g", "rg-nobody"]))
            BadInput("unknown cluster", 3, "azure", "ResourceNotFound")
                .expect(try await plugin.harmless(["--name", "nobody"]))
            try await expectUntouched(sandbox)
        }
    }

    @Test func `keys that are none, and credentials that cannot be sent`() async throws {
        try await inSandbox { sandbox, plugin in
            let keys: [(String, String)] = [
                ("garbage", "not an https URL"), ("http://kv.vault.azure.net/keys/k/1", "not an https URL"),
                ("https://kv.vault.azure.net/keys/../x/1", "does not read"), (Self.escape, "not an https URL"),
                (Self.huge, "not an https URL"),
            ]
            for (key, says) in keys {
                BadInput("--key-id \(key.prefix(40))", 2, "usage", says)
                    .expect(try await plugin.harmless(["--key-id", key]))
            }
            let foreign = "https://other.vault.azure.net/keys/k/ee59f5d5cc6c57a0ea3f3aa8ab91eb42"
            BadInput("a key of nobody's vault", 3, "refused", "no vault that you can read owns the key")
                .expect(try await plugin.harmless(["--key-id", foreign]))
            for flag in ["--token", "--as", "--as-group"] {
                BadInput("\(flag) with a header", 3, "kubeconfig", "control characters")
                    .expect(try await plugin.harmless(["--as", "me", flag, "a\r\nX-Other: b"]))
            }
            BadInput("--insecure-skip-tls-verify", 3, "refused", "TLS verification")
                .expect(try await plugin.harmless(["--insecure-skip-tls-verify"]))
            for server in ["http://127.0.0.1:8001", "HTTP://127.0.0.1:8001"] {
                BadInput("--server \(server)", 3, "refused", "not reached over TLS")
                    .expect(try await plugin.harmless(["--server", server]))
            }
            BadInput("--tls-server-name", 3, "refused", "is not the AKS cluster")
                .expect(try await plugin.harmless(["--tls-server-name", "other.example.com"]))
            BadInput("--certificate-authority", 3, "kubeconfig", "/nowhere")
                .expect(try await plugin.harmless(["--certificate-authority", "/nowhere"]))
            for timeout in ["soon", "-5", "5x"] {
                BadInput("--request-timeout \(timeout)", 2, "kubeconfig", "--request-timeout")
                    .expect(try await plugin.harmless(["--request-timeout=\(timeout)"]))
            }
            try await expectUntouched(sandbox)
        }
    }
}
