import Azure
import ModeSwitch
import SecretRewrite
import Testing

@testable import Report

/// When the report says that Secrets stopped being plaintext.
@Suite struct ExposureTests {
    private func receipts(
        rewrite failures: [FailureClass: Int] = [:], verifyRewrote count: Int, withRewrite: Bool = true
    ) -> Receipts {
        var receipts = Receipts()
        let off = KMSProfile(enabled: false, keyID: "", mode: .publicAccess, vaultID: "")
        var on = off
        on.enabled = true
        receipts.changeSent(off, at: 100)
        receipts.changeEnded(.accepted, at: 101)
        receipts.changeEnded(.succeeded, at: 200)
        pass(&receipts, .rewrite, endedAt: 300)
        receipts.changeSent(on, at: 400)
        receipts.changeEnded(.succeeded, at: 500)
        if withRewrite { pass(&receipts, .rewrite, failures: failures, endedAt: 600) }
        pass(&receipts, .verify, rewritten: count, endedAt: 900)
        return receipts
    }

    private func pass(
        _ receipts: inout Receipts, _ kind: RewritePurpose, rewritten: Int = 0, failures: [FailureClass: Int] = [:],
        endedAt: Double
    ) {
        receipts.passEnded(
            PassReceipt(
                kind: kind, rewritten: rewritten, failures: failures, complete: true, endedAt: endedAt,
                began: receipts.passBegins()))
    }

    @Test func `the window ends with the first pass when the verifying pass found nothing to encrypt`() {
        let exposure = RunReport.exposure(receipts(verifyRewrote: 0), .encrypted)
        #expect(exposure == .init(startedAt: 101, endedAt: 600) && exposure?.seconds == 499)
    }

    @Test func `a Secret that the verifying pass had to encrypt keeps the window open until that pass ends`() {
        #expect(RunReport.exposure(receipts(verifyRewrote: 1), .encrypted)?.endedAt == 900)
    }

    @Test func `a first pass with failures, or none after KMS came on, does not end the window`() {
        #expect(RunReport.exposure(receipts(rewrite: [.denied: 1], verifyRewrote: 0), .encrypted)?.endedAt == 900)
        #expect(RunReport.exposure(receipts(verifyRewrote: 0, withRewrite: false), .encrypted)?.endedAt == 900)
    }

    @Test func `without proof the window is open`() {
        #expect(RunReport.exposure(receipts(verifyRewrote: 0), .mixed)?.endedAt == nil)
    }
}
