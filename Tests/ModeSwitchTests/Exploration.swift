import Azure
import ModeSwitch

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
        let intent = resume.intent
        guard let resumed = resume.end(from: world, tries: 3) else { return "I10: no end within 200 calm steps" }
        if case .stopped(let reason) = resumed.ending, !world.needsAPerson(reason),
            !resumed.isOfUnknownForm(reason, intent, since: world)
        {
            return "I10: resume stops with \(reason)"
        }
        guard let end = makeSafe.end(from: world.with { $0.ending = nil }, tries: 3) else {
            return "I10: make-safe finds no end"
        }
        if case .stopped(let reason) = end.ending, end.isOfUnknownForm(reason, intent, since: world) { return nil }
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
    /// Whether KMS went off or on, or to another key, by other hands before any baseline showed what API servers write:
    /// no sample tells it any more. Their metrics do, which the model has not.
    fileprivate func isOfUnknownForm(_ reason: StopReason, _ intent: Intent, since before: World) -> Bool {
        guard case .convergenceUnproven(.homogeneous, _) = reason, receipts.baseline == nil else { return false }
        let own = before.receipts.changes.filter { $0.mayHaveBegun && $0.outcome != .byOthers }
        let wasFoundOff = own.first?.fromOff == true
        let isByOthers = own.isEmpty || wasFoundOff || receipts.othersChanged
        return isByOthers && (kms.storageKey != intent.original.storageKey || receipts.mayHaveBeenOff)
    }

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
