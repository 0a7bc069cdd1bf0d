import Foundation
import Testing

/// Input that is wrong: a clear error, the right exit code, nothing changed, nothing of ours dumped.
@Suite(.needsSandbox)
struct `Bad input` {
    private static let dumps = [
        "CocoaError", "DecodingError", "NSError", "Error Domain", "Fatal error", "Optional(", "debugDescription",
        "dataCorrupted", "keyNotFound", "Swift.",
    ]

    private func expectClear(
        _ result: Plugin.Result, codes: [Int32], _ what: String, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(codes.contains(result.exitCode), "\(what): \(result.testDescription)", sourceLocation: location)
        #expect(!result.errors.isEmpty, "\(what)", sourceLocation: location)
        for dump in Self.dumps {
            #expect(!result.all.contains(dump), "\(what): \(result.testDescription)", sourceLocation: location)
        }
    }

    @Test func `wrong flags are usage`() async throws {
        try await inSandbox { sandbox, plugin in
            let wrong: [[String]] = [
                ["switch"], ["switch", "--private", "--public"], ["switch", "--sideways"], ["swich"],
                ["switch", "--private", "--soak", "-1"], ["switch", "--private", "--soak", "soon"],
                ["switch", "--private", "--accept-failures", "undecryptable"], ["switch", "--private", "-o", "xml"],
                ["switch", "--public", "--close-vault-first"], ["switch", "--private", "--yes"],
                ["switch", "--private"],
                ["switch", "--private", "--concurrency", "0"], ["resume", "--as-user-extra", "x"],
            ]
            for arguments in wrong {
                expectClear(try await plugin.run(arguments), codes: [2], arguments.joined(separator: " "))
            }
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }

    @Test func `kubeconfigs that are none of a cluster`() async throws {
        try await inSandbox { sandbox, plugin in
            let good = try String(contentsOfFile: sandbox.folder + "/kubeconfig", encoding: .utf8)
            let bad: [(String, String)] = [
                ("empty", ""), ("truncated", String(good.prefix(good.count / 2))), ("not YAML", "\u{0}\u{1}{{{"),
                ("a list", "- 1\n- 2\n"), ("mistyped", "apiVersion: v1\nkind: Config\nclusters: 5\n"),
                ("deep", String(repeating: "[", count: 20_000)),
                ("aliases", "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nclusters: *c\n"),
                ("dead host", good.replacingOccurrences(of: "server: https://", with: "server: https://127.0.0.1:9/#")),
                ("no authority", good.replacingOccurrences(of: "certificate-authority-data: ", with: "x: ")),
            ]
            for (what, text) in bad {
                let file = "\(sandbox.folder)/bad-kubeconfig"
                try Data(text.utf8).write(to: URL(fileURLWithPath: file))
                var plugin = plugin
                plugin.environment["KUBECONFIG"] = file
                let result = try await plugin.change("switch", "--private", "--plan-id", "none")
                expectClear(result, codes: [2, 3], what)
            }
            expectClear(
                try await plugin.change("switch", "--private", "--context", "nobody"), codes: [2, 3], "context")
            expectClear(
                try await plugin.change("switch", "--private", "--kubeconfig", "/nowhere"), codes: [2, 3], "file")
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }

    @Test func `az profiles that are none`() async throws {
        try await inSandbox { sandbox, plugin in
            let azure = sandbox.folder + "/azure"
            for file in ["azureProfile.json", "msal_token_cache.json", "service_principal_entries.json", "config"] {
                for (what, text) in [("empty", ""), ("truncated", "{\"subscriptions\": [{"), ("mistyped", "[1, {}]")] {
                    let copy = "\(sandbox.folder)/azure-\(UUID().uuidString.prefix(6))"
                    try FileManager.default.copyItem(atPath: azure, toPath: copy)
                    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(copy)/\(file)"))
                    var plugin = plugin
                    plugin.environment["AZURE_CONFIG_DIR"] = copy
                    let result = try await plugin.change("switch", "--private", "--plan-id", "none")
                    expectClear(result, codes: [2, 3], "\(file) \(what)")
                }
            }
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }

    @Test func `an Azure that is not there`() async throws {
        try await inSandbox { sandbox, plugin in
            var plugin = plugin
            plugin.environment["REQUESTS_CA_BUNDLE"] = "/nowhere.pem"
            expectClear(try await plugin.change("switch", "--private"), codes: [2, 3], "CA bundle")
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }
}
