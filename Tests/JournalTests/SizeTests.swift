import Files
import FoundationEssentials
import Journal
import ModeSwitch
import SecretRewrite
import Testing

/// A record stays small, however many namespaces and Secrets there are.
@Suite struct SizeTests {
    /// What the API server takes of a ConfigMap (kubernetes/kubernetes, pkg/apis/core, MaxSecretSize).
    private static let mostOfConfigMap = 1 << 20

    /// Passes of every kind that were cut off after so many namespaces, each with a name of 63 characters.
    private func interrupted(namespaces: Int) throws -> SwitchRecord {
        let items = (0..<namespaces).map { number in
            let name = String(repeating: "n", count: 58) + "\(10_000 + number)"
            return """
                {"namespace":"\(name)","anchor":12345678,"newest":12345678,"counts":{"rewritten":2,"current":3},\
                "isComplete":true,"isUnlisted":false}
                """
        }
        let finished = try JSONDecoder().decode(
            [NamespaceReceipt].self, from: Data("[\(items.joined(separator: ","))]".utf8))
        var record = ReconcileTests.record()
        for kind in [RewritePurpose.rewrite, .verify, .beforeKeyChange, .repair] {
            let began = record.receipts.passBegins()
            record.receipts.passEnded(PassReceipt(kind: kind, complete: false, finished: finished, began: began))
        }
        return record
    }

    @Test func `the cluster's copy fits a ConfigMap after passes that were cut off among 5,000 namespaces`() throws {
        let record = try interrupted(namespaces: 5000)
        #expect(record.bytes().count > Self.mostOfConfigMap)
        #expect(record.forCluster.bytes().count < 10_000)
        #expect(record.receipts.passes.allSatisfy { $0.finished.count == 5000 }, "the resume goes on with these")
    }

    @Test func `the cluster's copy is known as that of this machine's record`() throws {
        let mine = try interrupted(namespaces: 3)
        // An older version wrote the whole record there.
        for theirs in [mine.forCluster, mine] {
            let known = try KnownRun(file: mine, configMap: theirs, identity: ReconcileTests.identity)
            #expect(known == .mine(mine))
        }
        var other = mine.forCluster
        other.receipts.changeEnded(.succeeded, at: 2)
        let known = try KnownRun(file: mine, configMap: other, identity: ReconcileTests.identity)
        #expect(known == .changedElsewhere(mine: mine, theirs: other))
    }

    @Test func `the largest record is read again`() throws {
        let bytes = try interrupted(namespaces: PassReceipt.mostFinished).bytes()
        #expect(bytes.count < SwitchRecord.largest, "\(bytes.count)")
        #expect(throws: Never.self) { try SwitchRecord(parsing: bytes, source: "the file") }
    }

    @Test func `a change of KMS drops what passes before it had finished`() throws {
        var record = try interrupted(namespaces: 5000)
        record.receipts.changeEnded(.succeeded, at: 2)
        record.receipts.changeSent(record.intent.targetProfile, at: 3)
        record.receipts.passEnded(PassReceipt(kind: .rewrite, complete: false, began: record.receipts.passBegins()))
        #expect(record.receipts.passes.count == 5 && record.bytes().count < 10_000)
    }
}
