import Foundation
import Glibc
import JSON
import SystemRig
import Testing

/// A command on many clusters.
@Suite(.needsSandbox)
struct `A fleet` {
    private static func fleet(_ count: Int, shared: Int, throttles: Bool = false) -> SandboxOptions {
        var options = SandboxOptions(
            secrets: 15, throttles: throttles, more: ["--clusters", "\(count)", "--shared-vault", "\(shared)"])
        options.startsWithin = 120
        return options
    }

    @Test func `of twelve, three on one vault: one fails, one try is killed, and the same command brings all there`()
        async throws
    {
        try await inSandbox(Self.fleet(12, shared: 3, throttles: true)) { sandbox, plugin in
            let command = [
                "switch", "--private", "--all-in", try list(sandbox), "--parallel", "4", "--yes", "-o", "json",
            ]
            try await sandbox.fault(
                "cluster-policy-denies", ["cluster": .string("demo-7"), "times": .integer(1000)])
            let failed = try await plugin.run(command)
            #expect(failed.exitCode != 0, "\(failed.testDescription)")
            let states = failed.states
            #expect(states["demo-7"] == "failed" || states["demo-7"] == "refused", "\(states)")
            // Nobody begins after it, and whoever had begun came to the end.
            #expect(states["demo-12"] == "notStarted" && states["demo"] == "done", "\(states)")
            #expect(!states.values.contains("exposed") && states.count == 12)
            #expect(failed.errors.contains("The same command goes on with what is left."), "\(failed.errors)")
            for name in sandbox.clusters { #expect(try await sandbox.state(of: name).plaintext == 0) }

            try await sandbox.endFaults()
            let killed = try plugin.start(command)
            try await eventually("one of the last six is worked on") {
                for name in sandbox.clusters.suffix(6) where try await sandbox.state(of: name).plaintext > 0 {
                    return true
                }
                return false
            }
            killed.signal(SIGKILL)
            _ = try await plugin.finish(killed)

            let ended = try await plugin.run(command)
            #expect(ended.exitCode == 0, "\(ended.testDescription)")
            #expect(ended.json?["verdict"]?.string == "done" && ended.states["demo"] == "doneBefore", "\(ended.states)")
            for name in sandbox.clusters {
                let state = try await sandbox.state(of: name)
                #expect(state.kmsMode == "Private" && state.plaintext == 0, "\(name)")
                #expect(try await sandbox.unreadable(in: name) == [])
                let vault = sandbox.clusters.prefix(3).contains(name) ? "kv-demo" : "kv-\(name)"
                #expect(state.access(ofVault: vault) == "Disabled", "\(vault)")
            }
            #expect(try await sandbox.answers(429) == 0)
            let again = try await plugin.run(command)
            #expect(again.exitCode == 0 && again.errors.contains("Nothing to do on 12 clusters"), "\(again.all)")
        }
    }

    @Test func `closes a shared vault after the last of its clusters, and leaves it open if one of them fails`()
        async throws
    {
        try await inSandbox(Self.fleet(3, shared: 3)) { sandbox, plugin in
            try await sandbox.fault(
                "cluster-policy-denies", ["cluster": .string("demo-2"), "times": .integer(1000)])
            let command = ["switch", "--private", "--all-clusters", "-g", sandbox.resourceGroup, "-o", "json"]
            let plan = try await plugin.run(command + ["--dry-run"])
            let shared = plan.json?["sharedVaults"]?.array?.first?["clusters"]?.array
            #expect(plan.exitCode == 0 && shared?.count == 3, "\(plan.testDescription)")
            let id = try #require(plan.json?["planID"]?.string)
            let failed = try await plugin.run(command + ["--yes", "--plan-id", id])
            #expect(failed.exitCode != 0 && failed.states["demo"] != "done", "\(failed.testDescription)")
            #expect(failed.output.contains("the vault stays open: it is shared with demo-2"), "\(failed.output)")
            for name in ["demo", "demo-3"] {
                let state = try await sandbox.state(of: name)
                #expect(state.kmsMode == "Private" && state.plaintext == 0 && state.vaultAccess() == "Enabled")
            }
            #expect(try await sandbox.state(of: "demo-2").plaintext == 0)

            try await sandbox.endFaults()
            // The plan that was agreed to is on its way: it is not asked for again.
            let ended = try await plugin.run(command + ["--yes", "--plan-id", id])
            #expect(ended.exitCode == 0, "\(ended.testDescription)")
            let state = try await sandbox.state()
            #expect(state.vaultHistory().map(\.value) == ["Enabled", "Disabled"])
            for name in sandbox.clusters { #expect(try await sandbox.unreadable(in: name) == []) }

            // Back: opened before the first needs it, and never closed again.
            let back = try await plugin.run([
                "switch", "--public", "--all-in", try list(sandbox), "--yes", "-o", "json",
            ])
            #expect(back.exitCode == 0, "\(back.testDescription)")
            let history = try await sandbox.state().vaultHistory().map(\.value)
            // Two that see it closed at the same moment both open it, which changes nothing.
            #expect(history.prefix(2) == ["Enabled", "Disabled"] && history.count > 2, "\(history)")
            #expect(history.dropFirst(2).allSatisfy { $0 == "Enabled" }, "\(history)")
        }
    }

    @Test func `goes stage by stage, and not to the next one after a failure`() async throws {
        try await inSandbox(Self.fleet(3, shared: 1)) { sandbox, plugin in
            let ids = try await ids(sandbox)
            let file = sandbox.folder + "/fleet.yaml"
            let text = """
                stages:
                  - name: canary
                    pause: 20s
                    clusters: ["\(ids[1])"]
                  - name: rest
                    clusters: ["\(ids[0])", "\(ids[2])"]
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            try await sandbox.fault("cluster-policy-denies", ["cluster": .string("demo-2"), "times": .integer(1000)])
            let failed = try await plugin.run(["switch", "--private", "--all-in", file, "--yes", "-o", "json"])
            #expect(failed.exitCode != 0 && failed.states["demo"] == "notStarted", "\(failed.testDescription)")
            #expect(try await sandbox.state(of: "demo").operations.isEmpty)
            try await sandbox.endFaults()
            let ended = try await plugin.run(["switch", "--private", "--all-in", file, "--yes", "-o", "json"])
            #expect(ended.exitCode == 0, "\(ended.testDescription)")
            #expect(ended.errors.contains("Stage canary is done. Stage rest begins in 20 s."), "\(ended.errors)")
            // Two updates of the canary, and then those of the rest.
            let operations = try await sandbox.state().operations
            #expect(operations.count == 6 && operations[1].end < operations[2].start, "\(operations)")
            // By a tag's values: ring canary comes before ring prod.
            let plan = try await plugin.run([
                "switch", "--public", "--all-clusters", "-g", sandbox.resourceGroup, "--stage-by", "ring", "--dry-run",
                "-o", "json",
            ])
            #expect(plan.json?["stages"]?.array?.compactMap { $0["name"]?.string } == ["canary", "prod"])
        }
    }

    @Test func `rotates clusters of one key to one new version`() async throws {
        try await inSandbox(Self.fleet(3, shared: 3)) { sandbox, plugin in
            let rotated = try await plugin.run([
                "rotate", "--new-version", "--all-in", try list(sandbox), "--yes", "-o", "json",
            ])
            #expect(rotated.exitCode == 0, "\(rotated.testDescription)")
            // Key Vault's own request for a new version.
            #expect(try await sandbox.requests().count { $0.contains("/keys/kms/rotate") } == 1)
            let keys = try await sandbox.clusters.asyncMap { try await sandbox.state(of: $0).encryptedByKey.keys.first }
            #expect(Set(keys).count == 1 && keys[0] != sandbox.keyID)
        }
    }

    @Test func `is looked at, checked and verified in one command each`() async throws {
        try await inSandbox(Self.fleet(3, shared: 2)) { sandbox, plugin in
            let list = try list(sandbox)
            let status = try await plugin.run(["status", "--query", "ring=prod"])
            #expect(status.exitCode == 0 && status.errors.contains("2 of 2 clusters were seen"), "\(status.all)")
            #expect(status.output.contains("demo-3") && !status.output.contains("\ndemo "), "\(status.output)")
            let preflight = try await plugin.run(["preflight", "--private", "--all-in", list, "-o", "json"])
            #expect(preflight.exitCode == 0, "\(preflight.testDescription)")
            try await sandbox.fault("key-disabled", ["vault": .string("kv-demo-3")])
            let refused = try await plugin.run(["preflight", "--private", "--all-in", list, "-o", "json"])
            #expect(refused.exitCode == 3 && refused.states["demo-3"] == "refused", "\(refused.testDescription)")
            let plan = try await plugin.run(["switch", "--private", "--all-in", list, "--yes", "-o", "json"])
            #expect(plan.exitCode == 3 && plan.errors.contains("Nothing was changed: 1 of 3 clusters are refused."))
            #expect(try await sandbox.state().operations.isEmpty)
            try await sandbox.endFaults()
            let verified = try await plugin.run(["verify", "--patch", "--all-in", list, "-o", "json"])
            #expect(verified.exitCode == 0 && verified.secretsAtRest == "encrypted", "\(verified.testDescription)")
        }
    }

    @Test func `believes the cluster, and not what a record says of it`() async throws {
        try await inSandbox(Self.fleet(2, shared: 1)) { sandbox, plugin in
            let command = [
                "switch", "--private", "--all-in", try list(sandbox), "--parallel", "1", "--yes", "-o", "json",
            ]
            try await sandbox.fault(
                "cluster-policy-denies", ["cluster": .string("demo-2"), "times": .integer(1000)])
            let failed = try await plugin.run(command)
            #expect(failed.states["demo"] == "done" && failed.exitCode != 0, "\(failed.testDescription)")
            try await sandbox.endFaults()
            // Somebody undoes the first one meanwhile.
            let back = try await plugin.change("switch", "--public")
            #expect(back.exitCode == 0, "\(back.testDescription)")
            let ended = try await plugin.run(command)
            #expect(ended.exitCode == 0 && ended.states["demo"] == "done", "\(ended.testDescription)")
            for name in sandbox.clusters { #expect(try await sandbox.state(of: name).kmsMode == "Private") }
        }
    }

    /// At half of Azure's time 28 clusters ask for more than 60 at once and two a second.
    @Test func `stays within Azure's limits though all clusters are asked at once`() async throws {
        var options = Self.fleet(28, shared: 3, throttles: true)
        options.timeScale = 0.5
        options.secrets = 2
        options.replicas = 1
        try await inSandbox(options) { sandbox, plugin in
            let checked = try await plugin.run(
                ["preflight", "--private", "--all-in", try list(sandbox), "--parallel", "28", "-o", "json"])
            #expect(checked.exitCode == 0, "\(checked.testDescription)")
            #expect(try await sandbox.answers(429) == 0)
        }
    }

    @Test func `is not changed without a word on which clusters are meant`() async throws {
        try await inSandbox(Self.fleet(2, shared: 1)) { sandbox, plugin in
            let all = ["switch", "--private", "--all-clusters", "-g", sandbox.resourceGroup]
            let unnamed = try await plugin.run(all + ["--yes"])
            #expect(unnamed.exitCode == 2 && unnamed.errors.contains("--yes needs --all-in, or the --plan-id"))
            let other = try await plugin.run(all + ["--yes", "--plan-id", "0123456789abcdef"])
            #expect(other.exitCode == 3 && other.errors.contains("not 0123456789abcdef: something changed since"))
            let unasked = try await plugin.run(all)
            #expect(unasked.exitCode == 2, "\(unasked.testDescription)")
            let mixed = try await plugin.run(all + ["--name", "demo"])
            #expect(mixed.exitCode == 2 && mixed.errors.contains("many clusters and --name do not go together"))
            try Data("demo\n".utf8).write(to: URL(fileURLWithPath: sandbox.folder + "/bad"))
            let bad = try await plugin.run(["switch", "--private", "--all-in", sandbox.folder + "/bad", "--yes"])
            #expect(bad.exitCode == 2 && bad.errors.contains("az aks list"), "\(bad.testDescription)")
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }
}

private func ids(_ sandbox: SandboxProcess) async throws -> [String] {
    let subscription = sandbox.variables["SUBSCRIPTION_ID"] ?? ""
    return sandbox.clusters.map {
        "/subscriptions/\(subscription)/resourceGroups/\(sandbox.resourceGroup)"
            + "/providers/Microsoft.ContainerService/managedClusters/\($0)"
    }
}

/// A file with all clusters of a sandbox.
private func list(_ sandbox: SandboxProcess) throws -> String {
    let subscription = sandbox.variables["SUBSCRIPTION_ID"] ?? ""
    let lines = sandbox.clusters.map {
        "/subscriptions/\(subscription)/resourceGroups/\(sandbox.resourceGroup)"
            + "/providers/Microsoft.ContainerService/managedClusters/\($0)\n"
    }
    let path = sandbox.folder + "/clusters.txt"
    try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
    return path
}

extension Plugin.Result {
    /// By the name of each cluster.
    fileprivate var states: [String: String] {
        var states: [String: String] = [:]
        for cluster in json?["clusters"]?.array ?? [] {
            let name = cluster["cluster"]?.string?.split(separator: "/").last.map(String.init) ?? ""
            states[name] = cluster["state"]?.string ?? cluster["way"]?.string
        }
        return states
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ map: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await map(element)) }
        return values
    }
}
