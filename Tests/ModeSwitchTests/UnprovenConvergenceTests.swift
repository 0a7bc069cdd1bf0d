import Azure
import ModeSwitch
import Testing

/// What a run does when samples prove nothing.
@Suite struct UnprovenConvergenceTests {
    /// For those who want to look first; what happens otherwise is in `BackToSafetyTests`.
    private let intent = Intent.sample(.privateAccess).stopping

    /// KMS off as ARM shows it, and what sampling came to.
    private func seenOff(_ receipts: Receipts, key: KeyState = .usable, vault: VaultObservation.Presence = .present)
        -> Observation
    {
        Observation(
            cluster: ClusterObservation(kms: intent.offProfile, resourceUID: "uid-1"),
            vault: VaultObservation(presence: vault, access: .enabled), key: key,
            kubernetes: KubernetesObservation(kubeSystemUID: "ks-1"), receipts: receipts)
    }

    private func off(_ state: ConvergenceReceipt.State, puts: Int = 1) -> Receipts {
        var receipts = Receipts()
        for _ in 0..<puts {
            receipts.changeSent(intent.offProfile, at: 0)
            receipts.changeEnded(.succeeded, at: 1)
        }
        receipts.converged(ConvergenceReceipt(state: state))
        return receipts
    }

    @Test func `a PUT that no API server took is repeated once`() {
        #expect(nextStep(intent, seenOff(off(.homogeneous))) == .change(intent.offProfile))
        let stop = nextStep(intent, seenOff(off(.homogeneous, puts: 2)))
        #expect(stop == .stop(.convergenceUnproven(.homogeneous, "")))
    }

    @Test func `a resume samples first, and may repeat the PUT once more`() {
        var receipts = off(.homogeneous, puts: 2)
        receipts.resumed()
        #expect(nextStep(intent, seenOff(receipts)) == .converge(.full))
        receipts.converged(ConvergenceReceipt(state: .homogeneous))
        #expect(nextStep(intent, seenOff(receipts)) == .change(intent.offProfile))
        receipts.changeSent(intent.offProfile, at: 2)
        receipts.changeEnded(.succeeded, at: 3)
        receipts.converged(ConvergenceReceipt(state: .homogeneous))
        #expect(nextStep(intent, seenOff(receipts)) == .stop(.convergenceUnproven(.homogeneous, "")))
    }

    @Test func `a change made after a resume has a repeat of its own`() {
        var receipts = off(.converged)
        receipts.resumed()
        receipts.changeSent(intent.targetProfile, at: 2)
        receipts.changeEnded(.succeeded, at: 3)
        receipts.converged(ConvergenceReceipt(state: .homogeneous))
        var seen = seenOff(receipts)
        seen.cluster.kms = intent.targetProfile
        seen.vault.privateEndpoint = .approved
        #expect(nextStep(intent, seen) == .change(intent.targetProfile))
    }

    @Test(arguments: [KeyState.disabled, .expired, .deleted])
    func `samples that fail for want of the key name the key`(_ key: KeyState) {
        #expect(nextStep(intent, seenOff(off(.unavailable), key: key)) == .stop(.keyUnusable(key)))
        #expect(
            nextStep(intent, seenOff(off(.unavailable), key: key, vault: .gone)) == .stop(.vaultUnusable(.gone)))
    }

    @Test func `samples that fail while nothing is known to be wrong are told as unproven`() {
        #expect(nextStep(intent, seenOff(off(.unavailable))) == .stop(.convergenceUnproven(.unavailable, "")))
        // API servers that disagree do answer, whatever is wrong with the key.
        #expect(
            nextStep(intent, seenOff(off(.mixed), key: .disabled)) == .stop(.convergenceUnproven(.mixed, "")))
    }

    @Test func `a private endpoint that waits for approval is waited for before anything is sampled`() {
        var receipts = off(.converged)
        receipts.changeSent(intent.targetProfile, at: 2)
        receipts.changeEnded(.succeeded, at: 3)
        var seen = seenOff(receipts)
        seen.cluster.kms = intent.targetProfile
        seen.vault.privateEndpoint = .pending
        #expect(nextStep(intent, seen) == .wait(.privateEndpointApproval))
        seen.vault.privateEndpoint = .approved
        #expect(nextStep(intent, seen) == .converge(.full))
    }
}
