import Azure
import Fleet
import ModeSwitch
import Run

/// How far each cluster is while a command works on many.
actor FleetBoard {
    private var schedule: FleetSchedule
    /// An element whenever something changed.
    nonisolated let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(_ schedule: FleetSchedule) {
        self.schedule = schedule
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var now: FleetSchedule { schedule }

    func begin(stage: Int) -> [Int] { schedule.begin(stage: stage) }

    func ended(_ index: Int, _ code: ExitCode) {
        schedule.ended(index, code)
        changed.yield()
    }

    func interrupt() { schedule.interrupt() }

    func arrived(_ index: Int) {
        schedule.arrived(index)
        changed.yield()
    }

    func isOver(stage: Int) -> Bool { schedule.isOver(stage: stage) }

    func door(of index: Int) -> FleetSchedule.Door { schedule.door(of: index) }

    /// The clusters on the same vault that are not as far, or never will be.
    func behind(_ index: Int) -> Set<AzureResourceID> {
        switch schedule.door(of: index) {
        case .open: []
        case .closed(let others), .never(let others): Set(others)
        }
    }

    /// Works on all members, stage by stage.
    ///
    /// - Parameters:
    ///   - between: called after a stage that another one follows.
    ///   - isInterrupted: asked before each beginning.
    nonisolated func work(
        stages: Int, isInterrupted: @Sendable () -> Bool, between: (Int) async -> Void,
        _ work: @escaping @Sendable (Int) async -> ExitCode
    ) async {
        var changes = changes.makeAsyncIterator()
        await withDiscardingTaskGroup { group in
            for stage in 0..<stages {
                while true {
                    if isInterrupted() { await interrupt() }
                    for index in await begin(stage: stage) {
                        group.addTask { await self.ended(index, await work(index)) }
                    }
                    if await isOver(stage: stage) { break }
                    _ = await changes.next()
                }
                guard stage + 1 < stages, await !now.isStopped else { continue }
                await between(stage)
            }
        }
    }
}

extension FleetBoard {
    /// Whose turn it is to close the vault of a member; nil where nobody shares it.
    nonisolated func turn(
        of index: Int, in schedule: FleetSchedule, interruptions: Interruption, timeScale: Double,
        waiting: @escaping @Sendable ([AzureResourceID]) -> Void
    ) -> VaultTurn? {
        let peers = schedule.peers(of: index).map { schedule.members[$0].cluster }
        guard !peers.isEmpty else { return nil }
        return VaultTurn(peers: Set(peers), behind: { await self.behind(index) }) {
            await self.arrived(index)
            var hasWaited = false
            while true {
                switch await self.door(of: index) {
                case .open: return hasWaited ? .waited : .open
                case .never(let others):
                    let names = others.map(\.name).sorted().joined(separator: ", ")
                    return .never(because: "the vault stays open: it is shared with \(names), not switched")
                case .closed(let others):
                    guard interruptions.reason == nil, !Task.isCancelled else { return .waited }
                    if !hasWaited { waiting(others) }
                    hasWaited = true
                    await interruptions.sleep(2 * timeScale)
                }
            }
        }
    }
}
