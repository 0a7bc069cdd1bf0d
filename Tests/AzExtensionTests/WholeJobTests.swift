import Foundation
import JSON
import SystemRig
import Testing

/// The way of somebody who has az, has signed in, and has nothing else.
@Suite(.needsExtension)
struct `The job through az` {
    @Test(.enabled(if: Extension.kubeAPIServer != nil, "KMS_VAULT_KUBE_APISERVER is needed (script/test extension)"))
    func `from installing the wheel to removing it, on a real cluster with Entra only`() async throws {
        var options = SandboxOptions(secrets: 200, namespaces: 10, world: entraOnly)
        options.startsWithin = 180
        options.more = ["--backend", "real", "--kube-apiserver", Extension.kubeAPIServer ?? ""]
        try await inSandbox(options) { sandbox, _ in
            var here = try Extension(sandbox)
            here.az = here.az.profile("clean")
            here.az.environment["AZURE_EXTENSION_DIR"] = nil
            try await signIn(here.az, sandbox)
            let added = try await here.az.run(["extension", "add", "--source", Extension.wheel ?? "", "--yes"])
            #expect(added.exitCode == 0, "\(added.errors)")
            let listed = try await here.az.run(["extension", "show", "--name", "aks-kms-vault-mode", "-o", "json"])
            let named = (Extension.wheel ?? "").split(separator: "/").last?.split(separator: "-").dropFirst().first
            #expect(
                try JSONValue(parsing: Array(listed.output.utf8))["version"]?.string == named.map(String.init),
                "\(listed.output)")

            let shown = try await here.run("show", "-o", "json")
            #expect(shown.json?["kmsMode"]?.string == "Public" && shown.json?["verified"]?.bool == true, "\(shown.all)")
            let query = try await here.run("show", "--query", "vaultAccess", "-o", "tsv")
            #expect(query.output == "Enabled\n")
            let preflight = try await here.run("preflight", "--mode", "Private", "-o", "table")
            #expect(preflight.exitCode == 0 && preflight.output.hasPrefix("Verdict"), "\(preflight.testDescription)")

            // An hour is 36 s here, less than real API servers may take to start again beside all other tests.
            let patience = ["--operation-timeout", "10h"]
            let there = try await here.change(["switch", "--mode", "Private"] + patience)
            expectPrivate(there, try await sandbox.state(), sandbox)
            let verified = try await here.run("verify", "-o", "json")
            #expect(verified.exitCode == 0, "\(verified.testDescription)")
            #expect(verified.json?["items"]?.array?.contains { $0["verdict"]?.string == "failed" } == false)
            let back = try await here.change(["switch", "--mode", "Public"] + patience)
            expectPublic(back, try await sandbox.state(), sandbox)
            #expect(try await sandbox.unreadable().isEmpty)
            here.expectNoKubectl()

            let removed = try await here.az.run(["extension", "remove", "--name", "aks-kms-vault-mode"])
            #expect(removed.exitCode == 0, "\(removed.errors)")
            let left = try? FileManager.default.contentsOfDirectory(
                atPath: here.az.profileFolder + "/cliextensions")
            #expect(left ?? [] == [])
            #expect(try await here.run("show").exitCode == 2)
        }
    }

    /// The cloud is registered once, as for a sovereign one; then az's own sign-in.
    private func signIn(_ az: Az, _ sandbox: SandboxProcess) async throws {
        let base = try #require(sandbox.variables["KMS_VAULT_SANDBOX_URL"])
        try await az.json(
            "cloud", "register", "--name", "Sandbox", "--endpoint-resource-manager", base,
            "--endpoint-active-directory", base, "--endpoint-active-directory-resource-id",
            "https://management.core.windows.net/", "--endpoint-active-directory-graph-resource-id", base + "/",
            "--suffix-keyvault-dns", ".vault.localhost:\(base.split(separator: ":").last ?? "")",
            "--skip-endpoint-discovery")
        try await az.json("cloud", "set", "--name", "Sandbox")
        try await az.json(
            "login", "--service-principal", "--username", sandbox.variables["CLIENT_ID"] ?? "", "--password",
            sandbox.variables["CLIENT_SECRET"] ?? "", "--tenant", sandbox.variables["TENANT_ID"] ?? "")
    }

    @Test func `with the pure wheel needs the shim on PATH, and says so`() async throws {
        try await inSandbox { sandbox, _ in
            var here = try Extension(sandbox)
            here.az.environment["AZURE_EXTENSION_DIR"] = sandbox.folder + "/pure"
            let added = try await here.az.run(["extension", "add", "--source", Extension.pureWheel ?? "", "--yes"])
            #expect(added.exitCode == 0, "\(added.errors)")
            let missing = try await here.run("show")
            #expect(missing.exitCode == 1 && missing.errors.contains("az-kms-vault-shim is not installed"))

            let tools = sandbox.folder + "/tools"
            try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: tools + "/az-kms-vault-shim",
                withDestinationPath: try #require(Extension.folder)
                    + "/aks-kms-vault-mode/azext_aks_kms_vault_mode/bin/az-kms-vault-shim")
            here.az.environment["PATH"] = "\(tools):" + (here.az.environment["PATH"] ?? "")
            let shown = try await here.run("show", "-o", "json")
            #expect(shown.json?["kmsMode"]?.string == "Public", "\(shown.testDescription)")
        }
    }

    @Test func `shows tables, single values and lists`() async throws {
        try await inSandbox(SandboxOptions(world: entraOnly)) { sandbox, _ in
            let here = try Extension(sandbox)
            let table = try await here.run("show", "-o", "table")
            #expect(table.output.hasPrefix("Cluster") && table.output.contains("legacy-on, Public"), "\(table.all)")
            let plan = try await here.run("switch", "--mode", "Private", "--dry-run", "-o", "table")
            #expect(plan.output.hasPrefix("Step") && plan.output.contains("plaintext"), "\(plan.all)")
            let id = try await here.run("switch", "--mode", "Private", "--dry-run", "--query", "planID", "-o", "tsv")
            let stale = try await here.change("switch", "--mode", "Private", "--plan-id", "another")
            #expect(stale.exitCode == 3 && stale.errors.contains(id.output.trimmingCharacters(in: .newlines)))
            let list = try await here.finish(here.start(["list", "-o", "json"]))
            #expect(list.json?.array?.first?["name"]?.string == sandbox.cluster, "\(list.all)")
            let all = try await here.finish(here.start(["list", "--all-subscriptions", "-o", "table"]))
            #expect(all.output.hasPrefix("Name") && all.output.contains(sandbox.cluster))
            here.expectNoKubectl()
        }
    }

    @Test func `asks before it changes anything, and without a terminal says what to give`() async throws {
        try await inSandbox { sandbox, _ in
            let here = try Extension(sandbox)
            let refused = try await here.run("switch", "--mode", "Private")
            #expect(refused.exitCode == 2 && refused.errors.contains("--yes"), "\(refused.testDescription)")
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }

    @Test(arguments: [("y", Int32(0)), ("n", 3), ("", 3)])
    func `on a terminal does what the person answers`(_ answer: String, _ exitCode: Int32) async throws {
        try await inSandbox { sandbox, _ in
            let here = try Extension(sandbox)
            let script = Rig.root + "/Tests/EndToEndTests/terminal.py"
            let az = try #require(Az.program)
            let result = try await here.finish(
                RunningProgram(
                    "/usr/bin/env",
                    ["python3", script, "Begin?", answer, az, "aks", "kms-vault-mode", "switch", "--mode", "Private"]
                        + here.place + ["-o", "table"], environment: here.az.environment, folder: here.az.folder))
            #expect(result.exitCode == exitCode, "\(result.testDescription)")
            #expect(result.output.contains("Turn KMS off (Secrets exposed)"))
            let state = try await sandbox.state()
            #expect(state.operations.count == (exitCode == 0 ? 2 : 0))
            #expect(result.output.contains(exitCode == 0 ? "Verdict" : "Nothing was changed."))
            #expect(!result.output.contains("without a result"))
        }
    }

    @Test func `shows progress on standard error unless az is told to be quiet`() async throws {
        try await inSandbox { sandbox, _ in
            let here = try Extension(sandbox)
            let loud = try await here.change("switch", "--mode", "Private")
            #expect(loud.errors.contains("Turning KMS off"), "\(loud.testDescription)")
            var quiet = here
            quiet.az.environment["AZURE_CORE_DISABLE_PROGRESS_BAR"] = "true"
            let bar = try await quiet.change("switch", "--mode", "Public")
            #expect(bar.exitCode == 0 && !bar.errors.contains("Turning KMS off"), "\(bar.testDescription)")
            let errors = try await here.change("switch", "--mode", "Private", "--only-show-errors")
            #expect(errors.exitCode == 0 && errors.errors.isEmpty, "\(errors.testDescription)")
        }
    }

    @Test func `takes a kubeconfig that is named instead of Azure's credentials`() async throws {
        try await inSandbox { sandbox, _ in
            let here = try Extension(sandbox)
            let wrong = sandbox.folder + "/wrong-kubeconfig"
            try "{".write(toFile: wrong, atomically: true, encoding: .utf8)
            for (arguments, variable) in [(["--file", wrong], nil), ([], wrong)] as [([String], String?)] {
                var other = here
                other.az.environment["KUBECONFIG"] = variable
                let result = try await other.finish(other.start(["show"] + other.place + arguments))
                #expect(result.exitCode == 1 && result.errors.contains("wrong-kubeconfig"), "\(result.testDescription)")
            }
            // The shim's own standard input is the conversation, with tokens in it.
            let stream = try await here.run("show", "-f", "/dev/stdin")
            #expect(stream.exitCode == 1 && stream.errors.contains("/dev/stdin"), "\(stream.testDescription)")
            let right = try await here.run("show", "-f", sandbox.variables["KUBECONFIG"] ?? "", "-o", "json")
            #expect(right.exitCode == 0, "\(right.testDescription)")
            let both = try await here.run("show", "-f", sandbox.variables["KUBECONFIG"] ?? "", "--admin")
            #expect(both.exitCode == 2 && both.errors.contains("--admin"), "\(both.testDescription)")
        }
    }

    @Test func `takes the administrator's credentials only when asked to, and not without local accounts`() async throws
    {
        try await inSandbox(SandboxOptions(world: #"{"access": "entra"}"#)) { sandbox, _ in
            let here = try Extension(sandbox)
            #expect(try await here.run("show").exitCode == 0)
            #expect(try await !sandbox.requests().contains { $0.contains("listClusterAdminCredential") })
            #expect(try await here.run("show", "--admin").exitCode == 0)
            #expect(try await sandbox.requests().contains { $0.contains("listClusterAdminCredential") })
        }
        try await inSandbox(SandboxOptions(world: entraOnly)) { sandbox, _ in
            let refused = try await Extension(sandbox).run("show", "--admin")
            #expect(refused.exitCode == 1 && refused.errors.contains("disable local accounts"), "\(refused.all)")
        }
    }

    @Test func `says before any change that the API server cannot be reached from here`() async throws {
        try await inSandbox { sandbox, _ in
            let here = try Extension(sandbox)
            let file = sandbox.folder + "/unreachable"
            let text = try String(contentsOfFile: sandbox.variables["KUBECONFIG"] ?? "", encoding: .utf8)
            try text.replacing(/https:\/\/127.0.0.1:\d+/, with: "https://127.0.0.1:9").write(
                toFile: file, atomically: true, encoding: .utf8)
            let refused = try await here.change("switch", "--mode", "Private", "--file", file)
            #expect(refused.exitCode == 3, "\(refused.testDescription)")
            #expect(refused.errors.contains("cannot be reached from here"))
            #expect(refused.errors.contains("docs/private-clusters.md"))
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }
}
