import Azure
import Connections
import Console
import Fleet
import ModeSwitch
import Plan
import Report
import Run
import Text
import Usage

/// Looks at every cluster and says what a command will do on all of them; changes nothing.
struct FleetPlanner: Sendable {
    let request: FleetRequest
    let fleet: FoundFleet
    /// Makes the runner of one cluster.
    let runner: @Sendable (FleetCluster) -> CommandRunner
    /// Seconds since 1970.
    let now: Double

    /// The plan, and the members of the fleet in the order of their clusters.
    struct Planned: Sendable {
        var plan: FleetPlan
        var members: [FleetMember]
        /// The members that make the version of a key that others follow.
        var leaders: Set<Int>
    }

    /// Whose vault is whose, for checks that know what is switched together. A cluster that cannot be read stands
    /// alone.
    func turns() async -> [Int: VaultTurn] {
        let seen = await each(fleet.clusters) { cluster in
            await outcome {
                try await runner(cluster).look(request.request(.switchMode(dryRun: true), on: cluster))
            }
        }
        let members = members(seen.map(\.value), after: nil)
        var turns: [Int: VaultTurn] = [:]
        for index in members.indices { turns[index] = peers(of: index, in: members) }
        return turns
    }

    func plan(after record: FleetRecord?) async -> Planned {
        let clusters = fleet.clusters
        let seen = await each(clusters) { cluster in
            await outcome { try await runner(cluster).look(request.request(on: cluster)) }
        }
        var found = seen.map(\.value)
        var problems = seen.map(\.problem)
        for (index, problem) in mixedStages(found) { problems[index] = problem }
        let members = members(found, after: record)
        for (index, problem) in keysOfAzure(found, members) { problems[index] = problem }
        for index in found.indices { found[index]?.job.turn = peers(of: index, in: members) }
        let (looked, refused) = (found, problems)
        let checked = await each(Array(clusters.indices)) { index -> Outcome<[String]> in
            guard let member = looked[index], refused[index] == nil else { return Outcome(problem: refused[index]) }
            return await outcome { try await runner(clusters[index]).check(member) }
        }
        let rows = clusters.indices.map { index in
            row(clusters[index], found[index], checked[index], record?[clusters[index].id])
        }
        let shared = Dictionary(grouping: members.filter { $0.closes != nil }) { $0.closes }
            .compactMap { vault, members -> FleetPlan.SharedVault? in
                guard let vault, members.count > 1 else { return nil }
                return FleetPlan.SharedVault(vault: vault, clusters: members.map(\.cluster))
            }.sorted { $0.vault.description < $1.vault.description }
        let plan = FleetPlan(
            command: request.command.name, parallel: request.parallel,
            stages: fleet.stages.map { FleetPlan.Stage(name: $0.name, pause: $0.pause ?? request.pause) },
            clusters: rows, sharedVaults: shared)
        return Planned(plan: plan, members: members, leaders: Set(members.compactMap(\.follows)))
    }

    // MARK: Many at a time

    private struct Outcome<Value: Sendable>: Sendable {
        var value: Value?
        var problem: RunReport.Problem?
    }

    private func outcome<Value: Sendable>(_ work: () async throws -> Value) async -> Outcome<Value> {
        do { return Outcome(value: try await work()) } catch {
            return Outcome(problem: CommandFailure(error, request.command).problem)
        }
    }

    /// The results in the order of the items, with as many at a time as the command may work on.
    private func each<Item: Sendable, Value: Sendable>(
        _ items: [Item], _ work: @escaping @Sendable (Item) async -> Value
    ) async -> [Value] {
        await withTaskGroup(of: (Int, Value).self) { group in
            var waiting = Array(items.enumerated())[...]
            func start() {
                guard let (index, item) = waiting.popFirst() else { return }
                group.addTask { (index, await work(item)) }
            }
            for _ in 0..<max(1, request.parallel) { start() }
            var values: [Int: Value] = [:]
            for await (index, value) in group {
                values[index] = value
                start()
            }
            return items.indices.compactMap { values[$0] }
        }
    }

    // MARK: What clusters have in common

    private func members(_ found: [FoundMember?], after record: FleetRecord?) -> [FleetMember] {
        let leaders = leaders(found, after: record)
        return fleet.clusters.enumerated().map { index, cluster in
            FleetMember(
                cluster: cluster.id, stage: cluster.stage, closes: found[index]?.closes, follows: leaders[index],
                isExposed: found[index]?.isExposed == true)
        }
    }

    /// By the index of each cluster that rotates to a version that another makes: the index of that one.
    private func leaders(_ found: [FoundMember?], after record: FleetRecord?) -> [Int: Int] {
        guard case .rotate = request.command, request.options.makesKeyVersion else { return [:] }
        let clusters = fleet.clusters
        let made = Set(
            (record?.members ?? []).filter { $0.isRotated(now: now) && $0.madeKeyVersion == true }.map(\.cluster))
        var leaders: [Int: Int] = [:]
        for group in Dictionary(grouping: clusters.indices, by: { found[$0]?.sharedKey }).values {
            guard let first = group.first, found[first]?.sharedKey != nil else { continue }
            let leader = group.first { made.contains(clusters[$0].id) } ?? first
            for index in group where index != leader { leaders[index] = leader }
        }
        return leaders
    }

    private func peers(of index: Int, in members: [FleetMember]) -> VaultTurn? {
        guard let vault = members[index].closes else { return nil }
        let peers = members.filter { $0.closes == vault && $0.cluster != members[index].cluster }.map(\.cluster)
        return VaultTurn(peers: Set(peers), behind: { Set(peers) }, arrive: { .open })
    }

    /// The clusters of a vault are switched together, so they cannot be in two stages.
    private func mixedStages(_ found: [FoundMember?]) -> [(Int, RunReport.Problem)] {
        let clusters = fleet.clusters
        var problems: [(Int, RunReport.Problem)] = []
        for group in Dictionary(grouping: clusters.indices, by: { found[$0]?.closes }) {
            guard let vault = group.key, Set(group.value.map { clusters[$0].stage }).count > 1 else { continue }
            let places = group.value.map { "\(clusters[$0].id.name) in \(fleet.stages[clusters[$0].stage].name)" }
            for index in group.value {
                problems.append(
                    (
                        index,
                        refusal(
                            "the vault \(vault.name) closes when the last of its clusters is ready, and they are in "
                                + "different stages: \(places.joined(separator: ", "))",
                            next: "put them into one stage")
                    ))
            }
        }
        return problems
    }

    /// On the new KMS experience Azure takes a new version into every cluster by itself: there is nothing to send for
    /// those that do not make it.
    private func keysOfAzure(_ found: [FoundMember?], _ members: [FleetMember]) -> [(Int, RunReport.Problem)] {
        members.indices.compactMap { index in
            guard members[index].follows != nil, found[index]?.prepared.intent.original.isNew == true else {
                return nil
            }
            return (
                index,
                refusal(
                    "another cluster of the fleet uses the same key, and Azure takes its new version into all of them "
                        + "by itself",
                    next: "rotate with one of them, and then verify the others: \(ShellCommand.own(.verify))")
            )
        }
    }

    private func refusal(_ what: String, next: Advice) -> RunReport.Problem {
        CommandFailure(SubjectError(.refused, what, next: next), request.command).problem
    }

    private func row(
        _ cluster: FleetCluster, _ found: FoundMember?, _ checked: Outcome<[String]>, _ before: FleetRecord.Member?
    ) -> FleetPlan.Cluster {
        let stage = fleet.stages[cluster.stage].name
        var row = FleetPlan.Cluster(cluster: cluster.id, stage: stage, way: .begin)
        row.plan = found?.prepared.plan
        row.target = found?.prepared.intent.targetProfile.words
        row.warnings = checked.value ?? []
        row.exposed = found?.isExposed == true
        row.problem = checked.problem?.naming(cluster.id)
        if found?.prepared.isDone == true || isRotated(found, before) {
            row.way = .done
            row.problem = nil
        } else if row.problem != nil {
            row.way = .refused
        } else if found?.command == .resume {
            row.way = .resume
            row.runID = found?.prepared.intent.runID
        }
        return row
    }
}

extension FleetPlanner {
    /// Whether an earlier try of the same command made the version that the cluster is on. Of every other command the
    /// cluster itself shows whether it is done, and what a record says of it is old.
    private func isRotated(_ found: FoundMember?, _ before: FleetRecord.Member?) -> Bool {
        guard case .rotate = request.command, request.options.makesKeyVersion, let found, let before else {
            return false
        }
        return found.command != .resume && !found.isExposed && before.isRotated(now: now)
    }
}

extension FoundMember {
    /// The key that a rotation makes a version of, without its version.
    fileprivate var sharedKey: String? {
        (try? KeyIdentifier(parsing: prepared.intent.original.keyID))?.versionless.description.lowercased()
    }
}

extension RunReport.Problem {
    /// The same, with every command in it for one cluster of many.
    func naming(_ id: AzureResourceID) -> RunReport.Problem {
        let cluster = ToolCommand.Cluster(id)
        return RunReport.Problem(
            id: self.id, what: what, state: Advice(state.text(for: .cluster(cluster))),
            next: Advice(next.text(for: .cluster(cluster))))
    }
}
