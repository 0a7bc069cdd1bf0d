import Azure
import ModeSwitch
import Testing

/// What holds a step back that narrows, and what never does.
@Suite struct NarrowingTests {
    private let intent = Intent.sample(.privateAccess)

    private func seen(_ kms: KMSProfile, _ receipts: Receipts = Receipts()) -> Observation {
        var seen = Observation(
            cluster: ClusterObservation(kms: kms, eTag: "1", resourceUID: "uid-1"),
            vault: VaultObservation(access: .enabled, privateEndpoint: .approved),
            kubernetes: KubernetesObservation(kubeSystemUID: "ks-1"), receipts: receipts)
        seen.admission = .clear
        return seen
    }

    private func withBaseline() -> Receipts {
        var receipts = Receipts()
        receipts.sampled(.baseline, ConvergenceReceipt(state: .converged), under: intent.original, at: "1")
        return receipts
    }

    @Test func `admission is asked before the first change, and may be while the first samples are taken`() {
        var observation = seen(intent.original)
        observation.admission = nil
        #expect(nextStep(intent, observation) == .converge(.baseline))
        observation.receipts = withBaseline()
        #expect(nextStep(intent, observation) == .check(.admission))
        observation.admission = .clear
        #expect(nextStep(intent, observation) == .check(.disable))
    }

    @Test(arguments: [CheckAnswer.refused("denied"), .unclear("denied")])
    func `what admission refuses stops a run that has changed nothing, with or without samples`(_ answer: CheckAnswer) {
        for receipts in [Receipts(), withBaseline()] {
            var observation = seen(intent.original, receipts)
            observation.admission = answer
            #expect(nextStep(intent, observation) == .stop(.checkRefuses("denied")))
            #expect(exitCode(.stopped(.checkRefuses("denied")), intent, observation) == .refused)
        }
    }

    @Test func `what encrypts is not held back by admission`() {
        var observation = seen(intent.offProfile, withBaseline())
        observation.admission = nil
        #expect(nextStep(intent, observation) == .change(intent.targetProfile))
        observation = seen(intent.original, withBaseline())
        observation.admission = .refused("denied")
        var safe = intent
        safe.purpose = .makeSafe
        #expect(nextStep(safe, observation) != .stop(.checkRefuses("denied")))
    }

    @Test func `a check that refuses before the first change holds however often it is asked`() {
        var observation = seen(intent.original, withBaseline())
        #expect(nextStep(intent, observation) == .check(.disable))
        observation.checks[.disable] = .refused("locks")
        #expect(nextStep(intent, observation) == .stop(.checkRefuses("locks")))
        observation.receipts.resumed()
        observation.checks = [:]
        #expect(
            nextStep(intent, observation) == .converge(.baseline) || nextStep(intent, observation) == .check(.disable))
        observation.checks[.disable] = .clear
        #expect(nextStep(intent, observation) == .change(intent.offProfile))
    }

    @Test(arguments: [KMSChange.Outcome.refused, .deferred])
    func `a change that never began leaves the check in force`(_ outcome: KMSChange.Outcome) {
        var receipts = withBaseline()
        receipts.changeSent(intent.offProfile, at: 0)
        receipts.changeEnded(outcome, at: 1)
        if outcome == .refused { receipts.resumed() }
        receipts.sampled(.baseline, ConvergenceReceipt(state: .converged), under: intent.original, at: "1")
        #expect(nextStep(intent, seen(intent.original, receipts)) == .check(.disable))
    }

    @Test func `a check that cannot tell is asked again until patience is over`() {
        var observation = seen(intent.original, withBaseline())
        observation.checks[.disable] = .unclear("no answer")
        #expect(nextStep(intent, observation) == .wait(.check("no answer")))
        observation.patienceIsOver = true
        #expect(nextStep(intent, observation) == .stop(.checkRefuses("no answer")))
    }

    @Test func `node pools hold back the update of the cluster and nothing else`() {
        var observation = seen(intent.original, withBaseline())
        observation.checks[.disable] = .clear
        observation.cluster.busyPools = ["nodepool1: Upgrading"]
        #expect(nextStep(intent, observation) == .wait(.nodePools(["nodepool1: Upgrading"])))
        var onTarget = seen(intent.targetProfile, provenOnTarget())
        onTarget.cluster.busyPools = ["nodepool1: Upgrading"]
        #expect(nextStep(intent, onTarget) == .check(.closeVault))
        var safe = intent
        safe.purpose = .makeSafe
        var fresh = seen(intent.original)
        fresh.cluster.busyPools = ["nodepool1: Upgrading"]
        #expect(nextStep(safe, fresh) == .converge(.full))
    }

    @Test func `a node pool at work is waited for, and when patience is over Azure is asked all the same`() {
        var receipts = withBaseline()
        receipts.changeSent(intent.offProfile, at: 0)
        receipts.changeEnded(.succeeded, at: 1)
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        receipts.passEnded(PassReceipt(kind: .rewrite, complete: true, began: receipts.passBegins()), at: "1")
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        var observation = seen(intent.offProfile, receipts)
        observation.cluster.busyPools = ["nodepool1: Upgrading"]
        #expect(nextStep(intent, observation) == .wait(.nodePools(["nodepool1: Upgrading"])))
        observation.patienceIsOver = true
        #expect(nextStep(intent, observation) == .change(intent.targetProfile))
    }

    private func provenOnTarget() -> Receipts {
        var receipts = withBaseline()
        receipts.changeSent(intent.offProfile, at: 0)
        receipts.changeEnded(.succeeded, at: 1)
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        receipts.changeSent(intent.targetProfile, at: 2)
        receipts.changeEnded(.succeeded, at: 3)
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        for kind in [RewritePurpose.rewrite, .verify] {
            receipts.passEnded(PassReceipt(kind: kind, complete: true, began: receipts.passBegins()), at: "1")
        }
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        return receipts
    }

    @Test
    func
        `a cluster that others changed after the verifying pass is rewritten and verified again before the vault closes`()
    {
        var observation = seen(intent.targetProfile, provenOnTarget())
        #expect(nextStep(intent, observation) == .check(.closeVault))
        observation.cluster.eTag = "2"
        #expect(nextStep(intent, observation) == .converge(.full))
        observation.receipts.converged(ConvergenceReceipt(state: .converged), at: "2")
        #expect(nextStep(intent, observation) == .rewrite(.rewrite))
    }

    @Test func `evidence without an eTag ends with the process that took it`() {
        var receipts = Receipts()
        receipts.changeSent(intent.targetProfile, at: 0)
        receipts.changeEnded(.succeeded, at: 1)
        receipts.converged(ConvergenceReceipt(state: .converged))
        receipts.passEnded(PassReceipt(kind: .verify, complete: true, began: receipts.passBegins()))
        receipts.resumed()
        #expect(receipts.currentConvergence == nil && receipts.passes.isEmpty)
    }

    @Test func `a vault that a policy closed is watched like one that was closed here`() {
        var observation = seen(intent.targetProfile, provenOnTarget())
        observation.vault.access = .disabled
        #expect(observation.receipts.vaultChanges.isEmpty)
        #expect(nextStep(intent, observation) == .soak)
    }

    @Test func `make-safe turns KMS on as Private where a policy keeps the vault closed`() {
        var safe = intent
        safe.purpose = .makeSafe
        var receipts = Receipts()
        receipts.changeSent(intent.offProfile, at: 0)
        receipts.changeEnded(.succeeded, at: 1)
        receipts.vaultChanged(to: .open, readBack: .disabled, at: 2)
        receipts.converged(ConvergenceReceipt(state: .unavailable), at: "1")
        var observation = seen(intent.offProfile, receipts)
        observation.vault.access = .disabled
        #expect(nextStep(safe, observation) == .change(intent.profile(.privateAccess)))
        observation.cluster.vnetIntegration = false
        #expect(nextStep(safe, observation) == .stop(.vaultKeepsAccess(.disabled)))
    }
}
