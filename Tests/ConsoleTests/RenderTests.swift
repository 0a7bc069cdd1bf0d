import Console
import FoundationEssentials
import JSON
import ModeSwitch
import Plan
import Report
import SecretRewrite
import TestDoubles
import Testing
import Usage

@testable import Preflight

extension RunReport {
    func rendered(as format: OutputFormat) throws -> String {
        try render(
            self, as: format, exitCode: try #require(ExitCode(rawValue: exitCode)), secretsAtRest: secretsAtRest)
    }
}

private func makeReport(_ intent: Intent = makeIntent()) -> RunReport {
    let seen = makeSeenOff(intent)
    let ending = Ending.interrupted("SIGINT")
    return RunReport(
        command: "switch", intent: intent, seen: seen, ending: ending, exitCode: .stoppedInPlaintext,
        secretsAtRest: .plaintext,
        problem: Words.problem(for: ending, intent: intent, seen: seen, atRest: .plaintext))
}

private func parsed(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

@Test func `the report's members are a contract`() throws {
    let document = try parsed(try makeReport().rendered(as: .json))
    #expect(
        document.object?.keys.sorted() == [
            "changes", "cluster", "command", "convergence", "exitCode", "exposure", "failures", "failuresOmitted",
            "infrastructureAsCode", "kms", "newKMSExperience", "passes", "problem", "runID", "secretsAtRest", "target",
            "vault", "vaultAccess",
            "vaultChanges",
            "verdict",
        ])
    #expect(document["exitCode"] == .integer(6))
    #expect(document["secretsAtRest"] == .string("plaintext"))
    #expect(document[path: "problem", "id"] == .string("interrupted"))
    #expect(document["problem"]?.object?.keys.sorted() == ["id", "next", "state", "what"])
}

@Test func `moments are RFC 3339 in UTC, durations stay numbers`() throws {
    let document = try parsed(try makeReport().rendered(as: .json))
    #expect(document[path: "exposure", "startedAt"] == .string("2023-11-14T22:13:25Z"))
    #expect(document["changes"]?.array?.first?["sentAt"] == .string("2023-11-14T22:13:20Z"))
    #expect(document["changes"]?.array?.first?["endedAt"] == .string("2023-11-14T22:16:40Z"))
    #expect(document["passes"]?.array?.first?["endedAt"] == .string("2023-11-14T22:18:30.500Z"))
    let nested = JSONValue.array([
        .object(["at": .double(0), "seconds": .double(1.5), "x": .object(["at": .integer(1)])])
    ])
    #expect(
        nested.withReadableTimes()
            == .array([
                .object([
                    "at": .null, "seconds": .double(1.5), "x": .object(["at": .string("1970-01-01T00:00:01Z")]),
                ])
            ]))
    #expect(JSONValue.object(["at": .string("x")]).withReadableTimes() == .object(["at": .string("x")]))
    for odd in [Double.nan, .infinity, 1e300, -1e300] { #expect(rfc3339(odd) == nil) }
}

@Test func `counts by class are an object`() throws {
    let document = try document(PassReceipt(kind: .verify, failures: [.denied: 2], complete: true, began: 1))
    #expect(document["failures"] == .object(["denied": .integer(2)]))
}

@Test func `json lines are one line each, with the exit code`() throws {
    let text = try makeReport().rendered(as: .jsonl)
    #expect(text.split(separator: "\n").count == 1)
    let items = try render(Pair(), as: .jsonl, exitCode: .done, secretsAtRest: .encrypted)
    #expect(
        items == """
            {"exitCode":0,"name":"a","secretsAtRest":"encrypted"}
            {"exitCode":0,"name":"b","secretsAtRest":"encrypted"}

            """)
}

private struct Named: Encodable, Sendable { let name: String }

private struct Pair: Presentable {
    var items = [Named(name: "a"), Named(name: "b")]
    var sections: [Section] { [.table(Table(["NAME"], rows: items.map { [$0.name] }))] }
    var lineItems: [any Encodable & Sendable]? { items }
}

private struct Odd: Presentable {
    var text = "\u{9B}2J\u{1B}[31m\u{202E}x\nno"
    var sections: [Section] { [.fields([.init("Text", text)]), .text(text)] }
}

@Test func `no format lets a terminal be steered`() throws {
    // What has no page says so; ReportPageTests have the one that has.
    #expect(throws: JSONError.self) { try render(Odd(), as: .html, exitCode: .done, secretsAtRest: .encrypted) }
    for format in OutputFormat.allCases where format != .html {
        let text = try render(Odd(), as: format, exitCode: .done, secretsAtRest: .encrypted)
        let unsafe = text.unicodeScalars.filter { $0 != "\n" && ($0.value < 0x20 || (0x7F...0x9F).contains($0.value)) }
        #expect(unsafe.isEmpty, "\(format)")
        #expect(!text.unicodeScalars.contains("\u{202E}"), "\(format)")
    }
    let json = try render(Odd(), as: .json, exitCode: .done, secretsAtRest: .encrypted)
    #expect(try parsed(json)["text"]?.string == Odd().text)
}

@Test func `yaml holds the same as json`() throws {
    #expect(
        try render(Pair(), as: .yaml, exitCode: .refused, secretsAtRest: .unknown) == """
            exitCode: 3
            items:
            - name: a
            - name: b
            secretsAtRest: unknown

            """)
}

@Test func `tables align names of any width, break reasons between words and cut nothing`() {
    let table = Table(
        ["NAME", "ID", "REASON"],
        rows: [["日本", "id-1", "a reason that is rather long"], ["e\u{301}", "a-very-long-id", "short"], ["x"]],
        flexible: 2)
    #expect(
        table.lines(width: nil) == [
            "NAME   ID               REASON", "日本   id-1             a reason that is rather long",
            "e\u{301}      a-very-long-id   short", "x",
        ])
    #expect(
        table.lines(width: 46) == [
            "NAME  ID              REASON", "日本  id-1            a reason that is rather", "                      long",
            "e\u{301}     a-very-long-id  short", "x",
        ])
    #expect(table.lines(width: 5)[3].contains("a-very-long-id"))
    #expect(Table([], rows: []).lines(width: 1).isEmpty)
}

@Test func `a narrow terminal does without the optional columns, the first one first`() {
    let table = Table(
        ["RUN", "BY", "COMMAND"], rows: [["01", "someone-with-a-name", "make-safe"]], flexible: 1, optional: [2, 1])
    #expect(table.lines(width: 40)[1] == "01    someone-with-a-name   make-safe")
    #expect(table.lines(width: 30)[1] == "01   someone-with-a-name")
    #expect(table.lines(width: 10) == ["RUN", "01"])
}

@Test func `a report for people begins with the cluster and what Secrets are`() throws {
    let text = try makeReport().rendered(as: .table)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("Cluster:"))
    #expect(lines[1] == "Verdict:        not done")
    #expect(lines[2] == "Secrets:        plaintext")
    #expect(lines.contains("Exposure:       since 2023-11-14T22:13:25Z, NOT ended"))
    #expect(!text.contains("SIGINT"), "what went wrong is told on stderr, once")
    let problem = try #require(makeReport().problem)
    #expect(
        problem.lines(for: .kubectl).first == "error: The run on cluster prod in rg-prod was interrupted: SIGINT.")
    #expect(problem.lines(for: .kubectl).last == "(interrupted)")
}

@Test func `a plan names the infrastructure code and its id`() throws {
    let intent = makeIntent()
    let made = plan(for: intent, makeFacts(intent))
    let text = try render(made, as: .table, exitCode: .done, secretsAtRest: .encrypted)
    #expect(text.contains("Plan:       \(made.planID) (--plan-id \(made.planID) runs this plan or none)\n"))
    #expect(
        text.contains("Where Terraform, Bicep or the like define the cluster or the vault, change the mode there too"))
    #expect(text.contains("2      ~11 min        plaintext   Turn KMS off"))
    #expect(text.contains("       ~34 min 15 s               in all\n"))
    let narrow = try render(made, as: .table, exitCode: .done, secretsAtRest: .encrypted, width: 80)
    let table = narrow.split(separator: "\n").drop { !$0.hasPrefix("STEP") }.prefix(9)
    #expect(table.first?.hasSuffix("WHAT") == true && table.allSatisfy { $0.count <= 80 && !$0.contains("...") })
    #expect(Set(made.infrastructureAsCode.keys).isSuperset(of: ["terraform", "bicep", "arm", "pulumi", "clusterAPI"]))
    let document = try parsed(try render(made, as: .json, exitCode: .done, secretsAtRest: .encrypted))
    #expect(
        document.object?.keys.sorted() == [
            "cluster", "encryption", "exitCode", "exposureSeconds", "infrastructureAsCode", "keyID", "planID",
            "secrets",
            "secretsAtRest", "steps", "strategy", "target", "vault", "warnings",
        ])
}

@Test func `a preflight shows why it refuses in full, and the commands`() throws {
    let reason = "the vault is closed to " + String(repeating: "everything ", count: 20) + "END"
    let checks = [
        CheckResult(
            id: "vault-firewall", title: "t", verdict: .refuse, blocks: true, reason: reason, advice: "Open it.",
            remedy: ["az keyvault update -n \("x y")"], source: "s"),
        CheckResult(
            id: "none", title: "t", verdict: .notApplicable, blocks: false, reason: "r", advice: nil, remedy: [],
            source: "s"),
    ]
    let report = PreflightReport(verdict: .refuse, step: nil, checks: checks)
    #expect(report.exitCode == .refused)
    let text = try render(report, as: .table, exitCode: report.exitCode, secretsAtRest: .encrypted, width: 60)
    #expect(text.hasPrefix("REFUSE vault-firewall: the vault is closed to everything"))
    #expect(text.contains("\nOpen it.\n  az keyvault update -n 'x y'\n"))
    #expect(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(reason))
    let documents = try [PreflightResult(report, showsAll: false), PreflightResult(report, showsAll: true)].map {
        try render($0, as: .json, exitCode: report.exitCode, secretsAtRest: .encrypted)
    }
    #expect(Set(documents) == [try render(report, as: .json, exitCode: report.exitCode, secretsAtRest: .encrypted)])
    #expect(!text.contains("none"))
    #expect(text.hasSuffix("1 of 2 checks refuse. Nothing was changed.\n"))
}

@Test func `a preflight with open answers shows the commands that tell, and does not say that all is well`() throws {
    func text(_ verdicts: [CheckVerdict]) throws -> String {
        let checks = verdicts.map { verdict in
            CheckResult(
                id: "locks", title: "t", verdict: verdict, blocks: verdict == .refuse, reason: "r",
                advice: verdict == .warn || verdict == .refuse ? "a" : nil, remedy: ["az lock list"], source: "s")
        }
        let report = PreflightReport(verdict: .ok, step: nil, checks: checks)
        return try render(report, as: .table, exitCode: report.exitCode, secretsAtRest: .encrypted, width: 80)
    }
    #expect(try text([.ok, .notApplicable]).contains("Nothing stands in the way. Nothing was changed."))
    #expect(try text([.ok, .warn]).contains("\n1 check passed; --all lists what they found.\n"))
    let open = try text([.ok, .unknown, .warn, .warn])
    #expect(!open.contains("Nothing stands in the way"))
    #expect(open.contains("No check refuses, but 2 checks warn and 1 check could not be answered: see above."))
    #expect(try text([.unknown]).contains("These commands show it:\n  az lock list"))
    #expect(try text([.warn, .refuse]).contains("1 of 2 checks refuse. Nothing was changed."))
}
