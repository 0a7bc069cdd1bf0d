/// A fault that someone asked for.
public struct ActiveFault: Sendable {
    public var id: Int
    public var name: FaultName
    /// How often it still strikes; `nil` for ever.
    public var remaining: Int?
    /// How many chances it lets pass first.
    public var skip: Int
    /// What it waits for before it is active.
    public var moment: Moment?
    public var isActive: Bool
    /// Seconds (unscaled) between the moment and an action.
    public var delay: Double
    public var parameters: JSON
    public var hits = 0
    /// The cluster whose moment it waited for.
    public var wokenBy: String?

    public func seconds(_ fallback: Double) -> Double { parameters["seconds"]?.number ?? fallback }

    public var json: JSON {
        var out: JSON = [
            "id": .int(id), "name": .string(name.rawValue), "active": .bool(isActive), "hits": .int(hits),
            "skip": .int(skip), "delay": .double(delay), "parameters": parameters,
        ]
        if let remaining { out["times"] = .int(remaining) }
        if let moment { out["at"] = .string(moment.rawValue) }
        return out
    }
}

/// The faults that are in force or waiting for their moment.
struct FaultBoard: Sendable {
    private(set) var faults: [ActiveFault] = []
    private var nextID = 1

    /// Reads `{"name", "times", "skip", "at", "delay", "cluster", "vault", …}`; `times` is 1 unless the fault is a
    /// standing one.
    mutating func add(_ body: JSON, check: (ActiveFault) throws -> Void = { _ in }) throws -> ActiveFault {
        guard let text = body["name"]?.string, let name = FaultName(rawValue: text) else {
            throw AzureError.arm(400, "UnknownFault", "There is no fault '\(body["name"]?.string ?? "")'.")
        }
        var moment: Moment?
        if let text = body["at"]?.string {
            guard let known = Moment(rawValue: text) else {
                throw AzureError.arm(400, "UnknownMoment", "There is no moment '\(text)'.")
            }
            moment = known
        }
        let times = body["times"]?.int
        let fault = ActiveFault(
            id: nextID, name: name, remaining: times ?? (name.doc.isStanding ? nil : 1), skip: body["skip"]?.int ?? 0,
            moment: moment, isActive: moment == nil, delay: body["delay"]?.number ?? 0, parameters: body)
        try check(fault)
        nextID += 1
        faults.append(fault)
        return fault
    }

    /// The fault strikes, if it is active: one of its times is used up.
    /// - Parameter place: faults of other places do not strike; without it, all may.
    mutating func take(_ name: FaultName, at place: Place = Place()) -> ActiveFault? {
        for index in faults.indices
        where faults[index].name == name && faults[index].isActive && faults[index].strikes(at: place) {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            if let left = faults[index].remaining {
                guard left > 0 else { continue }
                faults[index].remaining = left - 1
            }
            faults[index].hits += 1
            return faults[index]
        }
        return nil
    }

    /// Whether the fault is in force; nothing is used up.
    func holds(_ name: FaultName, at place: Place = Place()) -> ActiveFault? {
        faults.first { $0.name == name && $0.isActive && $0.remaining != 0 && $0.strikes(at: place) }
    }

    /// All of a name that are in force, wherever.
    func all(_ name: FaultName) -> [ActiveFault] {
        faults.filter { $0.name == name && $0.isActive && $0.remaining != 0 }
    }

    /// Whether an action is still to be done: nobody ended it while it waited.
    func isInForce(_ id: Int) -> Bool { faults.contains { $0.id == id && $0.isActive && $0.remaining != 0 } }

    /// Wakes the faults that waited for this moment and returns the ones that act by themselves.
    /// - Parameter clusters: whose moment it is.
    mutating func reach(_ moment: Moment, of clusters: [String], in vault: String?) -> [ActiveFault] {
        var actions: [ActiveFault] = []
        for index in faults.indices where faults[index].moment == moment && !faults[index].isActive {
            guard let woken = faults[index].woken(by: clusters, in: vault) else { continue }
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            faults[index].isActive = true
            faults[index].wokenBy = woken.cluster
            if faults[index].name.doc.isAction { actions.append(faults[index]) }
        }
        return actions
    }

    mutating func markDone(_ id: Int) {
        guard let index = faults.firstIndex(where: { $0.id == id }) else { return }
        faults[index].remaining = 0
        faults[index].hits += 1
    }

    /// Removes the faults of a name, or all; returns how many there were.
    mutating func remove(_ name: String?) -> Int {
        let before = faults.count
        faults.removeAll { name == nil || $0.name.rawValue == name }
        return before - faults.count
    }
}
