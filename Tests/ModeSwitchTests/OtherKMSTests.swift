import Azure
import ModeSwitch
import Testing

/// I11: a run that meets a cluster that is, or may be, on the new KMS experience changes nothing of it.
@Suite struct OtherKMSTests {
    typealias Experience = ClusterObservation.Experience

    private func seen(
        _ experience: Experience, _ intent: Intent, _ kms: KMSProfile, provisioning: ClusterObservation.Provisioning,
        wasOff: Bool
    ) -> Observation {
        var receipts = Receipts()
        if wasOff {
            receipts.changeSent(intent.offProfile, at: 0)
            receipts.changeEnded(.succeeded, at: 1)
        }
        return Observation(
            cluster: ClusterObservation(
                provisioning: provisioning, kms: kms, resourceUID: "uid-1", experience: experience),
            vault: VaultObservation(access: .enabled), kubernetes: KubernetesObservation(kubeSystemUID: "ks-1"),
            receipts: receipts)
    }

    private static let states: [ClusterObservation.Provisioning] = [
        .succeeded, .inProgress("Updating"), .failed(AzureRefusal(what: "no")),
    ]

    @Test(arguments: [NetworkMode.privateAccess, .publicAccess], [Intent.Purpose.switchMode, .makeSafe])
    func `stops every run there, whatever else is seen`(_ target: NetworkMode, _ purpose: Intent.Purpose) {
        var intent = Intent.sample(target)
        intent.purpose = purpose
        let stops: [(Experience, StopReason)] = [(.new, .newKMSExperience), (.unknown("why"), .unknownKMS("why"))]
        for (experience, reason) in stops {
            for kms in [intent.original, intent.offProfile, .none] {
                for (provisioning, wasOff) in Self.states.flatMap({ [($0, true), ($0, false)] }) {
                    let seen = seen(experience, intent, kms, provisioning: provisioning, wasOff: wasOff)
                    #expect(nextStep(intent, seen) == .stop(reason))
                }
            }
        }
    }

    @Test func `where a version hides it, only a run that saw the legacy KMS on goes on`() {
        var intent = Intent.sample(.privateAccess)
        intent.purpose = .makeSafe
        let off = seen(.hidden("why"), intent, intent.offProfile, provisioning: .succeeded, wasOff: true)
        if case .stop(let reason) = nextStep(intent, off) { Issue.record("\(reason)") }
        intent.original.enabled = false
        #expect(nextStep(intent, off) == .stop(.unknownKMS("why")))
    }

    @Test func `what was rewritten while the legacy KMS was off is not called plaintext after a migration`() {
        let intent = Intent.sample(.privateAccess)
        var off = seen(.new, intent, intent.offProfile, provisioning: .succeeded, wasOff: true)
        let began = off.receipts.passBegins()
        off.receipts.passEnded(PassReceipt(kind: .rewrite, failures: [:], complete: true, began: began))
        // Azure encrypts them by itself, and nothing here has seen that it did.
        #expect(secretsAtRest(intent, off) == .mixed)
        #expect(exitCode(.stopped(.newKMSExperience), intent, off) == .stoppedInPlaintext)
        off.cluster.experience = .legacy
        #expect(secretsAtRest(intent, off) == .plaintext)
    }
}
