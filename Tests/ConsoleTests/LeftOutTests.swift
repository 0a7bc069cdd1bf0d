import FoundationEssentials
import JSON
import ModeSwitch
import Report
import SecretRewrite
import TestDoubles
import Testing
import Text

@testable import Console

/// Ten thousand Secrets that cannot be rewritten: what is shown stays short, and says what it leaves out.
@Suite struct LeftOutTests {
    /// As long as Kubernetes allows: a namespace is a label (63), a Secret's name a subdomain (253).
    private func report(named: Int, omitted: Int) throws -> RunReport {
        let failures = try (0..<named).map { number in
            try makeFailure(
                namespace: String(repeating: "n", count: 63),
                name: String(repeating: "s", count: 248) + "\(10000 + number)",
                cause: String(repeating: "hook.", count: 100))
        }
        return makeEndedReport(failures: failures, omitted: omitted)
    }

    @Test func `a report says how many names it leaves out, in each of its forms`() throws {
        let report = try report(named: 200, omitted: 9800)
        for format in [OutputFormat.table, .html] {
            #expect(
                try report.rendered(as: format).contains("and 9800 more, which are counted and not named"), "\(format)")
        }
        let file = try ReportFile(report)
        #expect(file.document["failuresOmitted"] == .integer(9800))
        for form in [ReportFile.Form.json, .html] {
            let bytes = file.bytes(as: form)
            #expect(bytes.count < 1 << 20, "\(bytes.count)")
            #expect(try ReportFile(checking: bytes).report.failuresOmitted == 9800)
        }
    }

    @Test func `a report that names all says nothing of others`() throws {
        let report = try report(named: 3, omitted: 0)
        for format in [OutputFormat.table, .html] { #expect(try !report.rendered(as: format).contains(" more, which")) }
        #expect(try ReportFile(report).document["failuresOmitted"] == .integer(0))
    }

    @Test func `a report of a version that did not count them is read`() throws {
        var document = try ReportFile(report(named: 1, omitted: 0)).document
        document["failuresOmitted"] = nil
        document["digest"] = nil
        let content = document.bytes()
        document["digest"] = .string("sha256:" + sha256Hex(content))
        let read = try ReportFile(checking: Array(text(of: document, pretty: true).utf8))
        #expect(read.report.failuresOmitted == nil && read.report.failures.count == 1)
    }

    @Test(arguments: [true, false])
    func `ten thousand failures of a pass are twenty lines and their number`(_ isTerminal: Bool) throws {
        let screen = Screen()
        let progress = screen.progress(makeIntent(), terminal: Terminal(isTerminal: isTerminal))
        progress.take(.step(.rewrite(.rewrite), .mixed))
        for number in 0..<10_000 { progress.take(try failed(number)) }
        progress.take(.step(.prove, .encrypted))
        for number in 0..<21 { progress.take(try failed(number)) }
        progress.end()
        progress.end()
        #expect(screen.written.components(separatedBy: "not rewritten: n/s").count - 1 == 40)
        #expect(screen.written.components(separatedBy: "not rewritten: and 9980 more").count == 2)
        #expect(screen.written.components(separatedBy: "not rewritten: and 1 more").count == 2)
    }

    @Test func `verbose progress names every failure, quiet none`() throws {
        for (verbosity, lines) in [(Verbosity.traced(1), 500), (.quiet, 0)] {
            let screen = Screen()
            let progress = screen.progress(makeIntent(), terminal: Terminal(isTerminal: false), verbosity: verbosity)
            for number in 0..<500 { progress.take(try failed(number)) }
            progress.end()
            #expect(screen.written.components(separatedBy: "not rewritten: ").count - 1 == lines)
        }
    }

    private func failed(_ number: Int) throws -> RunEvent {
        .secretFailed(try makeFailure(namespace: "n", name: "s\(number)", cause: "hook"), detail: "denied")
    }
}
