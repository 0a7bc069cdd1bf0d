import Foundation
import JSON
import SystemRig
import Testing

/// What is asked of both front ends, each in a sandbox of its own that begins alike.
struct BothCase: Sendable, CustomTestStringConvertible {
    var name: String
    /// After `kubectl kms-vault` and after `az aks kms-vault-mode`.
    var kubectl: [String]
    var az: [String]
    var faults: [String] = []
    var options = SandboxOptions()
    var exitCode: Int32 = 0

    var testDescription: String { name }
}

private let toPrivate = (["switch", "--private"], ["switch", "--mode", "Private"])
private let preflight = (["preflight", "--private"], ["preflight", "--mode", "Private"])

private func refusal(
    _ fault: String, _ command: ([String], [String]) = toPrivate, _ code: Int32 = 3
) -> BothCase {
    BothCase(
        name: "\(command.0[0]) with \(fault)", kubectl: command.0, az: command.1, faults: [fault], exitCode: code)
}

@Suite(.needsExtension)
struct `Both front ends` {
    static let cases: [BothCase] = [
        BothCase(name: "status", kubectl: ["status"], az: ["show"]),
        BothCase(name: "plan", kubectl: toPrivate.0 + ["--dry-run"], az: toPrivate.1 + ["--dry-run"]),
        BothCase(
            name: "plan in the older order", kubectl: toPrivate.0 + ["--dry-run", "--close-vault-first"],
            az: toPrivate.1 + ["--dry-run", "--close-vault-first"]),
        BothCase(
            name: "plan back", kubectl: ["switch", "--public", "--dry-run"],
            az: ["switch", "--mode", "Public", "--dry-run"], options: SandboxOptions(mode: "Private")),
        BothCase(name: "preflight", kubectl: preflight.0, az: preflight.1),
        BothCase(name: "verify", kubectl: ["verify"], az: ["verify"]),
        BothCase(name: "verify every Secret", kubectl: ["verify", "--patch"], az: ["verify", "--patch"]),
        BothCase(name: "switch", kubectl: toPrivate.0, az: toPrivate.1),
        BothCase(
            name: "switch that has nothing to do", kubectl: ["switch", "--public"], az: ["switch", "--mode", "Public"]),
        BothCase(name: "resume of nothing", kubectl: ["resume"], az: ["resume"], exitCode: 3),
        BothCase(name: "make-safe of nothing", kubectl: ["make-safe"], az: ["make-safe"]),
        BothCase(
            name: "a class of failures that cannot be accepted",
            kubectl: toPrivate.0 + ["--accept-unknown", "no-such-check"],
            az: toPrivate.1 + ["--accept-unknown", "no-such-check"], exitCode: 2),
        refusal("key-disabled"), refusal("key-disabled", preflight), refusal("vault-deleted"),
        refusal("scope-locked"), refusal("identity-lost-permission"), refusal("new-kms-experience"),
        refusal("node-pool-operation"), refusal("other-cluster-on-vault"),
        refusal("enable-fails", toPrivate, 0),
        BothCase(
            name: "no VNet integration", kubectl: toPrivate.0, az: toPrivate.1,
            options: SandboxOptions(world: #"{"isVNetIntegrated": false}"#), exitCode: 3),
    ]

    @Test(arguments: Rig.chosen(cases))
    func `give the same plan, the same refusal and the same report`(_ both: BothCase) async throws {
        let kubectl = try await outcome(both) { sandbox, plugin in
            let needsYes = ["switch", "resume", "make-safe"].contains(both.kubectl[0])
            return try await plugin.run(
                both.kubectl + plugin.target + ["-o", "json"] + (needsYes ? ["--yes"] : []))
        }
        let az = try await outcome(both) { sandbox, _ in
            let here = try Extension(sandbox)
            let needsYes = ["switch", "resume", "make-safe"].contains(both.az[0])
            return try await here.finish(
                here.start(both.az + here.place + ["-o", "json"] + (needsYes ? ["--yes"] : [])))
        }
        #expect(kubectl.exitCode == both.exitCode, "\(kubectl.all)")
        #expect(az.exitCode == both.exitCode, "\(az.all)")
        #expect(kubectl.lines == az.lines, "\(Set(kubectl.lines).symmetricDifference(az.lines).sorted())")
        for line in kubectl.problem { #expect(az.errors.contains(line), "\(line) is not in \(az.errors)") }
    }

    private struct Outcome {
        var exitCode: Int32
        /// The result without what no two runs have in common; nil where there is none.
        var document: JSONValue?
        /// What went wrong, and which state that leaves.
        var problem: [String]
        var errors: String
        var all: String

        var lines: [String] {
            document.map { String(decoding: $0.bytes(pretty: true), as: UTF8.self) }?
                .split(separator: "\n").map(String.init) ?? []
        }
    }

    private func outcome(
        _ both: BothCase, _ run: (SandboxProcess, Plugin) async throws -> Plugin.Result
    ) async throws -> Outcome {
        var outcome: Outcome?
        try await inSandbox(both.options) { sandbox, plugin in
            for fault in both.faults { try await sandbox.fault(fault) }
            // What a fault of the key does to the API server shows when its plugin has looked again (a minute, scaled).
            if !both.faults.isEmpty { try await Task.sleep(for: .seconds(3)) }
            let result = try await run(sandbox, plugin)
            let words = common(sandbox)
            let problem = result.json?["problem"]
            // az has no document where there is no result.
            let isFailure = result.json?["verdict"]?.string == "not done" && result.json?["runID"] == nil
            outcome = Outcome(
                exitCode: result.exitCode,
                document: isFailure && problem != nil ? nil : result.json.map({ words($0) }),
                problem: [problem?["what"], problem?["id"].map { .string("(\($0.string ?? ""))") }]
                    .compactMap { $0?.string }.map { words.text($0) },
                errors: words.text(result.errors), all: result.testDescription)
        }
        return try #require(outcome)
    }
}

/// What two sandboxes, two runs or two front ends never have in common: times, counts of samples, the program's hash,
/// and the commands that are told to run next.
private func common(_ sandbox: SandboxProcess) -> Normalization {
    let dropped: Set = [
        "planID", "runID", "advice", "next", "startedAt", "endedAt", "seconds", "changes", "vaultChanges",
        "convergence",
        "passes", "proof", "soak", "pass", "toolChecksum", "digest", "eTagAfter",
    ]
    return Normalization(sandbox, dropping: dropped) { text in
        text.replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "UUID")
            .replacing(/\d{4}-\d\d-\d\dT[0-9:.]+Z/, with: "TIME")
            .replacing(/azurekmsprovider-[0-9a-f]+: \d+/, with: "PROVIDER")
            .replacing(/127\.0\.0\.1:\d+/, with: "SERVER")
            // A hash of the key's id, which holds the port.
            .replacing(/encrypt with the key [0-9a-f]{8}/, with: "encrypt with the key HASH")
            .replacing(/(kubectl kms-vault|az aks kms-vault-mode) [a-z-]+/, with: "COMMAND")
            .replacing(/COMMAND( --mode \w+)?(( --subscription \S+)? -g \S+ (-n|--name) \S+)?/, with: "COMMAND")
            .replacing(/COMMAND --(private|public)/, with: "COMMAND")
    }
}
