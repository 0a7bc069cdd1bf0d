import Foundation
import Glibc
import SystemRig
import Testing

/// Files of az that are damaged, hostile or not there, and an Azure that is not there.
@Suite(.needsSandbox)
struct `Bad az profiles` {
    private struct Damage: Sendable {
        var what: String
        var change: @Sendable (String) throws -> Void

        init(_ what: String, _ bytes: [UInt8]) {
            self.what = what
            change = { try Data(bytes).write(to: URL(fileURLWithPath: $0)) }
        }

        init(_ what: String, change: @escaping @Sendable (String) throws -> Void) {
            self.what = what
            self.change = change
        }
    }

    private static let damages = [
        Damage("empty", []), Damage("no UTF-8", [0xFF, 0xFE, 0, 1, 0x80]),
        Damage("deep", [UInt8](repeating: UInt8(ascii: "["), count: 100_000)),
        Damage("huge", [UInt8](repeating: UInt8(ascii: "#"), count: 20 << 20)),
        Damage("truncated") {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: $0))
            try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: $0))
        },
        Damage("mistyped", Array("[1, {}]".utf8)), Damage("missing") { try FileManager.default.removeItem(atPath: $0) },
        Damage("a folder") {
            try FileManager.default.removeItem(atPath: $0)
            try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: false)
        },
        Damage("not mine") { chmod($0, 0) },
    ]

    private func copy(_ sandbox: SandboxProcess, _ plugin: Plugin) throws -> (String, Plugin) {
        let copy = "\(sandbox.folder)/azure-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: sandbox.folder + "/azure", toPath: copy)
        return (copy, plugin.bound().with("AZURE_CONFIG_DIR", copy))
    }

    /// By file: what is said of it where it is damaged, and which damages are none.
    private static let expected: [(file: String, says: String, harmless: Set<String>)] = [
        ("azureProfile.json", "azureProfile.json", []),
        // az caches tokens there; without it, or without any in it, the service principal signs in anew.
        ("msal_token_cache.json", "msal_token_cache.json", ["mistyped", "missing", "empty"]),
        // The token of the cache is good, so that nobody asks for the secret.
        ("service_principal_entries.json", "", Set(damages.map(\.what))),
        ("clouds.config", "clouds.config", []),
    ]

    @Test func `files that are damaged or cannot be read are named`() async throws {
        try await inSandbox { sandbox, plugin in
            for (file, says, harmless) in Self.expected {
                for damage in Self.damages {
                    let what = "\(file), \(damage.what)"
                    let (folder, plugin) = try copy(sandbox, plugin)
                    try damage.change("\(folder)/\(file)")
                    let result = try await plugin.harmless()
                    guard !harmless.contains(damage.what) else {
                        BadInput.good(what).expect(result)
                        continue
                    }
                    expected(file, damage.what, says, what).expect(result)
                }
            }
            try await expectUntouched(sandbox)
        }
    }

    private func expected(_ file: String, _ damage: String, _ says: String, _ what: String) -> BadInput {
        switch (file, damage) {
        case ("azureProfile.json", "missing"), ("azureProfile.json", "mistyped"):
            BadInput(what, 3, "azure-credential", "you are not signed in to Azure")
        case ("clouds.config", "empty"), ("clouds.config", "missing"), ("clouds.config", "mistyped"):
            BadInput(what, 3, "azure-credential", "the cloud KMSVaultSandbox is not registered")
        case ("clouds.config", "truncated"): BadInput(what, 3, "azure", "InvalidAuthenticationTokenAudience")
        default: BadInput(what, 3, "azure-credential", says)
        }
    }

    @Test func `names in a profile lead nowhere and drive no terminal`() async throws {
        try await inSandbox { sandbox, plugin in
            let hostile: [(String, String, String, BadInput)] = [
                (
                    "azureProfile.json", "\"id\": \"", "\"id\": \"../../",
                    BadInput("a subscription that climbs", 2, "usage", "the subscription is not a GUID")
                ),
                (
                    "azureProfile.json", "\"tenantId\": \"", "\"tenantId\": \"a\\r\\nX: y",
                    BadInput("a tenant with a header", 3, "azure-credential", "no Azure access token")
                ),
                (
                    "azureProfile.json", "\"environmentName\": \"", "\"environmentName\": \"\\u001b[2J",
                    BadInput("a cloud that drives terminals", 3, "azure-credential", "you are not signed in")
                ),
                (
                    "clouds.config", "https://localhost", "http://localhost",
                    BadInput("a cloud without TLS", 3, "azure-credential", "not an https URL")
                ),
                (
                    "clouds.config", "endpoint_resource_manager = https", "endpoint_resource_manager = file",
                    BadInput("a cloud in a file", 3, "azure-credential", "not an https URL")
                ),
            ]
            for (file, old, new, expected) in hostile {
                let (folder, plugin) = try copy(sandbox, plugin)
                let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
                #expect(text.contains(old), "\(file) has no \(old)")
                try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
                expected.expect(try await plugin.harmless())
            }
            try await expectUntouched(sandbox)
        }
    }

    @Test func `an Azure that is not there`() async throws {
        try await inSandbox { sandbox, plugin in
            let silent = try Silence()
            for (port, says) in [(UInt16(9), "no connection could be made"), (silent.port, "no answer came in time")] {
                let (folder, plugin) = try copy(sandbox, plugin)
                let file = "\(folder)/clouds.config"
                let text = try String(contentsOfFile: file, encoding: .utf8)
                let dead = text.replacing(/localhost:\d+/, with: "127.0.0.1:\(port)")
                try Data(dead.utf8).write(to: URL(fileURLWithPath: file))
                BadInput("port \(port)", 3, "azure", says).expect(try await plugin.harmless())
            }
            for bundle in ["/nowhere.pem", "/tmp", "/etc/passwd"] {
                BadInput("CA bundle \(bundle)", 3, "azure", bundle)
                    .expect(try await plugin.with("REQUESTS_CA_BUNDLE", bundle).harmless())
            }
            try await expectUntouched(sandbox)
        }
    }

    @Test func `a journal that cannot be written refuses the run`() async throws {
        try await inSandbox { sandbox, plugin in
            let result = try await plugin.with("XDG_STATE_HOME", "/proc/nowhere").change("switch", "--private")
            BadInput("a folder that takes no files", 3, "preflight", "journal-writable").expect(result)
            try await expectUntouched(sandbox)
        }
    }
}
