import Foundation
import JSON
import Testing

/// A folder of documents that Azure really gave: clusters, vaults, requests, errors, operations (docs/testing.md).
enum Corpus {
    private static let named = ProcessInfo.processInfo.environment["KMS_VAULT_CORPUS"]
    static let folder =
        named
        ?? (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }.path
        + "/shared/azure-corpus"

    /// A folder that was named and is not there is a mistake, not a reason to skip.
    static let isExpected = named != nil || FileManager.default.fileExists(atPath: folder)
    static let absence: Comment = "no documents of Azure: neither KMS_VAULT_CORPUS nor ../shared/azure-corpus"

    /// A document with the place where it was found and the API version that gave it.
    struct Entry: Sendable {
        let name: String
        let apiVersion: String
        let document: JSONValue
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: "\(folder)/\(path)"))))
    }

    /// The files of a sub-folder, in order.
    static func files(_ name: String) throws -> [(name: String, content: JSONValue)] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")
        let files = names.filter { $0.hasSuffix(".json") }.sorted()
        try #require(!files.isEmpty, "\(folder)/\(name) has no documents")
        return try files.map { ("\(name)/\($0)", try json("\(name)/\($0)")) }
    }

    private static func entry(_ name: String, _ content: JSONValue?, _ member: String = "document") throws -> Entry {
        Entry(
            name: name, apiVersion: try #require(content?["apiVersion"]?.string),
            document: try #require(content?[member], "\(name)"))
    }

    /// The answers to GETs of clusters.
    static func clusters() throws -> [Entry] { try files("clusters").map { try entry($0.name, $0.content) } }

    /// Every document of a cluster: those, of pairs and experiments, the answers to PUTs, and the items of lists.
    static func allClusters() throws -> [Entry] {
        var found = try clusters()
        for (name, pair) in try files("pairs") {
            found += [try entry(name, pair["stable"]), try entry(name, pair["preview"])]
        }
        for (name, put) in try files("puts") where put["response"]?["id"] != nil {
            found.append(try entry(name, put, "response"))
        }
        for (name, list) in try files("other") where name.contains("/list-") {
            let version = try #require(list["apiVersion"]?.string)
            found += (list[path: "document", "value"]?.array ?? []).map {
                Entry(name: name, apiVersion: version, document: $0)
            }
        }
        for (index, experiment) in try #require(try json("experiments.json").array).enumerated() {
            for (member, version) in [
                ("newerGetBefore", "newerApiVersion"), ("olderGetBefore", "putApiVersion"),
                ("newerGetAfter", "newerApiVersion"),
            ] {
                found.append(
                    Entry(
                        name: "experiments.json[\(index)].\(member)",
                        apiVersion: try #require(experiment[version]?.string),
                        document: try #require(experiment["documents"]?[member])))
            }
        }
        return found
    }

    /// The vaults as GETs and PUTs answered.
    static func vaults() throws -> [Entry] {
        try files("vaults").filter { $0.content["type"]?.string == "microsoft.keyvault/vaults/*" }
            .map { try entry($0.name, $0.content) }
    }
}

extension JSONValue {
    /// With a member set, in objects that are made where there are none.
    func setting(_ path: String..., to value: JSONValue) -> JSONValue { setting(path[...], to: value) }

    private func setting(_ path: ArraySlice<String>, to value: JSONValue) -> JSONValue {
        guard let first = path.first else { return value }
        var result = object == nil ? .object([:]) : self
        result[first] = (self[first] ?? .object([:])).setting(path.dropFirst(), to: value)
        return result
    }
}
