import Foundation
import SystemRig
import Testing

/// The same files, flags and variables for the real kubectl and for our own reading of them. What kubectl does is seen
/// by a server that it is led to.
@Suite(.enabled(if: Rig.kubectl != nil, "kubectl is needed"))
struct `Parity with kubectl` {
    @Test func `in how a file is written`() async throws {
        try await compare { $0.lists() + $0.encodings() + $0.documents() + $0.values() }
    }

    @Test func `in what the entries, flags and variables say`() async throws {
        try await compare { try $0.servers() + $0.users() + $0.flagsAndVariables() }
    }

    @Test func `in what a credential plugin answers`() async throws {
        try await compare { try $0.plugins() }
    }

    private func compare(_ cases: (MirrorKubeconfigs) throws -> [ParityCase]) async throws {
        let folder = NSTemporaryDirectory() + "parity-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let mirror = try await RequestMirror(in: folder)
        try Data("from-file".utf8).write(to: URL(fileURLWithPath: folder + "/mirror.token"))
        let cases = try cases(try MirrorKubeconfigs(mirror))
        let table = try String(contentsOfFile: Rig.root + "/docs/compatibility.md", encoding: .utf8)
        for one in cases { #expect(table.contains("`\(one.name)`"), "docs/compatibility.md lacks \(one.name)") }
        await withTaskGroup(of: Void.self) { group in
            for (number, one) in cases.enumerated() {
                if number >= 4 { await group.next() }
                group.addTask { await expectParity(one, number, mirror) }
            }
        }
        try await mirror.stop()
    }
}

private func expectParity(_ one: ParityCase, _ number: Int, _ mirror: RequestMirror) async {
    do {
        let kubectl = try #require(Rig.kubectl)
        let files = try one.files.enumerated().map { index, bytes in
            let file = "\(mirror.folder)/config-\(number)-\(index)"
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            return file
        }
        // The home is not the folder of the files: nothing is remembered of other servers.
        let home = "\(mirror.folder)/home-\(number)"
        if let first = one.files.first, one.list == "" {
            try FileManager.default.createDirectory(atPath: home + "/.kube", withIntermediateDirectories: true)
            try Data(first).write(to: URL(fileURLWithPath: home + "/.kube/config"))
        }
        let variables = one.variables.merging([
            "KUBECONFIG": one.list(of: files), "HOME": home,
            "PATH": Rig.environment["PATH"] ?? "/usr/bin:/bin",
        ]) { first, _ in first }
        let result = try await RunningProgram(
            kubectl, ["get", "--raw", "/version"] + one.arguments, environment: variables, folder: mirror.folder
        ).result()
        let theirs = Way(kubectl: result)
        let ours = await Way(ours: one.overrides, variables, home: home, mirror)
        #expect(ours == one.ours ?? theirs, "\(one.name): kubectl: \(theirs) (\(result.errors.suffix(300)))")
        #expect(theirs != one.ours, "\(one.name): kubectl does the same; this is no difference")
        #expect(theirs != .fails(.other), "\(one.name): \(result.errors.suffix(300))")
    } catch {
        Issue.record(error, "\(one.name)")
    }
}
