import Foundation
import HTTP
import JSON
import SystemRig
import Testing

/// `--engine svm`: the cluster's own controller of StorageVersionMigrations rewrites, and the verifying pass proves it.
@Suite(.needsSandbox)
struct `The cluster's own engine` {
    private static func options(_ migrations: String = "running", secrets: Int = 40) -> SandboxOptions {
        SandboxOptions(secrets: secrets, more: ["--kubernetes-version", "1.37.0", "--migrations", migrations])
    }

    /// Denies the update of one team's Secrets.
    private static let guardian: JSONValue = .array([
        .object([
            "name": .string("no.example"), "namespaces": .array([.string("team-1")]),
            "verdict": .object(["deny": .object(["message": .string("not these"), "code": .integer(403)])]),
        ])
    ])

    private func passes(_ result: Plugin.Result, _ kind: String) -> [JSONValue] {
        (result.json?["passes"]?.array ?? []).filter { $0["kind"]?.string == kind }
    }

    /// The names of the migrations that are left.
    private func left(_ plugin: Plugin) async throws -> [String] {
        let found = try await plugin.kubectl(["get", "storageversionmigrations", "-o", "json"])
        return (found.json?["items"]?.array ?? []).compactMap { $0[path: "metadata", "name"]?.string }
    }

    private func make(_ plugin: Plugin, _ name: String, annotations: String = "{}") async throws {
        let object = """
            {"apiVersion":"storagemigration.k8s.io/v1","kind":"StorageVersionMigration",
             "metadata":{"name":"\(name)","annotations":\(annotations)},
             "spec":{"resource":{"group":"","resource":"secrets"}}}
            """
        let file = "\(plugin.folder)/\(name).json"
        try object.write(toFile: file, atomically: true, encoding: .utf8)
        let made = try await plugin.kubectl(["create", "-f", file, "--validate=false"])
        #expect(made.exitCode == 0, "\(made.errors)")
    }

    @Test func `rewrites 2,000 Secrets in a whole switch, and leaves nothing to move`() async throws {
        try await inSandbox(Self.options(secrets: 2000)) { sandbox, plugin in
            let result = try await plugin.change("switch", "--private", "--engine", "svm")
            expectPrivate(result, try await sandbox.state(), sandbox)
            let rewrites = passes(result, "rewrite")
            #expect(rewrites.count == 2 && rewrites.allSatisfy { $0["engine"]?.string == "svm" })
            #expect(passes(result, "verify").map { $0["rewritten"]?.integer } == [0])
            #expect(!result.errors.contains("by itself instead"), "\(result.testDescription)")
            #expect(try await left(plugin).isEmpty)
            #expect(try await sandbox.unreadable().isEmpty)
        }
    }

    @Test func `that fails at a denied Secret leads to the end that the own rewrite has`() async throws {
        var ends: [[String]] = []
        for engine in ["auto", "svm"] {
            try await inSandbox(Self.options()) { sandbox, plugin in
                try await sandbox.control(.post, "cluster/webhooks", Self.guardian)
                let result = try await plugin.change(
                    "switch", "--private", "--engine", engine, "--accept-failures", "denied")
                let state = try await sandbox.state()
                let failures = (result.json?["failures"]?.array ?? []).compactMap { $0["name"]?.string }.sorted()
                ends.append(
                    [
                        "\(result.exitCode)", result.secretsAtRest, result.json?["verdict"]?.string ?? "",
                        "\(state.plaintext) \(state.encrypted)", state.kmsMode, state.vaultAccess(),
                    ] + failures)
                guard engine == "svm" else { return }
                #expect(result.errors.contains("admission webhook \"no.example\" denied"), "\(result.testDescription)")
                #expect(try await left(plugin).isEmpty)
            }
        }
        #expect(ends.count == 2 && ends.first == ends.last && ends.first?.contains("secret-1") == true, "\(ends)")
    }

    @Test func `that never ends at an undecryptable Secret is given up after its time`() async throws {
        try await inSandbox(Self.options()) { sandbox, plugin in
            try await sandbox.control(.post, "cluster/store-plaintext", .object([:]))
            try await sandbox.corrupt("team-0", "secret-0")
            let result = try await plugin.change("rewrite-secrets", "--engine", "svm")
            #expect(result.json?[path: "engine", "result"]?.string == "fellBack", "\(result.testDescription)")
            #expect(result.json?[path: "engine", "detail"]?.string?.contains("no end in time") == true)
            #expect(result.json?[path: "counts", "undecryptable"]?.integer == 1)
            #expect(try await plugin.change("rewrite-secrets").exitCode == result.exitCode, "\(result.testDescription)")
            #expect(try await left(plugin).isEmpty)
        }
    }

    @Test func `on an API server that lags is seen by what follows it, and the vault stays open`() async throws {
        try await inSandbox(Self.options(secrets: 4000)) { sandbox, plugin in
            let program = try plugin.startChange("switch", "--private", "--engine", "svm", "--soak", "60")
            try await eventually(every: 0.02, "the engine encrypts") {
                let state = try await sandbox.state()
                return state.kmsEnabled && state.operations.count == 2 && (100..<3800).contains(state.plaintext)
            }
            // The API server to which the controller's connection goes.
            try await sandbox.rollBack(replica: 0)
            let stopped = try await plugin.finish(program)
            #expect(stopped.exitCode == 6, "\(stopped.testDescription)")
            #expect(stopped.problem == "convergence-unproven" && stopped.secretsAtRest == "mixed")
            #expect((passes(stopped, "verify").first?["rewritten"]?.integer ?? 1) > 0)
            #expect(try await sandbox.state().vaultHistory().map(\.value) == ["Enabled"])

            try await sandbox.settle()
            let result = try await plugin.change("resume", "--engine", "svm", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            #expect(try await left(plugin).isEmpty)
        }
    }

    @Test func `is refused before anything changes where the API server does not have it`() async throws {
        try await inSandbox(Self.options("absent")) { sandbox, plugin in
            let refused = try await plugin.change("switch", "--private", "--engine", "svm")
            #expect(refused.exitCode == 3, "\(refused.testDescription)")
            #expect(refused.all.contains("rewrite-engine") && refused.all.contains("Leave out --engine svm"))
            let alone = try await plugin.change("rewrite-secrets", "--engine", "svm")
            #expect(alone.exitCode == 3 && alone.all.contains("1.37"), "\(alone.testDescription)")
            #expect(try await sandbox.state().operations.isEmpty)
            let older = try await plugin.change("switch", "--private", "--engine", "svm", "--close-vault-first")
            #expect(older.exitCode != 0 && older.all.contains("--close-vault-first"))
        }
    }

    @Test func `without its controller is given up after a minute`() async throws {
        try await inSandbox(Self.options("served")) { sandbox, plugin in
            let result = try await plugin.change("switch", "--private", "--engine", "svm")
            expectPrivate(result, try await sandbox.state(), sandbox)
            #expect(result.errors.contains("no controller took it up"), "\(result.testDescription)")
            #expect(passes(result, "rewrite").allSatisfy { $0["engine"]?.string == nil })
            #expect(try await left(plugin).isEmpty)
        }
    }

    /// A user with these rights, and a plugin that is that user.
    private func user(
        _ name: String, _ rules: [(verbs: [String], resources: [String])], _ sandbox: SandboxProcess, _ plugin: Plugin
    ) async throws -> [String] {
        let rules = rules.map { rule in
            JSONValue.object([
                "verbs": .array(rule.verbs.map(JSONValue.string)),
                "resources": .array(rule.resources.map(JSONValue.string)),
            ])
        }
        let made = try await sandbox.control(
            .post, "cluster/users", .object(["name": .string(name), "rules": .array(rules)]))
        return ["--kubeconfig", try #require(made["kubeconfig"]?.string)]
    }

    @Test func `needs the rights that rbac prints, and without them this program rewrites by itself`() async throws {
        try await inSandbox(Self.options()) { sandbox, plugin in
            let printed = try await plugin.run(["rbac", "--for", "rewrite-secrets", "--engine", "svm"])
            #expect(printed.output.contains("storageversionmigrations"))
            let least: [(verbs: [String], resources: [String])] = [
                (["get", "list"], ["namespaces"]), (["list", "patch"], ["secrets"]), (["get"], ["configmaps"]),
                (["get", "update", "create"], ["leases"]),
            ]
            let engine = (verbs: ["create", "get", "list", "delete"], resources: ["storageversionmigrations"])
            for (name, rules, result) in [("least", least + [engine], "succeeded"), ("less", least, "fellBack")] {
                try await sandbox.control(.post, "cluster/store-plaintext", .object([:]))
                let access = try await user(name, rules, sandbox, plugin)
                let done = try await plugin.run(
                    ["rewrite-secrets", "--engine", "svm", "-o", "json", "--yes"] + plugin.target + access)
                #expect(done.exitCode == 0, "\(name): \(done.testDescription)")
                #expect(done.json?[path: "engine", "result"]?.string == result, "\(name): \(done.testDescription)")
                #expect(try await sandbox.state().plaintext == 0)
            }
        }
    }

    @Test func `waits for a migration of others, and takes away what a killed run left`() async throws {
        try await inSandbox(Self.options()) { sandbox, plugin in
            try await make(plugin, "theirs")
            try await make(plugin, "kms-vault-left", annotations: #"{"kms-vault.azure/run-id":"dead"}"#)
            // Not ours, whatever its name.
            try await make(plugin, "kms-vault-alike")
            try await sandbox.control(.post, "cluster/store-plaintext", .object([:]))
            let result = try await plugin.change(
                "rewrite-secrets", "--engine", "svm", "--resources", "leases.coordination.k8s.io")
            #expect(result.exitCode == 0, "\(result.testDescription)")
            #expect(result.json?[path: "engine", "result"]?.string == "succeeded")
            #expect(result.json?["engine"]?["others"]?.array?.first?["isDone"]?.bool == true)
            #expect(result.json?[path: "engine", "movedAfter"]?.integer == 0)
            expectStoredEncrypted(try await sandbox.state(), by: sandbox.keyID, sandbox)
            #expect(try await left(plugin) == ["kms-vault-alike", "theirs"])
        }
    }
}
