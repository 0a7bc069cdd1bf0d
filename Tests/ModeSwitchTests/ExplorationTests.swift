import ModeSwitch
import Testing

/// Breadth-first over every state that the model can reach.
struct Exploration {
    struct Found {
        var states = 0
        var worlds: Set<World> = []
        var violation: String?
        var trace: [String] = []
        /// Ends, with how many states reached each.
        var endings: [String: Int] = [:]
    }

    static func run(_ intent: Intent, from start: World, guards: Guards = .all, checkEnds: Bool = true) -> Found {
        run(intent, fromAll: [start], guards: guards, checkEnds: checkEnds)
    }

    static func run(
        _ intent: Intent, fromAll starts: Set<World>, guards: Guards = .all, checkEnds: Bool = true
    ) -> Found {
        var found = Found()
        var parents: [World: (World, String)] = [:]
        var seen = starts
        var queue = Array(starts)
        var next = 0
        while next < queue.count {
            let world = queue[next]
            next += 1
            if let violation = world.violation(intent) ?? (checkEnds ? world.stuck(intent) : nil) {
                found.violation = violation
                found.trace = trace(world, parents)
                break
            }
            if let ending = world.ending { found.endings["\(ending)".prefix(48).description, default: 0] += 1 }
            for (name, successor) in world.successors(intent, guards) where seen.insert(successor).inserted {
                parents[successor] = (world, name)
                queue.append(successor)
            }
        }
        found.states = seen.count
        found.worlds = seen
        return found
    }

    private static func trace(_ world: World, _ parents: [World: (World, String)]) -> [String] {
        var names: [String] = []
        var current = world
        while let (parent, name) = parents[current] {
            names.append(name)
            current = parent
        }
        return names.reversed()
    }
}

extension World {
    /// I10: when faults end, `resume` reaches the target and `make-safe` "encrypted and readable".
    func stuck(_ intent: Intent) -> String? {
        guard let resumed = calmEnd(intent, tries: 3) else { return "I10: no end within 200 calm steps" }
        if case .stopped(let reason) = resumed.ending, !needsAPerson(reason) {
            return "I10: resume stops with \(reason)"
        }
        var safe = intent
        safe.purpose = .makeSafe
        guard let end = with({ $0.ending = nil }).calmEnd(safe, tries: 3) else { return "I10: make-safe finds no end" }
        if case .stopped(let reason) = end.ending, !recreated || reason != .clusterRecreated {
            return "I10: make-safe stops with \(reason)"
        }
        if end.secrets.contains(.plaintext), !end.recreated { return "I10: make-safe leaves plaintext" }
        return nil
    }

    /// Reasons that no resume may overrule: somebody else decided otherwise, or what would prove it is past.
    private func needsAPerson(_ reason: StopReason) -> Bool {
        switch reason {
        case .clusterRecreated: recreated
        case .changedByOthers: true
        case .clusterFailed, .oldPathUnproven: true
        default: false
        }
    }

    /// Runs without faults to the end, resuming a stopped run as often as `tries` allows.
    func calmEnd(_ intent: Intent, tries: Int) -> World? {
        var world = self
        for _ in 0..<tries {
            if world.ending != nil {
                world.ending = nil
                world.receipts.resumed()
            }
            guard let end = world.calmEnd(intent) else { return nil }
            world = end
            if world.ending == .finished || world.ending == .turnedBack { break }
        }
        return world
    }

    private func calmEnd(_ intent: Intent) -> World? {
        var world = self
        for _ in 0..<200 {
            if world.ending != nil { return world }
            guard let next = world.calmSuccessor(intent) else { return nil }
            world = next
        }
        return nil
    }
}

extension Intent {
    static func sample(_ target: NetworkMode, _ strategy: Strategy = .inPlace) -> Intent {
        let from = KMSProfile(enabled: true, keyID: World.key, mode: target.opposite, vaultID: "/vaults/kv")
        return Intent(
            runID: "run", target: target, strategy: strategy, original: from,
            originalVaultAccess: target == .privateAccess ? .enabled : .disabled,
            keyID: strategy == .secondVault ? World.secondKey : World.key,
            vaultID: strategy == .secondVault ? "/vaults/kv2" : "/vaults/kv", clusterID: "/clusters/c",
            resourceUID: "uid-1", kubeSystemUID: "ks-1")
    }
}

extension Intent {
    /// The same with `--on-failure stop`.
    var stopping: Intent {
        var intent = self
        intent.options.onFailure = .stop
        return intent
    }
}

extension Intent: CustomTestStringConvertible {
    package var testDescription: String { "\(strategy) to \(target.rawValue)" }
}

@Suite struct ExplorationTests {
    static let jobs: [Intent] = [
        .sample(.privateAccess), .sample(.publicAccess), .sample(.privateAccess, .closeVaultFirst),
        .sample(.privateAccess, .secondVault),
    ]

    @Test(arguments: jobs) func `every reachable state keeps the invariants and can end`(_ intent: Intent) {
        let found = Exploration.run(intent, from: .start(intent, faults: 2))
        print("explored \(found.states) states of \(intent.strategy) to \(intent.target.rawValue): \(found.endings)")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
        #expect(found.endings.keys.contains { $0.contains("finished") })
    }

    /// A person gives up on a switch wherever it is, and make-safe meets faults of its own.
    @Test(arguments: jobs) func `make-safe keeps the invariants from every state of a switch`(_ intent: Intent) {
        let reached = Exploration.run(intent, from: .start(intent, faults: 1), checkEnds: false).worlds
        var safe = intent
        safe.purpose = .makeSafe
        let starts = reached.filter { !$0.recreated }.map { world in
            world.with {
                $0.ending = nil
                $0.receipts.resumed()
                $0.faults = 1
            }
        }
        let found = Exploration.run(safe, fromAll: Set(starts), checkEnds: false)
        print("explored \(found.states) states of make-safe after \(intent.strategy) to \(intent.target.rawValue)")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
        #expect(found.endings.keys.contains { $0.contains("finished") })
    }

    @Test func `make-safe opens a vault that was closed early again when Azure refuses Private for good`() {
        let intent = Intent.sample(.privateAccess, .closeVaultFirst)
        var safe = intent
        safe.purpose = .makeSafe
        let closed = Exploration.run(intent, from: .start(intent, faults: 0)).worlds.filter {
            $0.vault == .disabled && !$0.kms.enabled && $0.ending == nil
        }
        let starts = closed.map { world in
            world.with {
                $0.refusesPrivate = true
                $0.receipts.resumed()
                $0.faults = 1
            }
        }
        #expect(!starts.isEmpty)
        let found = Exploration.run(safe, fromAll: Set(starts), checkEnds: false)
        print("explored \(found.states) states of make-safe without a way to Private: \(found.endings)")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
        for world in starts {
            let end = world.calmEnd(safe, tries: 1)
            #expect(end?.ending == .finished && end?.vault == .enabled)
            #expect(end?.kms.means(intent.profile(.publicAccess)) == true)
        }
    }

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
            guardOff: .cleanBeforeKeyChange, name: "cleanBeforeKeyChange",
            intent: .sample(.privateAccess, .secondVault), change: stillOnTheKeyBefore),
        Mutant(
            guardOff: .offPassBeforeEarlyClose, name: "offPassBeforeEarlyClose",
            intent: .sample(.privateAccess, .closeVaultFirst)
        ) { $0.denied = [0] },
        Mutant(guardOff: .reopenAfterFailedSoak, name: "reopenAfterFailedSoak"),
        Mutant(guardOff: .proofBeforeFinish, name: "proofBeforeFinish"),
        Mutant(guardOff: .baselineBeforeChange, name: "baselineBeforeChange", endsOnly: true),
        Mutant(guardOff: .checkFirst, name: "checkFirst"),
        Mutant(guardOff: .backToSafety, name: "backToSafety"),
        Mutant(guardOff: .evidenceAge, name: "evidenceAge"),
    ]

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

    /// KMS was turned off by somebody, one API server has not heard of it, and no journal tells.
    static let turnedOffByOthers: @Sendable (inout World) -> Void = { world in
        world.kms.enabled = false
        world.behind[1] = world.configured(world.kms, world.replicas[1])
        world.replicas[0] = world.configured(world.kms, world.replicas[0])
    }

    /// A key change before this run was never followed by a rewrite (Azure/AKS#4648).
    static let stillOnTheKeyBefore: @Sendable (inout World) -> Void = { world in
        let before = "https://kv.example/keys/k/0"
        world.secrets[0] = .encrypted(keyID: before)
        for index in world.replicas.indices { world.replicas[index].previousKeyID = before }
    }

    @Test(arguments: jobs) func `every state that follows a lost journal keeps the invariants`(_ intent: Intent) {
        var intent = intent
        intent.original.enabled = false
        let found = Exploration.run(intent, from: Self.start(intent, Self.turnedOffByOthers), checkEnds: false)
        print("explored \(found.states) states of \(intent.strategy) to \(intent.target.rawValue), journal lost")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
    }

    static func start(_ intent: Intent, _ change: (inout World) -> Void = { _ in }) -> World {
        World.start(intent, faults: 2).with(change)
    }

    @Test(arguments: mutants) func `a decision without one of its guards is caught`(_ mutant: Mutant) {
        let world = Self.start(mutant.intent, mutant.change)
        let guards = Guards.all.subtracting(mutant.guardOff)
        let found = Exploration.run(mutant.intent, from: world, guards: guards, checkEnds: mutant.endsOnly)
        print("without \(mutant.name): \(found.violation ?? "SURVIVED") (\(found.states) states)")
        #expect(found.violation != nil, "nothing notices that \(mutant.name) is missing")
        let whole = Exploration.run(mutant.intent, from: world, checkEnds: false)
        #expect(whole.violation == nil, "with \(mutant.name): \(whole.violation ?? "") after \(whole.trace)")
    }
}
