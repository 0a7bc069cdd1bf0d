import Azure
import ModeSwitch
import Testing

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
        let found = await Exploration.run(intent, from: .start(intent, faults: intent.faultsExplored))
        print("explored \(found.states) states of \(intent.testDescription): \(found.endings)")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
        #expect(found.endings.keys.contains { $0.contains("finished") })
    }

    /// A person gives up on a switch wherever it is, and make-safe meets faults of its own.
    @Test(arguments: jobs + newJobs) func `make-safe keeps the invariants from every state of a switch`(
        _ intent: Intent
    ) async {
        let reached = await Exploration.run(
            intent, from: .start(intent, faults: intent.faultsBeforeMakeSafe), checkEnds: false
        ).worlds
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

    /// KMS was turned off by somebody, one API server has not heard of it, and no journal tells.
    static let turnedOffByOthers: @Sendable (inout World) -> Void = { world in
        world.kms.enabled = false
        world.behind[1] = world.configured(world.kms, world.replicas[1])
        world.replicas[0] = world.configured(world.kms, world.replicas[0])
    }

    @Test(arguments: jobs) func `every state that follows a lost journal keeps the invariants`(_ intent: Intent) async {
        var intent = intent
        intent.original.enabled = false
        let found = await Exploration.run(
            intent, from: .start(intent, faults: 2).with(Self.turnedOffByOthers), checkEnds: false)
        print("explored \(found.states) states of \(intent.strategy) to \(intent.target.rawValue), journal lost")
        #expect(found.violation == nil, "\(found.violation ?? "") after \(found.trace.joined(separator: " > "))")
    }
}
