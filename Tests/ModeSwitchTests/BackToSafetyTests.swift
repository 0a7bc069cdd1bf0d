import Azure
import Foundation
import ModeSwitch
import Testing

/// I12: while Secrets may be plaintext, a switch that cannot go on turns KMS on again by itself.
@Suite struct BackToSafetyTests {
    private let intent = Intent.sample(.privateAccess)

    private func seen(_ kms: KMSProfile, _ receipts: Receipts) -> Observation {
        Observation(
            cluster: ClusterObservation(kms: kms, resourceUID: "uid-1"), vault: VaultObservation(access: .enabled),
            kubernetes: KubernetesObservation(kubeSystemUID: "ks-1"), receipts: receipts)
    }

    private func off(_ state: ConvergenceReceipt.State) -> Receipts {
        var receipts = Receipts()
        receipts.sampled(.baseline, ConvergenceReceipt(state: .converged), under: intent.original)
        for _ in 0..<2 {
            receipts.changeSent(intent.offProfile, at: 0)
            receipts.changeEnded(.succeeded, at: 1)
        }
        receipts.converged(ConvergenceReceipt(state: state))
        return receipts
    }

    @Test func `what ends a switch with KMS off turns it back, and then every step leads to safety`() {
        var receipts = off(.mixed)
        let reason = StopReason.convergenceUnproven(.mixed, "")
        #expect(nextStep(intent, seen(intent.offProfile, receipts)) == .turnBack(reason))
        receipts.turnBack(because: "\(reason)")
        #expect(nextStep(intent, seen(intent.offProfile, receipts)) == .change(intent.profile(.publicAccess)))
        receipts.changeSent(intent.original, at: 2)
        receipts.changeEnded(.succeeded, at: 3)
        // On again as it was: the switch would call that somebody else's doing.
        #expect(nextStep(intent, seen(intent.original, receipts)) == .converge(.full))
    }

    @Test func `whoever wants to look first is left with KMS off`() {
        let stop = nextStep(intent.stopping, seen(intent.offProfile, off(.mixed)))
        #expect(stop == .stop(.convergenceUnproven(.mixed, "")))
    }

    @Test func `Azure's final refusal of every way ends the run`() {
        var receipts = off(.converged)
        for _ in 0..<changeAttempts {
            receipts.changeSent(intent.profile(.publicAccess), at: 2)
            receipts.changeEnded(.refused, because: AzureRefusal(.lock, what: "no"), at: 3)
        }
        receipts.turnBack(because: "the target is refused")
        #expect(
            nextStep(intent, seen(intent.offProfile, receipts)) == .stop(.armRefuses(AzureRefusal(.lock, what: "no"))))
    }

    @Test func `a lost answer of which nothing came is told so`() throws {
        var receipts = Receipts()
        receipts.changeSent(intent.offProfile, at: 1)
        receipts.changeLost(AzureRefusal(.failed, what: "Azure answered 500"))
        let settled = receipts.settle(seen(intent.original, receipts).cluster, at: 2)
        let last = try #require(receipts.lastChange)
        #expect(settled && last.outcome == .deferred && last.reason.kind == .failed)
        #expect(last.reason.what == "it had no effect; instead of an answer came: Azure answered 500")
    }

    @Test func `a kind of refusal that a newer version wrote damages no record`() throws {
        let kind = try JSONDecoder().decode([AzureRefusal.Kind].self, from: Data(#"["zonal", "lock"]"#.utf8))
        #expect(kind == [.other, .lock])
    }

    @Test func `a silent API server is waited for, and when patience is over KMS is turned on without it`() {
        var observation = seen(intent.offProfile, off(.converged))
        observation.kubernetes = KubernetesObservation(reachable: false, kubeSystemUID: "")
        #expect(nextStep(intent, observation) == .wait(.apiServerSilent))
        observation.patienceIsOver = true
        #expect(nextStep(intent, observation) == .turnBack(.apiServerUnreachable))
        observation.receipts.turnBack(because: "silent")
        observation.patienceIsOver = false
        #expect(nextStep(intent, observation) == .change(intent.profile(.publicAccess)))
    }

    @Test func `passes that never see every Secret turn back, not before the third`() {
        var receipts = off(.converged)
        for _ in 0..<passAttempts {
            #expect(nextStep(intent, seen(intent.offProfile, receipts)) == .rewrite(.rewrite))
            receipts.passEnded(PassReceipt(kind: .rewrite, complete: false, began: receipts.passBegins()))
        }
        #expect(nextStep(intent, seen(intent.offProfile, receipts)) == .turnBack(.passIncomplete))
    }

    @Test func `where Azure refuses Public for good, the private path that the cluster had is taken again`() {
        let toPublic = Intent.sample(.publicAccess)
        var receipts = Receipts()
        receipts.changeSent(toPublic.offProfile, at: 0)
        receipts.changeEnded(.succeeded, at: 1)
        receipts.converged(ConvergenceReceipt(state: .homogeneous))
        receipts.changeSent(toPublic.targetProfile, at: 2)
        receipts.changeEnded(.refused, because: AzureRefusal(.lock, what: "no"), at: 3)
        receipts.turnBack(because: "refused")
        let observation = seen(toPublic.offProfile, receipts)
        #expect(
            nextStep(toPublic, observation) == .converge(.baseline)
                || nextStep(toPublic, observation) == .change(toPublic.profile(.privateAccess)))
    }

    @Test func `a resumed run goes to its target again`() {
        var receipts = off(.converged)
        receipts.turnBack(because: "a reason")
        receipts.resumed()
        #expect(receipts.turnedBack == nil)
    }
}
