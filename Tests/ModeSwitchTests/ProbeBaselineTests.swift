import Azure
import ModeSwitch
import SecretRewrite
import Testing

@Suite struct ProbeBaselineTests {
    private let on = Intent.sample(.privateAccess).original
    private let off = Intent.sample(.privateAccess).offProfile
    private let target = Intent.sample(.privateAccess).targetProfile

    @Test func `only a change of form is expected to flip probes`() {
        let baseline = ProbeBaseline(form: .encrypted, keyID: on.keyID)
        #expect(baseline.expected(under: on) == .asAtBaseline)
        #expect(baseline.expected(under: target) == .asAtBaseline, "another path to the same key stores alike")
        #expect(baseline.expected(under: off) == .other)
        var otherKey = target
        otherKey.keyID = World.secondKey
        #expect(baseline.expected(under: otherKey) == .other)
        let plain = ProbeBaseline(form: .plaintext, keyID: "")
        #expect(plain.expected(under: off) == .asAtBaseline)
        #expect(plain.expected(under: on) == .other)
    }

    private func receipt(_ state: ConvergenceReceipt.State, measured: StoredForm? = nil) -> ConvergenceReceipt {
        var receipt = ConvergenceReceipt(state: state)
        receipt.probes = ["p": ProbeState(resourceVersion: 7)]
        receipt.measured = measured
        return receipt
    }

    @Test func `what an API server counts beats what ARM shows`() {
        var receipts = Receipts()
        receipts.sampled(.baseline, receipt(.converged), under: off)
        #expect(receipts.baseline?.form == .plaintext)
        // ARM shows KMS off, but API servers have not heard of it yet.
        receipts.sampled(.baseline, receipt(.converged, measured: .encrypted), under: off)
        #expect(receipts.baseline?.form == .encrypted)
        #expect(receipts.probes["p"]?.resourceVersion == 7)
    }

    @Test func `API servers that store differently give no baseline`() {
        var receipts = Receipts()
        receipts.sampled(.baseline, receipt(.mixed), under: on)
        #expect(receipts.baseline == nil)
        #expect(receipts.currentConvergence?.state == .mixed)
    }

    @Test func `a baseline with KMS off, from before a change that never began, is taken anew`() {
        var receipts = Receipts()
        receipts.sampled(.baseline, receipt(.converged), under: off)
        receipts.changeSent(on, at: 0)
        #expect(receipts.baseline != nil)
        receipts.changeEnded(.deferred, at: 1)
        #expect(receipts.baseline == nil && receipts.currentConvergence == nil)
        receipts.sampled(.baseline, receipt(.converged), under: on)
        receipts.changeSent(off, at: 0)
        receipts.changeEnded(.deferred, at: 1)
        #expect(receipts.baseline != nil, "with KMS on all along, a busy Azure costs no new samples")
        receipts.sampled(.baseline, receipt(.converged), under: on)
        receipts.changeSent(off, at: 2)
        receipts.changeEnded(.accepted, at: 3)
        receipts.changeEnded(.succeeded, at: 4)
        receipts.changeSent(target, at: 5)
        receipts.changeEnded(.deferred, at: 6)
        #expect(receipts.baseline != nil, "what was counted since the first change stays known")
    }

    @Test func `a form that was lost is known again where it can be measured`() {
        var receipts = Receipts()
        receipts.sampled(.baseline, receipt(.converged), under: on)
        var unknown = receipt(.homogeneous)
        unknown.formIsKnown = false
        receipts.sampled(.full, unknown, under: off)
        #expect(receipts.baseline == nil && receipts.currentConvergence?.state == .homogeneous)
        unknown.measured = .plaintext
        receipts.resumed()
        receipts.sampled(.full, unknown, under: off)
        #expect(receipts.baseline?.expected(under: off) == .asAtBaseline)
        #expect(receipts.currentConvergence == nil, "a measurement of one API server proves nothing about the others")
    }
}
