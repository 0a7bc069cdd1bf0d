package import Azure
import Kubeconfig
import Text
import YAML

/// Clusters as somebody wrote them down, in the stages in which they shall be worked on.
///
/// Three forms are read: an ARM id a line (`az aks list --query "[].id" -o tsv`), a list in YAML or JSON of ids or of
/// documents with an `id` (`az aks list -o json`), and a mapping with `stages`:
///
///     stages:
///       - name: canary
///         pause: 30m
///         clusters:
///           - /subscriptions/…/managedClusters/…
package struct FleetFile: Sendable, Hashable {
    package struct Stage: Sendable, Hashable {
        /// Empty for clusters that were listed without stages.
        package var name: String
        package var clusters: [AzureResourceID]
        /// Seconds to wait after it; nil for what the command line says.
        package var pause: Double?

        package init(name: String, clusters: [AzureResourceID], pause: Double? = nil) {
            self.name = name
            self.clusters = clusters
            self.pause = pause
        }
    }

    package var stages: [Stage]

    /// Why a text names no fleet.
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String

        package init(_ description: String) { self.description = description }
    }

    /// The most bytes of a file, and the most clusters.
    package static let largest = 4 << 20
    package static let mostClusters = 5_000

    /// - Throws: what is wrong, with the line where that is known. Nothing is left out silently.
    package init(parsing bytes: [UInt8]) throws(Problem) {
        if let lines = Self.plainLines(bytes) {
            stages = [
                Stage(name: "", clusters: try lines.map { (line, text) throws(Problem) in try Self.id(text, line) })
            ]
        } else {
            stages = try Self.stages(inYAML: bytes)
        }
        try check()
    }

    /// The lines of a plain list with their numbers; nil where it is another form.
    private static func plainLines(_ bytes: [UInt8]) -> [(Int, String)]? {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines: [(Int, String)] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let content = line.prefix { $0 != "#" }.trimmingPrefix { $0.isWhitespace }
            let trimmed = String(content.reversed().drop { $0.isWhitespace }.reversed())
            if trimmed.isEmpty { continue }
            guard trimmed.hasPrefix("/") || !lines.isEmpty else { return nil }
            lines.append((index + 1, trimmed))
        }
        return lines.isEmpty ? nil : lines
    }

    private static func id(_ text: String, _ line: Int) throws(Problem) -> AzureResourceID {
        do {
            return try AzureResourceID(parsing: text, type: "Microsoft.ContainerService/managedClusters")
        } catch {
            throw Problem("line \(line): '\(text.printable(limit: 120))' names no managed cluster: \(error)")
        }
    }

    private static func stages(inYAML bytes: [UInt8]) throws(Problem) -> [Stage] {
        let root: YAMLNode?
        do {
            root = try YAMLNode.parse(bytes, limits: YAMLLimits(bytes: largest, duplicateKeys: .refused))
        } catch {
            throw Problem("\(error)")
        }
        guard let root, !root.isNull else { throw Problem("it names no cluster") }
        if root.items != nil { return [Stage(name: "", clusters: try clusters(root))] }
        guard let listed = root["stages"]?.items else {
            throw Problem("line \(root.line): neither a list of clusters nor a mapping with 'stages'")
        }
        try refuseOthers(in: root, than: ["stages"])
        var stages: [Stage] = []
        for (index, node) in listed.enumerated() { stages.append(try stage(node, number: index + 1)) }
        return stages
    }

    private static func stage(_ node: YAMLNode, number: Int) throws(Problem) -> Stage {
        guard node.entries != nil, let clusters = node["clusters"] else {
            throw Problem("line \(node.line): stage \(number) has no 'clusters'")
        }
        try refuseOthers(in: node, than: ["name", "clusters", "pause"])
        var pause: Double?
        if let text = node["pause"]?.scalar?.text {
            pause = parseTimeout(text)
            if pause == nil { throw Problem("line \(node.line): 'pause' is no length of time, such as 30m") }
        }
        let name = node["name"]?.scalar?.text.printable(limit: 60) ?? ""
        return Stage(name: name.isEmpty ? "\(number)" : name, clusters: try Self.clusters(clusters), pause: pause)
    }

    /// A word that is not known may be a mistyped one that matters.
    private static func refuseOthers(in node: YAMLNode, than known: Set<String>) throws(Problem) {
        for entry in node.entries ?? [] {
            let name = entry.key.scalar?.text ?? ""
            guard known.contains(name) else {
                throw Problem("line \(entry.key.line): '\(name.printable(limit: 60))' is not known here")
            }
        }
    }

    private static func clusters(_ node: YAMLNode) throws(Problem) -> [AzureResourceID] {
        guard let items = node.items else { throw Problem("line \(node.line): 'clusters' is no list") }
        var ids: [AzureResourceID] = []
        for item in items {
            guard let text = (item["id"] ?? item).scalar?.text else {
                throw Problem("line \(item.line): neither the ARM id of a cluster nor a document with 'id'")
            }
            ids.append(try id(text, item.line))
        }
        return ids
    }

    private func check() throws(Problem) {
        let all = stages.flatMap(\.clusters)
        guard !all.isEmpty else { throw Problem("it names no cluster") }
        guard all.count <= Self.mostClusters else { throw Problem("it names more than \(Self.mostClusters) clusters") }
        if let empty = stages.first(where: \.clusters.isEmpty) {
            throw Problem("the stage '\(empty.name)' has no clusters")
        }
        let names = stages.map(\.name)
        guard Set(names).count == names.count else { throw Problem("two stages have the same name") }
        var seen: Set<AzureResourceID> = []
        for id in all where !seen.insert(id).inserted { throw Problem("\(id) is named twice") }
    }
}
