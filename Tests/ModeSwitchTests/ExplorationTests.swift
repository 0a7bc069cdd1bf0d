import ModeSwitch
import Testing

@testable import Azure

/// Breadth-first over every state that the model can reach.
struct Exploration {
    struct Found {
        /// Each state once, in the order in which it was reached.
        var worlds: [World] = []
        var violation: String?
        var trace: [String] = []
        /// Ends, with how many states reached each.
        var endings: [String: Int] = [:]

        var states: Int { worlds.count }
    }

    /// The state before, by its place in `worlds`, and what led from it.
    private struct Origin {
        var place: Int
        var event: String
    }

    /// States between which other tests get their turn: on two cores, explorations that never pause hold up whatever
    /// waits for time.
    private static let stride = 16

    static func run(_ intent: Intent, from start: World, guards: Guards = .all, checkEnds: Bool = true) async -> Found {
        await run(intent, fromAll: [start], guards: guards, checkEnds: checkEnds)
    }

    static func run(
        _ intent: Intent, fromAll starts: Set<World>, guards: Guards = .all, checkEnds: Bool = true
    ) async -> Found {
        var found = Found(worlds: Array(starts))
        var origins: [Origin?] = starts.map { _ in nil }
        var seen = starts
        var (resume, makeSafe) = (CalmRuns(intent), CalmRuns(intent.makingSafe))
        var next = 0
        while next < found.worlds.count {
            if next.isMultiple(of: stride) { await Task.yield() }
            let world = found.worlds[next]
            if let violation = world.violation(intent)
                ?? (checkEnds ? CalmRuns.stuck(world, &resume, &makeSafe) : nil)
            {
                found.violation = violation
                found.trace = trace(next, origins)
                break
            }
            if let ending = world.ending { found.endings["\(ending)".prefix(48).description, default: 0] += 1 }
            for (event, successor) in world.successors(intent, guards) where seen.insert(successor).inserted {
                found.worlds.append(successor)
                origins.append(Origin(place: next, event: event))
            }
            next += 1
        }
        return found
    }

    private static func trace(_ place: Int, _ origins: [Origin?]) -> [String] {
        var events: [String] = []
        var current = place
        while let origin = origins[current] {
            events.append(origin.event)
            current = origin.place
        }
        return events.reversed()
    }
}

/// Runs without faults, to their ends. States share most of their way, so each is followed once.
struct CalmRuns {
    let intent: Intent
    private var ends: [World: World] = [:]

    init(_ intent: Intent) { self.intent = intent }

    /// Runs to the end, resuming a stopped run as often as `tries` allows; nil where 200 steps find none.
    mutating func end(from start: World, tries: Int) -> World? {
        var world = start
        for _ in 0..<tries {
            if world.ending != nil {
                world.ending = nil
                world.receipts.resumed()
            }
            guard let end = end(from: world) else { return nil }
            world = end
            if world.ending == .finished || world.ending == .turnedBack { break }
        }
        return world
    }

    private mutating func end(from start: World) -> World? {
        var way: [World] = []
        var world = start
        while world.ending == nil {
            if let known = ends[world] {
                world = known
                break
            }
            guard way.count < 200, let next = world.calmSuccessor(intent) else { return nil }
            way.append(world)
            world = next
        }
        for passed in way { ends[passed] = world }
        return world
    }

    /// I10: when faults end, `resume` reaches the target and `make-safe` "encrypted and readable".
    static func stuck(_ world: World, _ resume: inout CalmRuns, _ makeSafe: inout CalmRuns) -> String? {
        guard let resumed = resume.end(from: world, tries: 3) else { return "I10: no end within 200 calm steps" }
        if case .stopped(let reason) = resumed.ending, !world.needsAPerson(reason) {
            return "I10: resume stops with \(reason)"
        }
        guard let end = makeSafe.end(from: world.with { $0.ending = nil }, tries: 3) else {
            return "I10: make-safe finds no end"
        }
        let isBeyond = end.kms.isNew && makeSafe.intent.newKey == nil
        if case .stopped(let reason) = end.ending, !world.recreated || reason != .clusterRecreated,
            !isBeyond || reason != .newKMSExperience
        {
            return "I10: make-safe stops with \(reason)"
        }
        if end.secrets.contains(.plaintext), !end.recreated, !isBeyond { return "I10: make-safe leaves plaintext" }
        return nil
    }
}

extension World {
    /// Reasons that no resume may overrule: somebody else decided otherwise, or what would prove it is past.
    fileprivate func needsAPerson(_ reason: StopReason) -> Bool {
        switch reason {
        case .clusterRecreated: recreated
        case .newKMSExperience: kms.isNew
        case .changedByOthers: true
        case .clusterFailed, .oldPathUnproven: true
        default: false
        }
    }
}

extension Intent {
    static func sample(_ target: NetworkMode, _ strategy: Strategy = .inPlace) -> Intent {
        func id(_ type: String, _ name: String) -> AzureResourceID {
            AzureResourceID(checked: "s", resourceGroup: "g", provider: "Microsoft", segments: [type, name])
        }
        let usesSecond = strategy == .secondVault
        let from = KMSProfile(
            enabled: true, keyID: World.key, mode: target == .publicAccess ? .privateAccess : .publicAccess,
            vaultID: id("vaults", "kv").description)
        return Intent(
            runID: "run", target: target, strategy: strategy, original: from,
            originalVaultAccess: target == .privateAccess ? .enabled : .disabled,
            keyID: KeyIdentifier(
                vaultAuthority: usesSecond ? "kv2.example" : "kv.example", name: "k", version: usesSecond ? "2" : "1"),
            vaultID: id("vaults", usesSecond ? "kv2" : "kv"), clusterID: id("clusters", "c"), resourceUID: "uid-1",
            kubeSystemUID: "ks-1")
    }
}

extension Intent {
    var makingSafe: Intent {
        var intent = self
        intent.purpose = .makeSafe
        return intent
    }

    /// The same with `--on-failure stop`.
    var stopping: Intent {
        var intent = self
        intent.options.onFailure = .stop
        return intent
    }
}

extension Intent: CustomTestStringConvertible {
    package var testDescription: String {
        let job = purpose == .rotate ? "rotation, " : purpose == .migrate ? "migration, " : ""
        return job + (newKey.map { "\($0.rawValue), " } ?? "") + "\(strategy) to \(target.rawValue)"
    }
}

extension Intent {
    /// A switch on the new KMS experience.
    static func onNew(_ target: NetworkMode, _ strategy: Strategy = .direct, firewall: Bool = false) -> Intent {
        var intent = Intent.sample(target)
        intent.strategy = strategy
        intent.newKey = .customerManaged
        intent.original = intent.profile(target == .privateAccess ? .publicAccess : .privateAccess)
        intent.options.closesFirewall = firewall ? true : nil
        return intent
    }

    /// From the legacy KMS, on or off, or from another key of the new experience.
    static func migration(
        to key: NewKey, in mode: NetworkMode = .publicAccess, via strategy: Strategy = .direct,
        from change: (inout Intent) -> Void = { _ in }
    ) -> Intent {
        var intent = Intent.sample(mode == .publicAccess ? .privateAccess : .publicAccess)
        intent.purpose = .migrate
        intent.target = mode
        intent.strategy = strategy
        intent.newKey = key
        change(&intent)
        if key == .platformManaged, !intent.original.enabled { (intent.keyID, intent.vaultID) = (nil, nil) }
        return intent
    }

    /// Another version of the legacy KMS's key, given or made.
    static func rotation(in mode: NetworkMode = .publicAccess, makes: Bool = false) -> Intent {
        var intent = Intent.sample(mode == .publicAccess ? .privateAccess : .publicAccess)
        intent.purpose = .rotate
        intent.target = mode
        intent.strategy = .rotation
        intent.keyID = KeyIdentifier(vaultAuthority: "kv.example", name: "k", version: makes ? nil : "2")
        return intent
    }

    /// A new version of the customer's key on the new experience.
    static func newVersion(in mode: NetworkMode = .publicAccess) -> Intent {
        var intent = Intent.onNew(mode == .publicAccess ? .privateAccess : .publicAccess)
        intent.purpose = .rotate
        intent.target = mode
        intent.keyID = intent.keyID?.versionless
        return intent
    }
}

@Suite struct ExplorationTests {
    static let jobs: [Intent] = [
        .sample(.privateAccess), .sample(.publicAccess), .sample(.privateAccess, .closeVaultFirst),
        .sample(.privateAccess, .secondVault),
    ]

    static let newJobs: [Intent] = [
        .onNew(.privateAccess), .onNew(.publicAccess), .onNew(.privateAccess, firewall: true),
        .onNew(.privateAccess, .viaPlatformKey), .onNew(.publicAccess, .viaPlatformKey),
        .migration(to: .platformManaged), .migration(to: .platformManaged, in: .privateAccess),
        .migration(to: .platformManaged) { $0.original = .none },
        .migration(to: .customerManaged), .migration(to: .customerManaged, in: .privateAccess),
        .migration(to: .customerManaged, via: .viaPlatformKey),
        .migration(to: .customerManaged) { $0.original = .platformManaged },
        .rotation(), .rotation(in: .privateAccess, makes: true), .newVersion(), .newVersion(in: .privateAccess),
    ]

    @Test(arguments: jobs + newJobs) func `every reachable state keeps the invariants and can end`(_ intent: Intent)
        async
    {
        let found = await Exploration.run(intent, from: .start(intent, faults: 2))
        print("explored \(found.states) states of \(intent.testDescription): \(found.endings)")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
        #expect(found.endings.keys.contains { $0.contains("finished") })
    }

    /// A person gives up on a switch wherever it is, and make-safe meets faults of its own.
    @Test(arguments: jobs + newJobs) func `make-safe keeps the invariants from every state of a switch`(
        _ intent: Intent
    ) async {
        let reached = await Exploration.run(intent, from: .start(intent, faults: 1), checkEnds: false).worlds
        let safe = intent.makingSafe
        let starts = reached.filter { !$0.recreated }.map { world in
            world.with {
                $0.ending = nil
                $0.receipts.resumed()
                $0.faults = 1
            }
        }
        let found = await Exploration.run(safe, fromAll: Set(starts), checkEnds: false)
        print("explored \(found.states) states of make-safe after \(intent.testDescription)")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
        #expect(found.endings.keys.contains { $0.contains("finished") })
    }

    @Test func `make-safe opens a vault that was closed early again when Azure refuses Private for good`() async {
        let intent = Intent.sample(.privateAccess, .closeVaultFirst)
        let safe = intent.makingSafe
        let closed = await Exploration.run(intent, from: .start(intent, faults: 0)).worlds.filter {
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
        let found = await Exploration.run(safe, fromAll: Set(starts), checkEnds: false)
        print("explored \(found.states) states of make-safe without a way to Private: \(found.endings)")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
        var runs = CalmRuns(safe)
        for world in starts {
            let end = runs.end(from: world, tries: 1)
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
        Mutant(guardOff: .laggardsRead, name: "laggardsRead", intent: .sample(.privateAccess, .closeVaultFirst)),
        Mutant(guardOff: .experience, name: "experience"),
        Mutant(guardOff: .experience, name: "experience in a rotation", intent: .rotation()),
        Mutant(guardOff: .wayIn, name: "wayIn", intent: .onNew(.privateAccess)),
        Mutant(guardOff: .wayIn, name: "wayIn to public", intent: .onNew(.publicAccess)),
        Mutant(
            guardOff: .wayIn, name: "wayIn of a migration", intent: .migration(to: .customerManaged, in: .privateAccess)
        ),
        Mutant(guardOff: .versionTaken, name: "versionTaken", intent: .newVersion()),
        Mutant(
            guardOff: .cleanBeforeKeyChange, name: "cleanBeforeKeyChange in a rotation", intent: .rotation(),
            change: stillOnTheKeyBefore),
        Mutant(
            guardOff: .cleanBeforeKeyChange, name: "cleanBeforeKeyChange in a migration",
            intent: .migration(to: .platformManaged), change: stillOnTheKeyBefore),
        Mutant(
            guardOff: .convergeBeforeRewrite, name: "convergeBeforeRewrite in a migration",
            intent: .migration(to: .platformManaged) { $0.original = .none }),
        Mutant(guardOff: .convergeBeforeRewrite, name: "convergeBeforeRewrite in a rotation", intent: .rotation()),
        Mutant(
            guardOff: .reopenAfterFailedSoak, name: "reopenAfterFailedSoak on the new experience",
            intent: .onNew(.privateAccess)),
        Mutant(
            guardOff: .sharedVault, name: "sharedVault on the new experience", intent: .onNew(.privateAccess)
        ) { $0.sharedWith = ["other"] },
        Mutant(
            guardOff: .failuresBlockClose, name: "failuresBlockClose on the new experience",
            intent: .onNew(.privateAccess)
        ) { $0.denied = [0] },
        Mutant(guardOff: .checkFirst, name: "checkFirst in a migration", intent: .migration(to: .platformManaged)),
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

    @Test(arguments: jobs) func `every state that follows a lost journal keeps the invariants`(_ intent: Intent) async {
        var intent = intent
        intent.original.enabled = false
        let found = await Exploration.run(intent, from: Self.start(intent, Self.turnedOffByOthers), checkEnds: false)
        print("explored \(found.states) states of \(intent.strategy) to \(intent.target.rawValue), journal lost")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
    }

    static func start(_ intent: Intent, _ change: (inout World) -> Void = { _ in }) -> World {
        World.start(intent, faults: 2).with(change)
    }

    @Test(arguments: mutants) func `a decision without one of its guards is caught`(_ mutant: Mutant) async {
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
