import Azure
import ModeSwitch
import SecretRewrite
import Testing

/// The order of steps on and to the new KMS experience and of rotations, and what stops them.
@Suite struct NewKeyTests {
    /// The steps of a run in which nothing goes wrong, without the waits for Azure.
    private func steps(of intent: Intent) -> [String] {
        var names: [String] = []
        var world = World.start(intent, faults: 0)
        while world.ending == nil, names.count < 60 {
            let step = nextStep(world.asMade(intent), world.observation())
            if case .wait = step {} else { names.append(name(of: step)) }
            guard let next = world.calmSuccessor(intent) else { return names + ["no end"] }
            world = next
        }
        #expect(world.violation(intent) == nil)
        return names
    }

    private func name(of step: Step) -> String {
        switch step {
        case .change(let profile): profile.isNew || profile.enabled ? "change to \(profile.words)" : "turn KMS off"
        case .converge(let need): "converge \(need)"
        case .rewrite(let kind): kind == .rewrite ? "rewrite" : "pass \(kind)"
        case .check(let name): "check \(name)"
        default: "\(step)"
        }
    }

    private static let passes = ["rewrite", "pass verify", "converge burst", "prove", "finish"]
    private static let beforeKey = ["converge baseline", "pass beforeKeyChange", "check changeKey"]

    private static let calmRuns: [(Intent, [String])] = [
        (
            .onNew(.privateAccess),
            [
                "converge baseline", "trustServices", "check changeKey", "change to customer-managed key, Private",
                "converge burst", "pass verify", "converge burst", "check closeVault", "closeVault", "soak", "prove",
                "finish",
            ]
        ),
        (
            .onNew(.privateAccess, firewall: true),
            [
                "converge baseline", "trustServices", "check changeKey", "change to customer-managed key, Private",
                "converge burst", "pass verify", "converge burst", "check closeVault", "denyNetworks", "soak", "prove",
                "finish",
            ]
        ),
        (
            .onNew(.publicAccess),
            [
                "converge baseline", "openVault", "check changeKey", "change to customer-managed key, Public",
                "converge burst", "pass verify", "converge burst", "prove", "finish",
            ]
        ),
        (
            .onNew(.privateAccess, .viaPlatformKey),
            [
                "converge baseline", "trustServices", "pass beforeKeyChange", "check changeKey",
                "change to platform-managed key", "converge full", "rewrite", "converge burst",
                "change to customer-managed key, Private", "converge full", "rewrite", "pass verify", "converge burst",
                "check closeVault", "closeVault", "soak", "prove", "finish",
            ]
        ),
        (
            .migration(to: .platformManaged),
            beforeKey + ["change to platform-managed key", "converge full"] + passes
        ),
        (
            .migration(to: .platformManaged) { $0.original = .none },
            ["converge baseline", "check changeKey", "change to platform-managed key", "converge full"] + passes
        ),
        (
            .migration(to: .customerManaged),
            beforeKey + ["change to customer-managed key, Public", "converge full"] + passes
        ),
        (
            .migration(to: .customerManaged, via: .viaPlatformKey),
            beforeKey + [
                "change to platform-managed key", "converge full", "rewrite", "converge burst",
                "change to customer-managed key, Public", "converge full",
            ] + passes
        ),
        (.rotation(), beforeKey + ["change to Public", "converge full"] + passes),
        (
            .rotation(in: .privateAccess, makes: true),
            beforeKey + ["makeKeyVersion", "check changeKey", "change to Private", "converge full"] + passes
        ),
        (
            .newVersion(),
            beforeKey + ["makeKeyVersion", "converge controller", "pass verify", "converge burst", "prove", "finish"]
        ),
    ]

    @Test(arguments: 0..<calmRuns.count) func `a calm run takes its steps in their order`(_ index: Int) {
        let (intent, expected) = Self.calmRuns[index]
        #expect(steps(of: intent) == expected, "\(intent.testDescription)")
    }

    // MARK: What stops them

    private func seen(_ intent: Intent, _ receipts: Receipts) -> Observation {
        var world = World.start(intent, faults: 0)
        world.trusted = true
        world.vault = .enabled
        world.receipts = receipts
        var seen = world.observation()
        seen.vault.trust = .explicit
        seen.checks = [.changeKey: .clear]
        return seen
    }

    private func withBaseline(_ intent: Intent) -> Receipts {
        var receipts = Receipts()
        receipts.sampled(.baseline, ConvergenceReceipt(state: .converged), under: intent.original, at: "1")
        return receipts
    }

    @Test func `a direct change that Azure refuses stops with its words, and nothing else is tried`() {
        let intent = Intent.onNew(.privateAccess)
        let refusal = AzureRefusal(.policy, what: "not while KMS is on")
        var receipts = withBaseline(intent)
        #expect(nextStep(intent, seen(intent, receipts)) == .change(intent.targetProfile))
        receipts.changeSent(intent.targetProfile, from: intent.original, at: 0)
        receipts.changeEnded(.refused, because: refusal, at: 1)
        let stopped = seen(intent, receipts)
        #expect(nextStep(intent, stopped) == .stop(.armRefuses(refusal)))
        #expect(exitCode(.stopped(.armRefuses(refusal)), intent, stopped) == .failed)
        #expect(!receipts.mayHaveChangedAnything)
    }

    @Test(arguments: [Intent.rotation(makes: true), .newVersion()])
    func `a version that Key Vault does not make stops the run, and a resume asks once more`(_ intent: Intent) {
        let refusal = AzureRefusal(what: "no right")
        var receipts = withBaseline(intent)
        receipts.passEnded(
            PassReceipt(kind: .beforeKeyChange, complete: true, began: receipts.passBegins()), at: "1")
        #expect(nextStep(intent, seen(intent, receipts)) == .makeKeyVersion)
        receipts.keyVersionMade(KeyVersionReceipt(refusal: refusal, at: 0), isTakenByAzure: intent.newKey != nil)
        #expect(nextStep(intent, seen(intent, receipts)) == .stop(.keyNotMade(refusal)))
        receipts.resumed()
        #expect(nextStep(intent, seen(intent, receipts)) == .makeKeyVersion)
    }

    @Test(arguments: [Intent.rotation(), .newVersion(), .migration(to: .platformManaged)])
    func `a Secret that is not known to lie under the present key stops every key change`(_ intent: Intent) {
        var receipts = withBaseline(intent)
        #expect(nextStep(intent, seen(intent, receipts)) == .rewrite(.beforeKeyChange))
        receipts.passEnded(
            PassReceipt(
                kind: .beforeKeyChange, failures: [.undecryptable: 1], complete: true, began: receipts.passBegins()),
            at: "1")
        #expect(nextStep(intent, seen(intent, receipts)) == .stop(.secretsFailed([.undecryptable: 1])))
    }

    @Test func `an accepted failure never lets a second key change through that would lose its Secret`() {
        var intent = Intent.migration(to: .customerManaged, via: .viaPlatformKey)
        intent.options.acceptedFailures = [.denied]
        var world = World.start(intent, faults: 0)
        world.denied = [0]
        while world.ending == nil, let next = world.calmSuccessor(intent) { world = next }
        #expect(world.ending == .stopped(.secretsFailed([.denied: 1])))
        #expect(world.kms.isPlatformManaged && world.violation(intent) == nil)
    }

    @Test func `a rotation that finds KMS off turns it on with the key that was on, whatever version it wanted`() {
        let intent = Intent.rotation(makes: true)
        var seen = seen(intent, withBaseline(intent))
        seen.cluster.kms.enabled = false
        #expect(nextStep(intent, seen) == .turnBack(.changedByOthers(seen.cluster.kms)))
        seen.receipts.turnBack(because: "KMS was turned off")
        #expect(nextStep(intent, seen) == .change(intent.original))
    }
}
