import Azure
import ModeSwitch
import SecretRewrite
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
        #expect(!mayBePlaintext(intent, observation))
    }

    @Test(arguments: [KMSChange.Outcome.deferred, .refused])
    func `a check that refuses after Azure took nothing is a refusal too`(_ outcome: KMSChange.Outcome) {
        var receipts = Receipts()
        receipts.changeSent(intent.offProfile, at: 0)
        receipts.changeEnded(outcome, at: 1)
        let observation = seen(intent.original, receipts)
        #expect(exitCode(.stopped(.checkRefuses("locks")), intent, observation) == .refused)
        receipts.vaultChanged(to: .open, readBack: .enabled, at: 2)
        #expect(exitCode(.stopped(.checkRefuses("locks")), intent, seen(intent.original, receipts)) == .failed)
    }

    /// A cluster that followed the older runbook to the letter: KMS is on, and no Secret was rewritten since.
    @Test func `that KMS is on never says that Secrets are encrypted`() {
        let observation = seen(intent.targetProfile, Receipts())
        #expect(secretsAtRest(intent, observation) == .unknown)
        #expect(exitCode(.finished, intent, observation) == .done)
    }

    @Test func `a stop with KMS off from the start says that Secrets are exposed`() {
        var off = intent
        off.original.enabled = false
        let observation = seen(intent.offProfile, Receipts())
        #expect(exitCode(.stopped(.clusterStopped), off, observation) == .stoppedInPlaintext)
        #expect(exitCode(.interrupted("SIGINT"), off, observation) == .stoppedInPlaintext)
    }

    @Test func `a lost answer to the request that turns KMS off counts as exposed, also when Azure cannot be read`() {
        var receipts = Receipts()
        receipts.changeSent(intent.offProfile, at: 0)
        var observation = seen(intent.original, receipts)
        observation.cluster.presence = .unreadable("no answer")
        #expect(exitCode(.interrupted("SIGINT"), intent, observation) == .stoppedInPlaintext)
    }

    @Test func `others who turned KMS off leave Secrets exposed`() {
        var receipts = Receipts()
        receipts.changeSent(intent.offProfile, at: 0)
        receipts.changeEnded(.refused, at: 1)
        receipts.changedByOthers(intent.offProfile, at: 2)
        let observation = seen(intent.original, receipts)
        #expect(exitCode(.stopped(.changedByOthers(intent.original)), intent, observation) == .stoppedInPlaintext)
    }

    @Test func `a switch that went back to safety has failed, and nothing is plaintext`() {
        var receipts = offReceipts(pass: [:])
        receipts.changeSent(intent.original, at: 3)
        receipts.changeEnded(.succeeded, at: 4)
        let exposed = seen(intent.original, receipts)
        #expect(exitCode(.turnedBack(.passIncomplete), intent, exposed) == .stoppedInPlaintext)
        receipts.converged(ConvergenceReceipt(state: .converged))
        receipts.passEnded(PassReceipt(kind: .verify, complete: true, began: receipts.passBegins()))
        receipts.converged(ConvergenceReceipt(state: .converged))
        #expect(exitCode(.turnedBack(.passIncomplete), intent, seen(intent.original, receipts)) == .failed)
    }

    @Test func `evidence of a cluster that was changed since claims nothing`() {
        var receipts = offReceipts(pass: [:])
        receipts.changeSent(intent.targetProfile, at: 3)
        receipts.changeEnded(.succeeded, at: 4)
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        receipts.passEnded(PassReceipt(kind: .verify, complete: true, began: receipts.passBegins()), at: "1")
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        var observation = seen(intent.targetProfile, receipts)
        observation.cluster.eTag = "1"
        #expect(secretsAtRest(intent, observation) == .encrypted)
        observation.cluster.eTag = "2"
        #expect(secretsAtRest(intent, observation) == .mixed)
        // A probe renewed under the new eTag does not carry the older pass along.
        observation.receipts.converged(ConvergenceReceipt(state: .converged), at: "2")
        #expect(secretsAtRest(intent, observation) == .mixed)
    }

    @Test func `a stop with KMS off says that Secrets are exposed`() {
        let observation = seen(intent.offProfile, offReceipts(pass: [:]))
        #expect(secretsAtRest(intent, observation) == .plaintext)
        #expect(exitCode(.stopped(.armRefuses(AzureRefusal(what: ""))), intent, observation) == .stoppedInPlaintext)
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

    @Test func `what a migration could not rewrite is not called plaintext where KMS was never off`() {
        for wasOn in [true, false] {
            var migration = intent
            migration.purpose = .migrate
            migration.newKey = .platformManaged
            migration.original.enabled = wasOn
            var receipts = Receipts()
            receipts.changeSent(migration.targetProfile, at: 1)
            receipts.changeEnded(.succeeded, at: 2)
            receipts.converged(ConvergenceReceipt(state: .converged))
            let began = receipts.passBegins()
            receipts.passEnded(PassReceipt(kind: .verify, failures: [.denied: 1], complete: true, began: began))
            receipts.converged(ConvergenceReceipt(state: .converged))
            let observation = seen(migration.targetProfile, receipts)
            #expect(secretsAtRest(migration, observation) == (wasOn ? .unknown : .mixed))
            #expect(exitCode(.finished, migration, observation) == .doneWithFailures)
        }
    }

    @Test func `an undecryptable Secret never lets the vault close, whatever was accepted`() {
        let pass = PassReceipt(kind: .verify, failures: [.undecryptable: 1], complete: true, began: 1)
        #expect(!pass.isClean(accepting: Set(FailureClass.allCases)))
    }
}
