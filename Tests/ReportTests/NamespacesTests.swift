import FoundationEssentials
import ModeSwitch
import SecretRewrite
import TestDoubles
import Testing

@testable import Report

@Test func `a report does not list the namespaces that a pass had finished when it was cut off`() throws {
    let finished = try JSONDecoder().decode(
        [NamespaceReceipt].self,
        from: Data(#"[{"namespace":"a","counts":{"current":3},"isComplete":true,"isUnlisted":false}]"#.utf8))
    let intent = makeIntent()
    var seen = makeSeenOff(intent)
    seen.receipts.passEnded(
        PassReceipt(
            kind: .verify, total: 3, current: 3, complete: false, finished: finished, began: seen.receipts.passBegins())
    )
    let report = RunReport(
        command: "switch", intent: intent, seen: seen, ending: .interrupted("SIGINT"), exitCode: .interrupted,
        secretsAtRest: .unknown)
    #expect(report.passes.last?.total == 3 && report.passes.allSatisfy(\.finished.isEmpty))
}
