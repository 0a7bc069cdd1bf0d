import Foundation
import HTTP
import JSON
import SystemRig
import Testing

/// The ways of signing in that need no browser.
enum SignIn: String, CaseIterable, CustomTestStringConvertible {
    case secret, certificate, password

    var testDescription: String { rawValue }

    func arguments(_ sandbox: SandboxProcess) -> [String] {
        let variables = sandbox.variables
        let principal = ["--service-principal", "--username", variables["CLIENT_ID"] ?? ""]
        let tenant = ["--tenant", variables["TENANT_ID"] ?? ""]
        return switch self {
        case .secret: principal + ["--password", variables["CLIENT_SECRET"] ?? ""] + tenant
        case .certificate: principal + ["--certificate", variables["CLIENT_CERTIFICATE"] ?? ""] + tenant
        case .password:
            ["--username", variables["USER_NAME"] ?? "", "--password", variables["USER_PASSWORD"] ?? ""]
        }
    }
}

@Suite(.needsAz)
struct `A profile that the real az wrote` {
    @Test(arguments: SignIn.allCases)
    func `serves the program, also when its token has ended`(way: SignIn) async throws {
        try await inSandbox { sandbox, plugin in
            let az = try await signIn(way, sandbox, in: "fresh")
            var program = plugin
            program.environment["AZURE_CONFIG_DIR"] = az.profileFolder
            program.environment["PATH"] = az.environment["PATH"].map { "\(sandbox.folder)/bin:" + $0 }

            try await sandbox.control(.delete, "requests")
            try await expectStatus(program, sandbox)
            #expect(try await tokenRequests(sandbox).isEmpty)

            try await sandbox.fault("token-expires-soon", ["seconds": .integer(2)])
            program.environment["AZURE_CONFIG_DIR"] = try await signIn(way, sandbox, in: "short").profileFolder
            try await sandbox.endFaults()
            try await Task.sleep(for: .seconds(3))
            try await sandbox.control(.delete, "requests")
            try await expectStatus(program, sandbox)
            #expect(!(try await tokenRequests(sandbox).isEmpty))
        }
    }

    @Test(arguments: SignIn.allCases)
    func `serves the program as far as az itself without the token cache`(way: SignIn) async throws {
        try await inSandbox { sandbox, plugin in
            let az = try await signIn(way, sandbox, in: "fresh")
            try FileManager.default.removeItem(atPath: az.profileFolder + "/msal_token_cache.json")
            var program = plugin
            program.environment["AZURE_CONFIG_DIR"] = az.profileFolder
            program.environment["PATH"] = az.environment["PATH"].map { "\(sandbox.folder)/bin:" + $0 }
            guard way == .password else { return try await expectStatus(program, sandbox) }
            // az has nothing else of a user, and says so; the program passes on what it says.
            let result = try await program.run(["status", "-o", "json"])
            #expect(result.exitCode != 0)
            #expect(result.all.contains("az login"), "\(result.testDescription)")
        }
    }

    @Test func `is refused where the credential is wrong`() async throws {
        try await inSandbox { sandbox, _ in
            let az = try await registered(.secret, sandbox, in: "refused")
            let client = sandbox.variables["CLIENT_ID"] ?? ""
            let tenant = sandbox.variables["TENANT_ID"] ?? ""
            let none = try await az.refusal("account", "show")
            #expect(none.contains("Please run 'az login' to setup account."))
            let secret = try await az.refusal(
                "login", "--service-principal", "-u", client, "-p", "wrong", "--tenant", tenant)
            #expect(secret.contains("AADSTS7000215"))
            let lost = try await az.refusal(
                "login", "--service-principal", "-u", client, "-p", "x", "--tenant", "nowhere.test")
            #expect(lost.contains("nowhere.test") && lost.contains("tenant"), "\(lost)")
            let user = try await registered(.password, sandbox, in: "user").refusal(
                "login", "-u", sandbox.variables["USER_NAME"] ?? "", "-p", "wrong")
            #expect(user.contains("AADSTS50126"))
        }
    }

    private func expectStatus(
        _ program: Plugin, _ sandbox: SandboxProcess, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await program.run(["status", "-o", "json"])
        #expect(result.exitCode == 0, "\(result.testDescription)", sourceLocation: location)
        #expect(result.output.contains(sandbox.keyID), sourceLocation: location)
    }

    private func tokenRequests(_ sandbox: SandboxProcess) async throws -> [String] {
        try await sandbox.requests().filter { $0.hasPrefix("POST") && $0.contains("/oauth2/") }
    }

    private func signIn(_ way: SignIn, _ sandbox: SandboxProcess, in name: String) async throws -> Az {
        let az = try await registered(way, sandbox, in: name)
        let account = try await az.output(["login"] + way.arguments(sandbox))
        #expect(account?.array?.first?["id"]?.string == sandbox.variables["SUBSCRIPTION_ID"])
        return az
    }

    /// An empty profile to which only the cloud was made known. Users with a password need an AD FS authority: MSAL
    /// loses the port of any other.
    private func registered(_ way: SignIn, _ sandbox: SandboxProcess, in name: String) async throws -> Az {
        let az = try Az(sandbox).profile(name)
        let base = try #require(sandbox.variables["KMS_VAULT_SANDBOX_URL"])
        try await az.json(
            "cloud", "register", "--name", "Sandbox", "--endpoint-resource-manager", base,
            "--endpoint-active-directory", way == .password ? base + "/adfs" : base,
            "--endpoint-active-directory-resource-id", "https://management.core.windows.net/",
            "--endpoint-active-directory-graph-resource-id", base + "/", "--endpoint-microsoft-graph-resource-id",
            base + "/", "--suffix-keyvault-dns", ".vault.localhost:\(base.split(separator: ":").last ?? "")",
            "--skip-endpoint-discovery")
        try await az.json("cloud", "set", "--name", "Sandbox")
        return az
    }
}
