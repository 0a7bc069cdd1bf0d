import ModeSwitch
import Testing

@testable import Azure

/// Each check of `nextStep` is necessary: without it an invariant breaks.
@Suite struct MutantTests {
    struct Mutant: Sendable, CustomTestStringConvertible {
        var guardOff: Guards
        var name: String
        var intent = Intent.sample(.privateAccess)
        /// Whether it shows only in that a run finds no end.
        var endsOnly = false
        var change: @Sendable (inout World) -> Void = { _ in }

        var testDescription: String { name }
    }

    /// Each guard with a job, and where it matters a beginning, in which its absence shows.
    static let mutants: [Mutant] = [
        Mutant(guardOff: .identity, name: "identity"),
        Mutant(guardOff: .waitForOperation, name: "waitForOperation"),
        Mutant(guardOff: .neverDisableTwice, name: "neverDisableTwice"),
        Mutant(guardOff: .convergeBeforeRewrite, name: "convergeBeforeRewrite", intent: .sample(.publicAccess)),
        Mutant(guardOff: .burstBeforeNarrowing, name: "burstBeforeNarrowing"),
        Mutant(guardOff: .rewriteBeforeClose, name: "rewriteBeforeClose"),
        Mutant(guardOff: .failuresBlockClose, name: "failuresBlockClose") { $0.denied = [0] },
        Mutant(guardOff: .oldPathLeft, name: "oldPathLeft", change: neverSeenOff),
        Mutant(guardOff: .endpointApproved, name: "endpointApproved"),
        Mutant(guardOff: .sharedVault, name: "sharedVault") { $0.sharedWith = ["other"] },
        Mutant(guardOff: .openBeforePublic, name: "openBeforePublic", intent: .sample(.publicAccess)),
        Mutant(
            guardOff: .offPassBeforeEarlyClose, name: "offPassBeforeEarlyClose",
            intent: .sample(.privateAccess, .closeVaultFirst)
        ) { $0.denied = [0] },
        Mutant(guardOff: .reopenAfterFailedSoak, name: "reopenAfterFailedSoak"),
        Mutant(guardOff: .proofBeforeFinish, name: "proofBeforeFinish"),
        Mutant(guardOff: .baselineBeforeChange, name: "baselineBeforeChange", endsOnly: true),
        Mutant(guardOff: .checkFirst, name: "checkFirst"),
        Mutant(guardOff: .triedFirst, name: "triedFirst", change: notAskedYet),
        Mutant(
            guardOff: .triedFirst, name: "triedFirst to public", intent: .sample(.publicAccess), change: notAskedYet),
        Mutant(guardOff: .backToSafety, name: "backToSafety"),
        Mutant(guardOff: .evidenceAge, name: "evidenceAge"),
        Mutant(guardOff: .laggardsRead, name: "laggardsRead", intent: .sample(.privateAccess, .closeVaultFirst)),
        Mutant(guardOff: .experience, name: "experience"),
    ]

    /// The same where another key or version is named within the legacy KMS.
    static let legacyKeyMutants: [Mutant] = [
        Mutant(
            guardOff: .cleanBeforeKeyChange, name: "cleanBeforeKeyChange",
            intent: .sample(.privateAccess, .secondVault), change: stillOnTheKeyBefore),
        Mutant(
            guardOff: .cleanBeforeKeyChange, name: "cleanBeforeKeyChange in a rotation", intent: .rotation(),
            change: stillOnTheKeyBefore),
        Mutant(
            guardOff: .keyBefore, name: "keyBefore", intent: .sample(.privateAccess, .secondVault),
            change: stillOnTheKeyBefore),
        Mutant(
            guardOff: .keyBefore, name: "keyBefore in a rotation", intent: .rotation(), change: stillOnTheKeyBefore),
        Mutant(guardOff: .keyBefore, name: "keyBefore without a version", intent: .rotation(makes: true)),
        Mutant(guardOff: .neverDisableTwice, name: "neverDisableTwice in a rotation", intent: .rotation()),
        Mutant(guardOff: .convergeBeforeRewrite, name: "convergeBeforeRewrite in a rotation", intent: .rotation()),
        Mutant(guardOff: .burstBeforeNarrowing, name: "burstBeforeNarrowing in a rotation", intent: .rotation()),
        Mutant(guardOff: .evidenceAge, name: "evidenceAge in a rotation", intent: .rotation()),
        Mutant(guardOff: .laggardsRead, name: "laggardsRead in a rotation", intent: .rotation()),
        Mutant(
            guardOff: .laggardsRead, name: "laggardsRead in make-safe", intent: .rotation().makingSafe,
            change: halfRotated),
        Mutant(
            guardOff: .baselineBeforeChange, name: "baselineBeforeChange in a rotation", intent: .rotation(),
            endsOnly: true),
        Mutant(guardOff: .checkFirst, name: "checkFirst in a rotation", intent: .rotation(makes: true)),
        Mutant(
            guardOff: .triedFirst, name: "triedFirst in a rotation", intent: .rotation(makes: true), change: notAskedYet
        ),
        Mutant(guardOff: .backToSafety, name: "backToSafety in a rotation", intent: .rotation()),
        Mutant(guardOff: .proofBeforeFinish, name: "proofBeforeFinish in a rotation", intent: .rotation()),
        Mutant(guardOff: .waitForOperation, name: "waitForOperation in a rotation", intent: .rotation()),
        Mutant(guardOff: .identity, name: "identity in a rotation", intent: .rotation()),
        // What stops for a key that was turned off stops there as well.
        Mutant(
            guardOff: [.experience, .keyBefore], name: "experience and keyBefore in a rotation", intent: .rotation()),
    ]

    /// The same on and to the new KMS experience.
    static let newKeyMutants: [Mutant] = [
        Mutant(guardOff: .wayIn, name: "wayIn", intent: .onNew(.privateAccess)),
        Mutant(
            guardOff: .triedFirst, name: "triedFirst on the new experience", intent: .onNew(.privateAccess),
            change: notAskedYet),
        Mutant(guardOff: .wayIn, name: "wayIn to public", intent: .onNew(.publicAccess)),
        Mutant(guardOff: .wayIn, name: "wayIn by the platform key", intent: .onNew(.privateAccess, .viaPlatformKey)),
        Mutant(
            guardOff: .wayIn, name: "wayIn of a migration", intent: .migration(to: .customerManaged, in: .privateAccess)
        ),
        Mutant(
            guardOff: .watchClosed, name: "watchClosed", intent: .onNew(.privateAccess).makingSafe,
            change: closedUnwatched),
        Mutant(
            guardOff: .ownChange, name: "ownChange", intent: .migration(to: .customerManaged, via: .viaPlatformKey),
            change: { $0.locked = true }),
        Mutant(guardOff: .versionTaken, name: "versionTaken", intent: .newVersion()),
        Mutant(
            guardOff: .cleanBeforeKeyChange, name: "cleanBeforeKeyChange before a new version", intent: .newVersion(),
            change: stillOnTheKeyBefore),
        Mutant(
            guardOff: .cleanBeforeKeyChange, name: "cleanBeforeKeyChange in a migration",
            intent: .migration(to: .platformManaged), change: stillOnTheKeyBefore),
        Mutant(
            guardOff: .cleanBeforeKeyChange, name: "cleanBeforeKeyChange on the platform key",
            intent: .migration(to: .customerManaged, via: .viaPlatformKey)),
        Mutant(
            guardOff: .keyBefore, name: "keyBefore in a migration", intent: .migration(to: .platformManaged),
            change: stillOnTheKeyBefore),
        Mutant(
            guardOff: .convergeBeforeRewrite, name: "convergeBeforeRewrite in a migration",
            intent: .migration(to: .platformManaged) { $0.original = .none }),
        Mutant(
            guardOff: .convergeBeforeRewrite, name: "convergeBeforeRewrite by the platform key",
            intent: .onNew(.publicAccess, .viaPlatformKey)),
        Mutant(
            guardOff: .burstBeforeNarrowing, name: "burstBeforeNarrowing in a migration",
            intent: .migration(to: .platformManaged) { $0.original = .none }),
        Mutant(
            guardOff: .burstBeforeNarrowing, name: "burstBeforeNarrowing of a new version", intent: .newVersion()),
        Mutant(guardOff: .laggardsRead, name: "laggardsRead in a migration", intent: .migration(to: .platformManaged)),
        Mutant(
            guardOff: .laggardsRead, name: "laggardsRead from plaintext",
            intent: .migration(to: .platformManaged) { $0.original = .none }),
        Mutant(
            guardOff: .neverDisableTwice, name: "neverDisableTwice on the new experience", intent: .onNew(.publicAccess)
        ),
        Mutant(guardOff: .backToSafety, name: "backToSafety in a migration", intent: .migration(to: .platformManaged)),
        Mutant(
            guardOff: .baselineBeforeChange, name: "baselineBeforeChange in a migration",
            intent: .migration(to: .platformManaged), endsOnly: true),
        Mutant(
            guardOff: .reopenAfterFailedSoak, name: "reopenAfterFailedSoak on the new experience",
            intent: .onNew(.privateAccess)),
        Mutant(
            guardOff: .reopenAfterFailedSoak, name: "reopenAfterFailedSoak by the firewall",
            intent: .onNew(.privateAccess, firewall: true)),
        Mutant(
            guardOff: .sharedVault, name: "sharedVault by the firewall", intent: .onNew(.privateAccess, firewall: true)
        ) { $0.sharedWith = ["other"] },
        Mutant(
            guardOff: .failuresBlockClose, name: "failuresBlockClose on the new experience",
            intent: .onNew(.privateAccess)
        ) { $0.denied = [0] },
        Mutant(guardOff: .checkFirst, name: "checkFirst in a migration", intent: .migration(to: .platformManaged)),
        Mutant(guardOff: .checkFirst, name: "checkFirst before a new version", intent: .newVersion()),
        Mutant(
            guardOff: .proofBeforeFinish, name: "proofBeforeFinish on the new experience", intent: .onNew(.publicAccess)
        ),
        Mutant(guardOff: .proofBeforeFinish, name: "proofBeforeFinish of a new version", intent: .newVersion()),
        Mutant(
            guardOff: .waitForOperation, name: "waitForOperation on the new experience", intent: .onNew(.publicAccess)),
        Mutant(guardOff: .identity, name: "identity in a migration", intent: .migration(to: .platformManaged)),
    ]

    /// A rotation failed half applied, and a person asks for make-safe.
    static let halfRotated: @Sendable (inout World) -> Void = { world in
        let intent = Intent.rotation()
        world.kms = intent.targetProfile
        world.behind[1] = world.configured(world.kms, world.replicas[1])
        world.replicas[0] = world.configured(world.kms, world.replicas[0])
        world.provisioning = .failed(AzureRefusal(.failed, what: "InternalOperationError"))
        world.receipts.changeSent(intent.targetProfile, at: 0)
        world.receipts.changeEnded(.failed, at: 0)
    }

    /// A run was killed after it closed the vault, and one API server is still on the public path.
    static let closedUnwatched: @Sendable (inout World) -> Void = { world in
        let intent = Intent.onNew(.privateAccess)
        world.kms = intent.targetProfile
        world.trusted = true
        world.behind[1] = world.configured(world.kms, world.replicas[1])
        world.replicas[0] = world.configured(world.kms, world.replicas[0])
        world.receipts.changeSent(intent.targetProfile, at: 0)
        world.receipts.changeEnded(.succeeded, at: 0)
        world.receipts.vaultChanged(to: .trustServices, readBack: .enabled, holds: true, at: 0)
        world.vault = .disabled
        world.receipts.vaultChanged(to: .closed, readBack: .disabled, at: 0)
    }

    /// KMS is on as Private and samples agree, but one API server never took the off configuration: it writes alike,
    /// over the public path.
    static let neverSeenOff: @Sendable (inout World) -> Void = { world in
        let intent = Intent.sample(.privateAccess)
        world.kms = intent.targetProfile
        world.endpointApproved = true
        world.behind[1] = world.configured(world.kms, world.replicas[1])
        world.replicas[0] = world.configured(world.kms, world.replicas[0])
        world.probe = world.replicas[0].writes
        world.receipts.sampled(.baseline, ConvergenceReceipt(state: .converged), under: intent.original, at: "1")
        world.receipts.changeSent(intent.targetProfile, at: 0)
        world.receipts.changeEnded(.succeeded, at: 0)
        world.receipts.converged(ConvergenceReceipt(state: .converged, samples: 60, flips: 1), at: "1")
    }

    /// A key change before this run was never followed by a rewrite (Azure/AKS#4648).
    static let stillOnTheKeyBefore: @Sendable (inout World) -> Void = { world in
        let before = "https://kv.example/keys/k/0"
        world.secrets[0] = .encrypted(keyID: before)
        for index in world.replicas.indices { world.replicas[index].previousKeyID = before }
        world.previous = world.replicas
    }

    /// Admission denies a Secret, and nobody has asked it yet.
    static let notAskedYet: @Sendable (inout World) -> Void = { world in
        world.admission = nil
        world.denied = [1]
    }

    static func start(_ intent: Intent, _ change: (inout World) -> Void = { _ in }) -> World {
        World.start(intent, faults: intent.faultsExplored).with(change)
    }

    @Test(arguments: mutants + legacyKeyMutants + newKeyMutants) func `a decision without one of its guards is caught`(
        _ mutant: Mutant
    ) async {
        let world = Self.start(mutant.intent, mutant.change)
        let guards = Guards.all.subtracting(mutant.guardOff)
        let found = await Exploration.run(mutant.intent, from: world, guards: guards, checkEnds: mutant.endsOnly)
        print("without \(mutant.name): \(found.violation ?? "SURVIVED") (\(found.states) states)")
        #expect(found.violation != nil, "nothing notices that \(mutant.name) is missing")
        // From the usual beginning the test of every state has shown it.
        if world == Self.start(mutant.intent) { return }
        let whole = await Exploration.run(mutant.intent, from: world, checkEnds: false)
        #expect(whole.violation == nil, "with \(mutant.name): \(whole.violation ?? "") after \(whole.trace)")
    }
}
