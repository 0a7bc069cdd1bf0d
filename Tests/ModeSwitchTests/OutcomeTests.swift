import ModeSwitch
import Testing

@Suite struct OutcomeTests {
    private let intent = Intent.sample(.privateAccess)

    private func seen(_ kms: KMSProfile, _ receipts: Receipts) -> Observation {
        Observation(
            cluster: ClusterObservation(kms: kms, resourceUID: "uid-1"), vault: VaultObservation(access: .enabled),
            kubernetes: KubernetesObservation(kubeSystemUID: "ks-1"), receipts: receipts)
    }

    private func offReceipts(pass failures: [FailureClass: Int]? = nil) -> Receipts {
        var receipts = Receipts()
        receipts.changeSent(intent.offProfile, at: 0)
        receipts.changeEnded(.accepted, at: 1)
        receipts.changeEnded(.succeeded, at: 2)
        receipts.converged(ConvergenceReceipt(state: .converged))
        if let failures {
            let began = receipts.passBegins()
            receipts.passEnded(PassReceipt(kind: .rewrite, failures: failures, complete: true, began: began))
        }
        return receipts
    }

    @Test func `a stop before the first change is a refusal`() {
        let observation = seen(intent.original, Receipts())
        #expect(exitCode(.stopped(.clusterStopped), intent, observation) == .refused)
        #expect(secretsAtRest(intent, observation) == .encrypted)
    }

    @Test func `a stop with KMS off says that Secrets are exposed`() {
        let observation = seen(intent.offProfile, offReceipts(pass: [:]))
        #expect(secretsAtRest(intent, observation) == .plaintext)
        #expect(exitCode(.stopped(.armRefuses("")), intent, observation) == .stoppedInPlaintext)
        #expect(exitCode(.interrupted("SIGINT"), intent, observation) == .stoppedInPlaintext)
    }

    @Test func `Secrets are mixed while the pass after off is not clean`() {
        #expect(secretsAtRest(intent, seen(intent.offProfile, offReceipts())) == .mixed)
        #expect(secretsAtRest(intent, seen(intent.offProfile, offReceipts(pass: [.denied: 1]))) == .mixed)
    }

    @Test func `encrypted is claimed only after a verifying pass between two proofs of convergence`() {
        var receipts = offReceipts(pass: [:])
        receipts.changeSent(intent.targetProfile, at: 3)
        receipts.changeEnded(.succeeded, at: 4)
        #expect(secretsAtRest(intent, seen(intent.targetProfile, receipts)) == .mixed)
        receipts.converged(ConvergenceReceipt(state: .converged))
        let began = receipts.passBegins()
        receipts.passEnded(PassReceipt(kind: .verify, complete: true, began: began))
        #expect(secretsAtRest(intent, seen(intent.targetProfile, receipts)) == .mixed)
        receipts.converged(ConvergenceReceipt(state: .converged))
        #expect(secretsAtRest(intent, seen(intent.targetProfile, receipts)) == .encrypted)
        #expect(exitCode(.finished, intent, seen(intent.targetProfile, receipts)) == .done)
    }

    @Test func `an undecryptable Secret never lets the vault close, whatever was accepted`() {
        let pass = PassReceipt(kind: .verify, failures: [.undecryptable: 1], complete: true, began: 1)
        #expect(!pass.isClean(accepting: Set(FailureClass.allCases)))
    }
}
