import Azure
import Connections
import Fleet
import ModeSwitch
import Plan
import Text
import Usage

/// Keeps the record of a fleet while clusters end one after the other.
actor FleetKeeper {
    private let file: FleetRecordFile
    private(set) var record: FleetRecord
    /// What could not be written, for the person.
    private(set) var troubles: [String] = []

    init(_ file: FleetRecordFile, _ record: FleetRecord) {
        self.file = file
        self.record = record
    }

    /// Writes it before the first change.
    ///
    /// - Throws: `SubjectError` where the disk does not take it.
    ///
    /// - Parameter agreed: the id of the plan that the person named; nil where the plan was shown.
    func begin(_ plan: FleetPlan, agreed: String?) throws {
        // A plan that is on its way keeps its id for those who named it; what was shown anew has another.
        if agreed == nil || agreed != record.planID { record.take(plan) }
        for cluster in plan.clusters where cluster.way == .done { record[cluster.cluster]?.exitCode = .done }
        do { try file.save(record) } catch {
            throw SubjectError(
                .refused, "which clusters are done could not be written: \(error)",
                next: "make the folder writable, or set XDG_STATE_HOME to one that is")
        }
    }

    /// A cluster ended. A record that cannot be written any more costs a look at clusters that are done.
    func ended(_ cluster: AzureResourceID, _ end: MemberEnd, made: Bool) {
        record[cluster]?.exitCode = end.code
        record[cluster]?.runID = end.runID
        record[cluster]?.endedAt = end.endedAt
        if made { record[cluster]?.madeKeyVersion = true }
        do { try file.save(record) } catch { troubles = ["which clusters are done could not be written: \(error)"] }
    }
}

extension FleetRecord.Member {
    /// When and by which run it was done; nil where this machine does not know.
    var words: String? {
        guard let runID, let endedAt else { return nil }
        return "run \(runID.printable(limit: 64)) at \(utcTime(Int64(endedAt)))"
    }
}

extension FleetRecord {
    init(fleetID: String, command: String, plan: FleetPlan) {
        self.init(fleetID: fleetID, command: command, clusters: plan.clusters.map(\.cluster))
        take(plan)
    }

    /// The plan that was agreed to, in all and for each cluster.
    mutating func take(_ plan: FleetPlan) {
        planID = plan.planID
        for cluster in plan.clusters { self[cluster.cluster]?.planID = cluster.plan?.planID }
    }
}
