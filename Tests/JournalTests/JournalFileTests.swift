import Files
import FoundationEssentials
import Journal
import ModeSwitch
import Testing

@Suite struct JournalFileTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/journal-\(UUID().uuidString)"

    private func file(_ cluster: String = "c") -> JournalFile {
        JournalFile(stateHome: folder, subscription: "S", resourceGroup: "G", cluster: cluster)
    }

    @Test func `what was saved is what is loaded`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let record = ReconcileTests.record(changes: 2)
        #expect(try file().load() == nil)
        try file().save(record)
        #expect(try file().load() == record)
        #expect(file().path == "\(folder)/kubectl-kms-vault/s/g/c.json")
    }

    @Test func `the file can be read by its owner alone`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try file().save(ReconcileTests.record())
        let mode = try FileManager.default.attributesOfItem(atPath: file().path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test(arguments: [
        "", "{", "[]", #"{"version":2}"#, #"{"version":"2"}"#, #"{"version":2,"intent":7,"receipts":{}}"#,
    ])
    func `a damaged journal is refused and left as it is`(_ text: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try file().save(ReconcileTests.record())
        try AtomicFile.write(Array(text.utf8), to: file().path)
        #expect(throws: JournalError(.damaged, source: file().path)) { try file().load() }
        #expect(try readFile(file().path, limit: 100) == Array(text.utf8))
    }

    @Test func `a journal of another layout is not guessed at`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try file().save(ReconcileTests.record())
        try AtomicFile.write(Array(#"{"version":1}"#.utf8), to: file().path)
        #expect(throws: JournalError(.otherVersion(1), source: file().path)) { try file().load() }
    }

    @Test(arguments: ["../../etc/passwd", "..", "a/b", ""])
    func `a hostile cluster name stays in the folder`(_ name: String) {
        let path = file(name).path
        #expect(path.hasPrefix("\(folder)/kubectl-kms-vault/s/g/"))
        #expect(!path.dropFirst("\(folder)/kubectl-kms-vault/s/g/".count).contains("/"))
    }

    @Test func `a relative XDG_STATE_HOME is ignored, as its specification says`() {
        #expect(JournalFile.stateHome(environment: ["XDG_STATE_HOME": "x"], home: "/h") == "/h/.local/state")
        #expect(JournalFile.stateHome(environment: ["XDG_STATE_HOME": "/x"], home: "/h") == "/x")
    }
}
