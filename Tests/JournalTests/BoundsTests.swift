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

    @Test func `a text without an end is refused`() {
        let bytes = ReconcileTests.record(run: String(repeating: "r", count: 100_000)).bytes()
        #expect(throws: JournalError.self) { try SwitchRecord(parsing: bytes, source: "the ConfigMap") }
    }

    @Test func `what this program writes is within the bounds`() throws {
        let record = ReconcileTests.record()
        #expect(try SwitchRecord(parsing: record.bytes(), source: "f") == record)
    }
}
