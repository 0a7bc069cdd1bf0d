import HTTP
import JSON
import SystemRig
import Testing

/// What real clusters go through while they are switched, without being at fault.
@Suite(.needsSandbox)
struct `A cluster in use` {
    /// The Secrets that a result names as not rewritten.
    private func failures(_ result: Plugin.Result) -> [JSONValue] { result.json?["failures"]?.array ?? [] }

    /// Webhooks of AKS clusters spare kube-system, unless their owners say otherwise (AKS FAQ, admissions enforcer).
    private static func timeouts(sparing namespace: String?) -> JSONValue {
        var rule: JSONValue = [
            "action": ["webhookTimeout": ["name": "guard.example.com"]], "percent": 30, "seconds": 60,
            "verbs": ["patch"], "resource": "secrets",
        ]
        rule["exceptNamespace"] = namespace.map { .string($0) }
        return rule
    }

    @Test(
        arguments: ["disable-succeeded", "enable-succeeded"], ["kube-system", nil])
    func `whose webhook times out for 30 % of the patches of a minute is rewritten in the end`(
        _ moment: String, _ spared: String?
    ) async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.order("faults", Self.timeouts(sparing: spared), at: moment)
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            #expect(failures(result).isEmpty, "\(result.testDescription)")
            #expect(try await sandbox.hits("cluster-order") == 1)
        }
    }

    @Test(arguments: ["disable-succeeded", "enable-succeeded"], FaultCase.Target.all)
    func `whose etcd is away for 5 s loses no Secret`(_ moment: String, _ target: FaultCase.Target) async throws {
        let mode = target == .toPrivate ? "Public" : "Private"
        try await inSandbox(SandboxOptions(secrets: 400, mode: mode)) { sandbox, plugin in
            try await sandbox.order("etcd-outage", ["seconds": 5], at: moment)
            let result = try await plugin.change("switch", target.rawValue)
            let state = try await sandbox.state()
            switch target {
            case .toPrivate: expectPrivate(result, state, sandbox)
            case .toPublic: expectPublic(result, state, sandbox)
            }
            #expect(failures(result).isEmpty, "\(result.testDescription)")
            #expect(try await sandbox.hits("cluster-order") == 1)
        }
    }

    private func stamp(_ sandbox: SandboxProcess, in namespaces: [String]?) async throws {
        var webhook: JSONValue = [
            "name": "stamp.example.com", "verdict": ["stamp": ["annotation": "example.com/seen"]],
        ]
        webhook["namespaces"] = namespaces.map { .array($0.map(JSONValue.string)) }
        try await sandbox.control(.post, "cluster/webhooks", .array([webhook]))
    }

    @Test func `with a webhook that changes every Secret on every update is done`() async throws {
        try await inSandbox { sandbox, plugin in
            try await stamp(sandbox, in: (0..<4).map { "team-\($0)" })
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            #expect(failures(result).isEmpty, "\(result.testDescription)")
        }
    }

    @Test func `with such a webhook on the probes as well is done, or refused before anything is changed`() async throws
    {
        try await inSandbox { sandbox, plugin in
            try await stamp(sandbox, in: nil)
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            let state = try await sandbox.state()
            if result.exitCode == 0 { return expectPrivate(result, state, sandbox) }
            #expect(result.exitCode == 3, "\(result.testDescription)")
            #expect(state.operations.isEmpty && state.vaultHistory().map(\.value) == ["Enabled"])
        }
    }

    @Test func `with a pool that upgrades for hours is rewritten, verified and closed meanwhile`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("node-pool-operation", ["state": "Upgrading"], at: "enable-succeeded")
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            let azure = try await AzureClient(sandbox)
            let pools = try await azure.cluster("2026-06-01")[path: "properties", "agentPoolProfiles"]?.array
            #expect(pools?.first?["provisioningState"]?.string == "Upgrading")
        }
    }

    @Test func `with a pool at work while KMS is off waits, asks Azure now and then, and is done`() async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.fault("node-pool-operation", ["state": "Upgrading"], at: "disable-succeeded")
            let program = try plugin.startChange("switch", "--private", "--soak", "60", "--operation-timeout", "10m")
            try await eventually(within: 180, "the wait for the pool: \(program.errors)") {
                program.errors.contains("node pools are busy")
            }
            try await eventually(within: 180, "an update that Azure puts off") {
                try await sandbox.requests().filter { $0.hasPrefix("PUT ") && $0.contains("managedClusters") }.count > 1
            }
            #expect(try await sandbox.state().plaintext == 43)
            try await sandbox.endFaults()
            expectPrivate(try await plugin.finish(program), try await sandbox.state(), sandbox)
        }
    }

    @Test func `with others' approved endpoints waits for its own`() async throws {
        try await inSandbox { sandbox, plugin in
            let node = "MC_\(sandbox.resourceGroup)_\(sandbox.cluster)_westeurope"
            try await sandbox.control(
                .post, "vaults",
                .object([
                    "name": .string(sandbox.variables["KEY_VAULT"] ?? ""),
                    "connections": .array([
                        .object(["name": "app-endpoint", "resourceGroup": "rg-app"]),
                        .object(["name": "kms-earlier", "resourceGroup": .string(node)]),
                    ]),
                ]))
            try await sandbox.fault("private-endpoint-pending")
            let program = try plugin.startChange("switch", "--private", "--soak", "60")
            try await eventually(within: 60, "the wait for the approval: \(program.errors)") {
                program.errors.contains("private endpoint")
            }
            var state = try await sandbox.state()
            #expect(state.plaintext == 43 && state.kmsEnabled && state.vaultAccess() == "Enabled")
            try await sandbox.endFaults()
            let result = try await plugin.finish(program)
            state = try await sandbox.state()
            expectPrivate(result, state, sandbox)
        }
    }

    @Test(arguments: ["hang", "refuse"], ["disable-succeeded", "enable-accepted"])
    func `whose API server is silent for a while with KMS off goes on`(_ how: String, _ moment: String) async throws {
        try await inSandbox { sandbox, plugin in
            try await sandbox.order("silence", ["seconds": 12, "how": .string(how)], at: moment)
            let result = try await plugin.change("switch", "--private", "--soak", "60")
            expectPrivate(result, try await sandbox.state(), sandbox)
            #expect(try await sandbox.hits("cluster-order") == 1)
        }
    }

    @Test func `in 1.37's words names every Secret that cannot be read`() async throws {
        try await inSandbox(SandboxOptions(more: ["--kubernetes-version", "1.37.0"])) { sandbox, plugin in
            for number in [1, 5] { try await sandbox.corrupt("team-1", "secret-\(number)") }
            let refused = try await plugin.change("switch", "--private")
            #expect(refused.exitCode == 3 && refused.problem == "preflight", "\(refused.testDescription)")
            #expect(refused.errors.contains("secrets-decryptable: 2 Secrets"), "\(refused.testDescription)")
        }
    }
}
