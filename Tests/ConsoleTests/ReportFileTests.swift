import Azure
import Foundation
import JSON
import ModeSwitch
import Report
import SecretRewrite
import TestDoubles
import Testing

@testable import Console

/// A run that is over, as its report shows it.
func makeEndedReport(
    cluster: String = "prod", failures: [SecretFailure] = [], omitted: Int = 0
) -> RunReport {
    let intent = makeIntent(cluster: cluster)
    var seen = makeSeenOff(intent)
    seen.receipts.changeSent(intent.targetProfile, at: 1_700_000_320)
    seen.receipts.changeAccepted(
        AzureTrace(operationID: "op-2", requestID: "request-2", correlationID: "run-1", eTagBefore: "e-2"),
        at: 1_700_000_321.5)
    seen.receipts.changeEnded(.succeeded, at: 1_700_000_500)
    for (kind, start) in [(RewritePurpose.rewrite, 1_700_000_510.0), (.verify, 1_700_000_700)] {
        seen.receipts.passEnded(
            PassReceipt(
                kind: kind, total: 3, rewritten: kind == .rewrite ? 3 : 0, current: kind == .rewrite ? 0 : 3,
                complete: true, startedAt: start, endedAt: start + 10.25, began: seen.receipts.passBegins()))
    }
    var evidence = ConvergenceReceipt(state: .converged, samples: 60, flips: 1, at: 1_700_000_690)
    evidence.replicas = 2
    seen.receipts.converged(evidence, at: "e-1")
    seen.receipts.vaultChanged(to: .closed, readBack: .disabled, at: 1_700_000_720)
    seen.receipts.proved(
        ProofReceipt(items: [.init(id: "verifying-pass", verdict: .passed, detail: "3 Secrets")]), at: "e-1")
    seen.cluster.kms = intent.targetProfile
    seen.vault.access = .disabled
    let context = RunContext(
        intent, startedAt: 1_699_999_990, endedAt: 1_700_001_300,
        author: .init(azureName: "ada@example.com", azureObjectID: "oid-1", azureTenant: "t-1", kubernetesUser: "ada"),
        host: "laptop", toolVersion: "0.1.0", toolChecksum: "sha256:00", correlationID: "run-1", eTagAfter: "e-3")
    var report = RunReport(
        command: "switch", intent: intent, seen: seen, ending: .finished, exitCode: .done, secretsAtRest: .encrypted,
        failures: NamedFailures(named: failures, omitted: omitted), context: context)
    let group = "/subscriptions/5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11/resourceGroups/rg-prod/providers"
    report.cluster = "\(group)/Microsoft.ContainerService/managedClusters/prod"
    report.vault = "\(group)/Microsoft.KeyVault/vaults/kv-prod"
    return report
}

@Suite struct ReportFileTests {
    @Test(arguments: [ReportFile.Form.json, .html])
    func `a file is as it was written, and holds the whole report`(_ form: ReportFile.Form) throws {
        let file = try ReportFile(makeEndedReport())
        let read = try ReportFile(checking: file.bytes(as: form))
        #expect(read.digest == file.digest && file.digest.count == 7 + 64)
        #expect(read.document == file.document)
        #expect(read.report.exposure?.endedAt == 1_700_000_520.25)
        #expect(read.report.changes.last?.azure?.operationID == "op-2")
        #expect(read.bytes(as: .html) == file.bytes(as: .html))
    }

    /// Bytes of every part of the file, since a check reads all of it.
    @Test(arguments: [ReportFile.Form.json, .html])
    func `one byte altered anywhere is told`(_ form: ReportFile.Form) throws {
        let bytes = try ReportFile(makeEndedReport()).bytes(as: form)
        var missed: [Int] = []
        for place in stride(from: 0, to: bytes.count, by: form == .html ? 101 : 11) {
            var altered = bytes
            altered[place] ^= 1
            if (try? ReportFile(checking: altered)) != nil { missed.append(place) }
        }
        #expect(missed.isEmpty, "altered unseen at \(missed.prefix(5))")
        #expect(throws: ReportFile.Damage.self) { try ReportFile(checking: Array(bytes.dropLast())) }
        #expect(throws: ReportFile.Damage.self) { try ReportFile(checking: bytes + [0x0a]) }
    }

    @Test func `what a run prints as JSON is the file`() throws {
        let file = try ReportFile(makeEndedReport())
        let printed = try file.report.rendered(as: .json)
        #expect(Array(printed.utf8) == file.bytes(as: .json))
        #expect(Array(try file.report.rendered(as: .html).utf8) == file.bytes(as: .html))
    }

    @Test func `an altered fact with a digest of its own is another report`() throws {
        let file = try ReportFile(makeEndedReport())
        var other = makeEndedReport()
        other.context?.author.azureName = "eve@example.com"
        let forged = try ReportFile(other)
        // It checks out by itself: only the digest that another place has tells.
        #expect(try ReportFile(checking: forged.bytes(as: .json)).digest == forged.digest)
        #expect(forged.digest != file.digest)
    }

    @Test(arguments: ["", "{}", "[]", "<!doctype html>", #"{"digest":"sha256:00"}"#, "\u{feff}{}"])
    func `what is no report is told`(_ text: String) {
        #expect(throws: ReportFile.Damage.unreadable) { try ReportFile(checking: Array(text.utf8)) }
    }
}

@Suite struct ReportPageTests {
    private func page(_ report: RunReport) throws -> String {
        String(decoding: try ReportFile(report).bytes(as: .html), as: UTF8.self)
    }

    @Test func `the first words are the verdict, and the page has who, when and what proves it`() throws {
        let text = try page(makeEndedReport())
        let body = try #require(text.firstRange(of: "<body>"))
        #expect(
            text[body.upperBound...].hasPrefix(
                "\n<main>\n<h1 class=\"good\">Done: KMS is Private. Every Secret is encrypted. Exposed for 8 min 35 s.</h1>"
            ))
        for words in [
            "ada@example.com (oid-1)", "2023-11-14T22:13:10Z", "laptop", "sha256:00", "op-2", "request-2", "e-2",
            "az monitor activity-log list", "kubectl kms-vault verify --subscription", "Every Secret was patched",
        ] { #expect(text.contains(words), "\(words)") }
    }

    @Test func `nothing in the page is fetched from anywhere`() throws {
        let text = try page(makeEndedReport()).lowercased()
        for word in ["src=", "href=", "@import", "url(", "<link", "<img", "<iframe", "fetch(", "http-equiv=\"refresh"] {
            #expect(!text.contains(word), "\(word)")
        }
        #expect(text.components(separatedBy: "<script").count == 2 && text.contains("default-src 'none'"))
    }

    @Test func `hostile names stay text`() throws {
        let hostile = "</script><script>alert(1)</script><b>'\"&"
        let failure = try makeFailure(namespace: "a", name: hostile, cause: hostile)
        let report = makeEndedReport(failures: [failure])
        let text = try page(report)
        #expect(!text.contains("<script>alert") && !text.contains("<b>"))
        #expect(text.contains("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;&#39;&quot;&amp;"))
        #expect(try ReportFile(checking: Array(text.utf8)).report.failures == [failure])
    }

    @Test func `the timeline is drawn to scale`() throws {
        let timeline = try #require(ReportTimeline(makeEndedReport()))
        #expect(timeline.start == 1_699_999_990 && timeline.end == 1_700_001_300)
        #expect(timeline.exposure == 1_700_000_005...1_700_000_520.25)
        #expect(timeline.bars.map(\.kind.rawValue) == ["azure", "pass", "azure", "pass", "sampling", "pass", "door"])
        let door = try #require(timeline.bars.last)
        #expect(door.start == timeline.start && door.end == 1_700_000_720)
        // 1,310 s are the whole width; KMS was off from second 15 to 210.
        #expect(try page(makeEndedReport()).contains("class=\"bar azure\" style=\"left:1.15%;width:14.89%\""))
    }
}

/// The questions of docs/audit.md and what answers them.
@Suite struct AuditTests {
    @Test func `each field that docs/audit.md names is in a report`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/audit.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.dropFirst(2).first?.isNumber == true }
        #expect(rows.count == 10)
        let document = try ReportFile(makeEndedReport(failures: [makeFailure(namespace: "a", name: "b", cause: "c")]))
            .document
        for row in rows {
            let answer = row.split(separator: "|").last ?? ""
            let names = answer.matches(of: /`([A-Za-z.]+)`/).map { String($0.1) }.filter {
                $0 != "verify" && $0 != "byOthers"
            }
            #expect(!names.isEmpty, "\(row)")
            for name in names { #expect(holds(name, document), "\(name)") }
        }
    }

    /// Whether a document has a member; of a list it is enough that one item has it.
    private func holds(_ path: String, _ document: JSONValue) -> Bool {
        var found = [document]
        for part in path.split(separator: ".") {
            found = found.flatMap { $0.array ?? [$0] }.compactMap { $0[String(part)] }
        }
        return !found.isEmpty
    }
}
