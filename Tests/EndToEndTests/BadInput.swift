import Foundation
import JSON
import SystemRig
import Testing

/// Input that is wrong, and what must be said of it.
struct BadInput: Sendable {
    var what: String
    var code: Int32
    /// The id of the problem; empty where the command line itself cannot be read, and no document is written.
    var problem: String
    /// What the message must name.
    var says: String

    init(_ what: String, _ code: Int32, _ problem: String, _ says: String) {
        self.what = what
        self.code = code
        self.problem = problem
        self.says = says
    }

    /// What the same command ends with where all is well: it stops at a plan that there is not.
    static func good(_ what: String) -> BadInput { BadInput(what, 3, "refused", "the plan is") }

    private static let dumps = [
        "CocoaError", "DecodingError", "NSError", "Error Domain", "Fatal error", "Optional(", "debugDescription",
        "dataCorrupted", "keyNotFound", "Swift.", "EncodingError", ".swift:", "Stack dump", "Crash",
    ]

    /// A clear error and the right exit code; nothing of ours dumped, nothing that drives a terminal, and no more than
    /// fits a screen.
    func expect(_ result: Plugin.Result, _ location: SourceLocation = #_sourceLocation) {
        let shown = "\(what): \(result.testDescription.prefix(2000))"
        #expect(result.exitCode == code, "\(shown)", sourceLocation: location)
        #expect(result.problem == problem, "\(shown)", sourceLocation: location)
        #expect(result.errors.contains(says), "\(shown)", sourceLocation: location)
        #expect((1...4000).contains(result.errors.utf8.count), "\(shown)", sourceLocation: location)
        for dump in Self.dumps { #expect(!result.all.contains(dump), "\(shown)", sourceLocation: location) }
        let isUnsafe = result.all.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F }
        #expect(!isUnsafe, "\(shown)", sourceLocation: location)
        guard !problem.isEmpty else { return }
        #expect(result.json?["exitCode"]?.integer == Int64(code), "\(shown)", sourceLocation: location)
        #expect(result.secretsAtRest == "unknown", "\(shown)", sourceLocation: location)
        #expect(result.errors.contains("Nothing was changed."), "\(shown)", sourceLocation: location)
        #expect(result.json?[path: "problem", "next"]?.string?.isEmpty == false, "\(shown)", sourceLocation: location)
    }
}

extension Plugin {
    /// A switch that stops before it changes anything, whatever is right or wrong about its input.
    func harmless(_ arguments: [String] = []) async throws -> Result {
        try await run(["switch", "--private", "--plan-id", "none"] + target + ["--yes", "-o", "json"] + arguments)
    }

    func with(_ name: String, _ value: String) -> Plugin {
        var other = self
        other.environment[name] = value
        return other
    }

    /// The same without the right of root to read whatever is there.
    func bound() -> Plugin {
        var other = self
        let capabilities = "-dac_override,-dac_read_search"
        other.launcher = ["/usr/bin/setpriv", "--bounding-set=\(capabilities)", "--inh-caps=\(capabilities)"]
        return other
    }
}

/// No test of this kind may have changed anything.
func expectUntouched(_ sandbox: SandboxProcess, _ location: SourceLocation = #_sourceLocation) async throws {
    let state = try await sandbox.state()
    #expect(state.operations.isEmpty && state.vaultHistory().map(\.value) == ["Enabled"], sourceLocation: location)
    expectStoredEncrypted(state, by: sandbox.keyID, sandbox, location)
}
