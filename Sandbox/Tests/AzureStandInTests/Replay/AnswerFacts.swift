import AzureStandIn
import Foundation

/// An answer as a list of places and what is there: what two answers to the same question are compared by.
///
/// For most places the JSON type is compared, for those that clients decide on the value.
struct AnswerFacts: Sendable {
    private(set) var at: [String: String] = [:]

    init(status: Int, headers: [String: String], body: JSON?) throws {
        at["HTTP status"] = String(status)
        for (name, value) in headers { try addHeader(name, value) }
        if let body { add(body, "", isWithinKMS: false) }
    }

    // MARK: - Headers

    /// Compared by value, where the recording has them.
    private static let exact: Set = [
        "content-type", "cache-control", "x-content-type-options", "strict-transport-security", "x-ms-failure-cause",
        "retry-after",
    ]
    /// Addresses: compared by path and by the names in the query.
    private static let addresses: Set = ["azure-asyncoperation", "location"]
    private static let present: Set = ["etag", "www-authenticate", "x-ms-keyvault-service-version"]
    /// Not compared: what the servers and caches on the way say of themselves, and counts that no client here reads.
    static let ignored: Set = [
        "content-length", "date", "expires", "pragma", "server", "transfer-encoding", "vary", "x-aspnet-version",
        "x-cache", "x-msedge-ref", "x-powered-by", "x-ms-operation-identifier", "x-ms-request-id",
        "x-ms-ratelimit-remaining-subscription-writes", "x-ms-ratelimit-remaining-subscription-reads",
        "x-ms-ratelimit-remaining-subscription-global-writes", "x-ms-ratelimit-remaining-subscription-global-reads",
    ]
    /// Where a header that is served and not recorded is a difference, too. What recorders strip cannot be among them.
    static let mustBeAbsent: Set = ["azure-asyncoperation", "location", "etag", "x-ms-failure-cause"]

    private mutating func addHeader(_ name: String, _ value: String) throws {
        if Self.exact.contains(name) {
            at["header \(name)"] = value
        } else if Self.present.contains(name) {
            at["header \(name)"] = "present"
        } else if Self.addresses.contains(name) {
            let parts = value.split(separator: "?", maxSplits: 1)
            let path = parts[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
            at["header \(name)"] = path.map(Self.withoutIDs).joined(separator: "/")
            for field in parts.dropFirst().joined().split(separator: "&") {
                at["header \(name)?\(field.prefix { $0 != "=" })"] = "present"
            }
        } else if !Self.ignored.contains(name) {
            throw Recording.Unreadable(description: "whether the header '\(name)' matters is not decided")
        }
    }

    private static func withoutIDs(_ segment: Substring) -> String {
        UUID(uuidString: String(segment)) == nil ? String(segment) : "{uuid}"
    }

    // MARK: - Bodies

    /// Members whose values are compared.
    private static let values: Set = [
        "code", "message", "provisioningState", "status", "publicNetworkAccess", "type", "kty", "actionsRequired",
    ]
    /// The same, of the whole resource only.
    private static let topValues: Set = ["id", "name", "eTag", "location"]

    private mutating func add(_ value: JSON, _ path: String, isWithinKMS: Bool) {
        let name = path.split(separator: ".").last.map(String.init) ?? ""
        let isCompared = Self.values.contains(name) || Self.topValues.contains(path) || isWithinKMS
        switch value {
        case .null: put(path, "null")
        case .bool(let value): put(path, isCompared ? "bool \(value)" : "bool")
        case .int, .double: put(path, "number")
        case .string(let value): put(path, isCompared ? "string \(value)" : "string")
        case .array(let items):
            put(path, "array")
            for item in items { add(item, path + "[]", isWithinKMS: false) }
        case .object(let members):
            if !path.isEmpty { put(path, "object") }
            for (member, value) in members {
                // Keys that are ids are data, not names of members.
                let shown = member.hasPrefix("/") ? "{id}" : member
                add(
                    value, path.isEmpty ? shown : "\(path).\(shown)",
                    isWithinKMS: path == "properties.securityProfile.azureKeyVaultKms")
            }
        }
    }

    /// Items of a list may differ: then all that they are is named.
    private mutating func put(_ path: String, _ fact: String) {
        let known = at[path].map { $0.components(separatedBy: " | ") } ?? []
        at[path] = Set(known + [fact]).sorted().joined(separator: " | ")
    }
}

/// A place at which a recorded answer and one of the sandbox differ.
struct Difference: Sendable, Hashable, CustomStringConvertible {
    var exchange: Int
    var path: String
    /// `nil` where one of them has nothing.
    var recorded: String?
    var served: String?

    var description: String {
        "exchange \(exchange): \(path): recorded \(recorded ?? "nothing"), served \(served ?? "nothing")"
    }
}

extension AnswerFacts {
    /// The differences of `served` from this recorded answer; of what lies within something missing nothing is said.
    func differences(from served: AnswerFacts, exchange: Int, isExcerpt: Bool) -> [Difference] {
        Set(at.keys).union(served.at.keys).sorted().compactMap { path in
            let (mine, theirs) = (at[path], served.at[path])
            guard mine != theirs else { return nil }
            if mine == nil {
                let header = path.hasPrefix("header ") ? path.dropFirst(7).prefix { $0 != "?" } : ""
                if !header.isEmpty, !Self.mustBeAbsent.contains(String(header)) { return nil }
                if header.isEmpty, isExcerpt { return nil }
            }
            if mine == nil || theirs == nil, let parent = Self.parent(of: path),
                at[parent] == nil || served.at[parent] == nil
            {
                return nil
            }
            return Difference(exchange: exchange, path: path, recorded: mine, served: theirs)
        }
    }

    private static func parent(of path: String) -> String? {
        if path.hasPrefix("header ") {
            return path.contains("?") ? String(path.prefix { $0 != "?" }) : nil
        }
        if path.hasSuffix("[]") { return String(path.dropLast(2)) }
        return path.lastIndex(of: ".").map { String(path[..<$0]) }
    }
}
