import Azure
import ModeSwitch
import SecretRewrite
import Testing

/// What an engine that is not ours says of the rewrite is never proof.
@Suite struct EngineWordTests {
    private func pass(_ receipts: inout Receipts, _ kind: RewritePurpose = .rewrite, by engine: RewriteEngine? = .svm) {
        var receipt = PassReceipt(kind: kind, total: 2, complete: true, began: receipts.passBegins())
        receipt.engine = engine
        receipts.passEnded(receipt, at: "1")
    }

    private func seen(_ kms: KMSProfile, _ receipts: Receipts, vault: VaultAccess = .enabled) -> Observation {
        Observation(
            cluster: ClusterObservation(kms: kms, eTag: "1", resourceUID: "uid-1"),
            vault: VaultObservation(access: vault, privateEndpoint: .approved),
            kubernetes: KubernetesObservation(kubeSystemUID: "ks-1"), receipts: receipts)
    }

    /// KMS was turned off by the run, all API servers have it, and somebody rewrote.
    private func off(_ intent: Intent, by engine: RewriteEngine?) -> Receipts {
        var receipts = Receipts()
        receipts.changeSent(intent.offProfile, at: 0)
        receipts.changeEnded(.succeeded, at: 1)
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        pass(&receipts, by: engine)
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        return receipts
    }

    @Test func `the vault does not close early on its word`() {
        let intent = Intent.sample(.privateAccess, .closeVaultFirst)
        #expect(nextStep(intent, seen(intent.offProfile, off(intent, by: nil))) == .closeVault)
        #expect(nextStep(intent, seen(intent.offProfile, off(intent, by: .svm))) != .closeVault)
    }

    @Test func `Secrets are not known to be plaintext on its word`() {
        let intent = Intent.sample(.privateAccess)
        #expect(secretsAtRest(intent, seen(intent.offProfile, off(intent, by: nil))) == .plaintext)
        #expect(secretsAtRest(intent, seen(intent.offProfile, off(intent, by: .svm))) == .mixed)
    }

    @Test func `make-safe opens a closed vault again whatever it said`() {
        let intent = Intent.sample(.privateAccess, .closeVaultFirst).makingSafe
        #expect(nextStep(intent, seen(intent.offProfile, off(intent, by: .svm), vault: .disabled)) == .openVault)
    }

    @Test func `the verifying pass still follows, and proves`() {
        let intent = Intent.sample(.privateAccess)
        var receipts = off(intent, by: .svm)
        receipts.changeSent(intent.targetProfile, at: 2)
        receipts.changeEnded(.succeeded, at: 3)
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        pass(&receipts)
        #expect(nextStep(intent, seen(intent.targetProfile, receipts)) == .rewrite(.verify))
        #expect(secretsAtRest(intent, seen(intent.targetProfile, receipts)) == .mixed)
        pass(&receipts, .verify, by: nil)
        receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        #expect(nextStep(intent, seen(intent.targetProfile, receipts)) == .check(.closeVault))
        #expect(secretsAtRest(intent, seen(intent.targetProfile, receipts)) == .encrypted)
    }

    /// An engine that says "done" and has written nothing, at every place where it may be asked.
    @Test(arguments: [Intent.sample(.privateAccess), .sample(.publicAccess), .sample(.privateAccess, .closeVaultFirst)])
    func `no invariant breaks when it lies`(_ intent: Intent) async {
        let start = World.start(intent, faults: 1).with { $0.engineLies = true }
        let found = await Exploration.run(intent, from: start, checkEnds: false)
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
        #expect(found.worlds.contains { $0.receipts.passes.contains { $0.engine == .svm } && $0.ending == .finished })
    }
}
