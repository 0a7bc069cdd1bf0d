import Azure
import AzureResources
import Connections
import Files
import Fleet
import JSON
import Text
import Usage

/// One cluster of a fleet, and the stage in which it is worked on.
struct FleetCluster: Sendable, Hashable {
    var id: AzureResourceID
    /// The index of its stage.
    var stage: Int
}

/// The clusters of a fleet in their stages.
struct FoundFleet: Sendable, Hashable {
    var stages: [FleetFile.Stage]
    /// What could not be searched: clusters in it are left out.
    var unreadable: [String] = []

    var clusters: [FleetCluster] {
        stages.enumerated().flatMap { index, stage in stage.clusters.map { FleetCluster(id: $0, stage: index) } }
    }
}

/// Finds the clusters that a command over many means.
struct FleetFinder: Sendable {
    let azure: AzureConnection
    let files: any FileReading
    let workingDirectory: String

    // The optimizer of Swift 6.3 crashes where this becomes a part of its caller.
    @inline(never)
    func find(_ request: FleetRequest) async throws -> FoundFleet {
        switch request.source {
        case .file(let path): return try read(path)
        case .tags(let tags): return try await search(request) { $0.has(tags) }
        case .all: return try await search(request) { _ in true }
        }
    }

    private func read(_ path: String) throws(SubjectError) -> FoundFleet {
        let place = path == "-" ? "/dev/stdin" : path.hasPrefix("/") ? path : workingDirectory + "/" + path
        do {
            return FoundFleet(stages: try FleetFile(parsing: files.read(place, limit: FleetFile.largest)).stages)
        } catch {
            throw SubjectError(
                .usage, "the clusters cannot be read from \(path.printable()): \(error)",
                next: "az aks list --query \"[].id\" -o tsv prints such a file; docs/fleet.md shows one with stages")
        }
    }

    private func search(
        _ request: FleetRequest, _ matches: (ManagedCluster) -> Bool
    ) async throws -> FoundFleet {
        let search = try await azure.clusters(only: request.subscription)
        var found = search.found.filter(matches)
        if let group = request.resourceGroup {
            found.removeAll { $0.id.resourceGroup.lowercased() != group.lowercased() }
        }
        guard !found.isEmpty else {
            throw SubjectError(
                .usage, "no cluster matches, in \(search.searched) subscription(s)",
                next: "az aks list --query \"[].[id, tags]\" shows clusters with their tags")
        }
        guard found.count <= FleetFile.mostClusters else {
            throw SubjectError(
                .usage, "more than \(FleetFile.mostClusters) clusters match", next: "name fewer of them at a time")
        }
        found.sort { $0.id.description.lowercased() < $1.id.description.lowercased() }
        return FoundFleet(stages: staged(found, by: request.stageTag), unreadable: search.unreadable)
    }

    /// Stages in the order of the tag's values, as numbers where they are some; clusters without it come last.
    private func staged(_ clusters: [ManagedCluster], by tag: String?) -> [FleetFile.Stage] {
        guard let tag else { return [FleetFile.Stage(name: "", clusters: clusters.map(\.id))] }
        let groups = Dictionary(grouping: clusters) { $0.tag(tag) }
        let order = groups.keys.sorted { left, right in
            guard let left, let right else { return left != nil }
            if let first = Int(left), let second = Int(right) { return first < second }
            return left < right
        }
        return order.map { value in
            FleetFile.Stage(
                name: value?.printable(limit: 60) ?? "without \(tag.printable(limit: 60))",
                clusters: groups[value]?.map(\.id) ?? [])
        }
    }
}

extension ManagedCluster {
    /// A tag's value. Names compare without case, values do not (ARM, "Use tags to organize your Azure resources").
    fileprivate func tag(_ name: String) -> String? {
        document["tags"]?.object?.first { $0.key.lowercased() == name.lowercased() }?.value.string
    }

    fileprivate func has(_ tags: [String: String]) -> Bool {
        tags.allSatisfy { tag($0.key) == $0.value }
    }
}
