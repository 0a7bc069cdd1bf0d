import Azure
import FoundationEssentials
import JSON
import Journal
import ModeSwitch
import SecretRewrite
import Testing

/// Whoever may write the ConfigMap chooses its numbers. None of them may end the program or be believed.
@Suite struct BoundsTests {
    private func parsed(_ change: (String) -> String) throws -> SwitchRecord {
        let text = String(decoding: ReconcileTests.record().bytes(), as: UTF8.self)
        let changed = change(text)
        #expect(changed != text)
        return try SwitchRecord(parsing: Array(changed.utf8), source: "the ConfigMap")
    }

    @Test(arguments: ["9223372036854775807", "-1", "-9223372036854775808", "1e400", "9007199254740993"])
    func `a sequence that no run reaches is refused`(_ number: String) {
        #expect(throws: JournalError(.damaged, source: "the ConfigMap")) {
            try parsed { $0.replacing("\"sequence\":1,\"silences\"", with: "\"sequence\":\(number),\"silences\"") }
        }
    }

    @Test(arguments: ["attemptsFrom", "vaultAttemptsFrom"])
    func `a place in a list that it does not have is refused`(_ member: String) {
        for number in ["-1", "2", "4611686018427387904"] {
            #expect(throws: JournalError.self) {
                try parsed { $0.replacing("\"\(member)\":0", with: "\"\(member)\":\(number)") }
            }
        }
    }

    @Test(arguments: [(64, 16, true), (65, 1, false), (1, 17, false)])
    func `names of saves are no longer and no more than we make them`(bytes: Int, count: Int, isRead: Bool) throws {
        var record = ReconcileTests.record()
        record.save = "a"
        record.earlier = Array(repeating: String(repeating: "b", count: bytes), count: count)
        let bytes = record.bytes()
        #expect(((try? SwitchRecord(parsing: bytes, source: "the ConfigMap")) == record) == isRead)
    }

    @Test func `a watch without an end is refused`() {
        #expect(throws: JournalError.self) {
            try parsed { $0.replacing("\"soakSeconds\":600", with: "\"soakSeconds\":1e300") }
        }
    }

    @Test func `counts of a pass that would overflow when added are refused`() throws {
        var record = ReconcileTests.record()
        let pass = PassReceipt(
            kind: .verify, failures: [.denied: .max, .failed: .max], complete: true, began: record.receipts.passBegins()
        )
        record.receipts.passEnded(pass)
        let bytes = record.bytes()
        #expect(throws: JournalError.self) { try SwitchRecord(parsing: bytes, source: "the ConfigMap") }
    }

    @Test func `an outcome that is not known is refused, since it may be a bad one`() throws {
        let decoder = JSONDecoder()
        #expect(try decoder.decode(OutcomeCounts.self, from: Data(#"{"denied":1}"#.utf8)).bad == 1)
        #expect(throws: DecodingError.self) {
            try decoder.decode(OutcomeCounts.self, from: Data(#"{"postponed":1}"#.utf8))
        }
    }

    @Test(arguments: [
        (#"{"rewritten":9223372036854775807,"current":1}"#, 7), (#"{"rewritten":-1}"#, 7), ("{}", -1),
    ])
    func `counts and versions of a namespace that no pass gives are refused`(_ counts: String, anchor: Int64) throws {
        let namespace = """
            {"namespace":"n","anchor":\(anchor),"counts":\(counts),"isComplete":true,"isUnlisted":false}
            """
        var record = ReconcileTests.record()
        let finished = try JSONDecoder().decode(NamespaceReceipt.self, from: Data(namespace.utf8))
        record.receipts.passEnded(
            PassReceipt(kind: .verify, complete: false, finished: [finished], began: record.receipts.passBegins()))
        let bytes = record.bytes()
        #expect(throws: JournalError.self) { try SwitchRecord(parsing: bytes, source: "the ConfigMap") }
    }

    @Test(arguments: [
        ("keyID", "http://kv1.vault.azure.net/keys/k"), ("keyID", "https://kv1.vault.azure.net/keys/k/\\u001b]0;x"),
        ("keyID", ""), ("vaultID", "/subscriptions/x"), ("vaultID", ""), ("clusterID", "c"),
    ])
    func `an id that is none is refused`(_ member: String, _ text: String) throws {
        let record = ReconcileTests.record()
        let ids = ["keyID": record.intent.keyID?.description, "vaultID": record.intent.vaultID?.description]
        let old = "\"\(member)\":\"\((ids[member] ?? nil) ?? record.intent.clusterID.description)\""
        #expect(throws: JournalError(.damaged, source: "the ConfigMap")) {
            try parsed { $0.replacing(old, with: "\"\(member)\":\"\(text)\"") }
        }
    }

    @Test func `ids are kept as their texts`() throws {
        let intent = try #require(try JSONValue(parsing: ReconcileTests.record().bytes())["intent"])
        let group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers"
        #expect(
            intent["keyID"]?.string == "https://kv1.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef")
        #expect(intent["vaultID"]?.string == "\(group)/Microsoft.KeyVault/vaults/kv1")
        #expect(intent["clusterID"]?.string == "\(group)/Microsoft.ContainerService/managedClusters/c")
    }

    @Test func `a text without an end is refused`() {
        let bytes = ReconcileTests.record(run: String(repeating: "r", count: 100_000)).bytes()
        #expect(throws: JournalError.self) { try SwitchRecord(parsing: bytes, source: "the ConfigMap") }
    }

    @Test func `what this program writes is within the bounds`() throws {
        let record = ReconcileTests.record()
        #expect(try SwitchRecord(parsing: record.bytes(), source: "f") == record)
    }
}
