package import Azure
package import ModeSwitch

/// One cluster of a fleet in the order of work.
package struct FleetMember: Sendable, Hashable {
    package var cluster: AzureResourceID
    /// The index of its stage.
    package var stage: Int
    /// The vault that its run closes; nil where it closes none.
    package var closes: AzureResourceID?
    /// The member that makes the new version of the key that this one then rotates to; nil where it waits for nobody.
    package var follows: Int?
    /// Whether its Secrets are or may be plaintext: an earlier run was ended in the middle. It begins before all
    /// others, whatever its stage, and whatever becomes of them.
    package var isExposed: Bool

    package init(
        cluster: AzureResourceID, stage: Int = 0, closes: AzureResourceID? = nil, follows: Int? = nil,
        isExposed: Bool = false
    ) {
        self.isExposed = isExposed
        self.cluster = cluster
        self.stage = stage
        self.closes = closes
        self.follows = follows
    }
}

/// What may run when: which members begin next, and when a vault that several of them use may be closed. Pure.
package struct FleetSchedule: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case waiting
        case running
        /// All is done but the closing of the vault, for which others are not ready yet. It holds no place.
        case atDoor
        case ended(ExitCode)

        package var isOver: Bool { if case .ended = self { true } else { false } }
        fileprivate var isDone: Bool {
            if case .ended(let code) = self { code == .done || code == .doneWithFailures } else { false }
        }
        fileprivate var isUnder: Bool { self == .running || self == .atDoor }
    }

    /// What a member at a vault's door is told.
    package enum Door: Sendable, Hashable {
        case open
        case closed(waitingFor: [AzureResourceID])
        /// It will not open: these clusters were not switched.
        case never([AzureResourceID])
    }

    package let members: [FleetMember]
    package private(set) var states: [State]
    /// How many run at a time.
    package let parallel: Int
    /// Whether the others begin after one has failed.
    package let keepsGoing: Bool
    private var hasFailed = false
    private var isInterrupted = false

    /// Whether no member begins any more, but for those whose Secrets are exposed.
    package var isStopped: Bool { isInterrupted || hasFailed && !keepsGoing }

    /// - Parameter ended: how members ended that an earlier command brought to their end, or that cannot begin.
    package init(_ members: [FleetMember], parallel: Int, keepsGoing: Bool, ended: [Int: ExitCode] = [:]) {
        self.members = members
        states = members.indices.map { index in ended[index].map(State.ended) ?? .waiting }
        self.parallel = max(1, parallel)
        self.keepsGoing = keepsGoing
    }

    /// Takes the members of a stage that may begin now, which run from then on.
    package mutating func begin(stage: Int) -> [Int] {
        var free = parallel - states.count { $0 == .running }
        var begun: [Int] = []
        let order = members.indices.filter { members[$0].isExposed } + members.indices.filter { !members[$0].isExposed }
        for index in order where free > 0 && isOf(stage, index) && mayBegin(index) {
            states[index] = .running
            begun.append(index)
            free -= 1
        }
        return begun
    }

    private func isOf(_ stage: Int, _ index: Int) -> Bool { members[index].stage == stage || members[index].isExposed }

    private func mayBegin(_ index: Int) -> Bool {
        guard states[index] == .waiting, !isInterrupted else { return false }
        if members[index].isExposed { return true }
        guard !isStopped else { return false }
        return members[index].follows.map { states[$0].isDone } ?? true
    }

    package mutating func arrived(_ index: Int) {
        if states[index] == .running { states[index] = .atDoor }
    }

    /// A member ended. Those that follow one that failed never begin.
    package mutating func ended(_ index: Int, _ code: ExitCode) {
        states[index] = .ended(code)
        if !states[index].isDone { hasFailed = true }
    }

    /// Nobody begins any more, since the command was asked to end.
    package mutating func interrupt() { isInterrupted = true }

    /// Whether nothing of a stage is under way and nothing of it can begin. A cluster of another stage is waited for
    /// while its Secrets are exposed, and not at the door of a vault: it may wait there for a stage still to come.
    package func isOver(stage: Int) -> Bool {
        !members.indices.contains { index in
            guard members[index].stage != stage else { return states[index].isUnder || canEverBegin(index) }
            return members[index].isExposed && (states[index] == .running || canEverBegin(index))
        }
    }

    private func canEverBegin(_ index: Int) -> Bool {
        guard states[index] == .waiting, !isInterrupted else { return false }
        if members[index].isExposed { return true }
        guard !isStopped else { return false }
        guard let leader = members[index].follows else { return true }
        return !states[leader].isOver || states[leader].isDone
    }

    /// The members that share the vault which a member closes, itself left out.
    package func peers(of index: Int) -> [Int] {
        guard let vault = members[index].closes else { return [] }
        return members.indices.filter { $0 != index && members[$0].closes == vault }
    }

    /// Whether a member may close its vault: every other that uses it is as far, or is done.
    package func door(of index: Int) -> Door {
        let peers = peers(of: index)
        let lost = peers.filter {
            states[$0].isOver && !states[$0].isDone || states[$0] == .waiting && !canEverBegin($0)
        }
        guard lost.isEmpty else { return .never(lost.map { members[$0].cluster }) }
        let open = peers.filter { states[$0] == .waiting || states[$0] == .running }
        return open.isEmpty ? .open : .closed(waitingFor: open.map { members[$0].cluster })
    }
}

extension ExitCode {
    /// How much a person has to care, the worst highest: a fleet ends with the code of its worst cluster.
    private var weight: Int {
        switch self {
        case .done: 0
        case .doneWithFailures: 1
        case .usage: 2
        case .refused: 3
        case .failed: 4
        case .interrupted: 5
        case .stoppedInPlaintext: 6
        }
    }

    /// The worst of them; `done` for none.
    package static func worst(_ codes: some Sequence<ExitCode>) -> ExitCode {
        codes.max { $0.weight < $1.weight } ?? .done
    }
}
