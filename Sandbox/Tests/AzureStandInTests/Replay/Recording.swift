import AzureStandIn
import Foundation
import Testing

/// Requests and Azure's answers, in the form that docs/sandbox.md describes under "Recordings".
struct Recording: Sendable {
    struct Exchange: Sendable {
        var method: String
        var uri: String
        var headers: [String: String]
        var body: JSON?
        var answer: RecordedAnswer
    }

    struct RecordedAnswer: Sendable {
        var status: Int
        /// Names in lower case.
        var headers: [String: String]
        var body: JSON?
        /// The body has only what its sources tell: members beyond it are no difference.
        var isExcerpt: Bool
    }

    var name: String
    var exchanges: [Exchange]
}

extension Recording {
    init(file: URL) throws {
        let document = try JSON(parsing: [UInt8](Data(contentsOf: file)))
        name = file.deletingPathExtension().lastPathComponent
        exchanges = try (document["exchanges"]?.array ?? []).map(Exchange.init)
        guard document["source"]?.string?.isEmpty == false, !exchanges.isEmpty else {
            throw Unreadable(description: "\(file.lastPathComponent) has no source or no exchanges")
        }
    }

    struct Unreadable: Error, CustomStringConvertible { var description: String }
}

extension Recording.Exchange {
    init(_ document: JSON) throws {
        let request = document["request"] ?? [:]
        let response = document["response"] ?? [:]
        guard let method = request["method"]?.string, let uri = request["uri"]?.string,
            let status = response[path: ["status", "code"]]?.int
        else { throw Recording.Unreadable(description: "an exchange has no method, uri or status") }
        self.method = method
        self.uri = uri
        headers = Self.headers(request["headers"])
        body = request["body"].flatMap { $0 == .null ? nil : $0 }
        answer = Recording.RecordedAnswer(
            status: status, headers: Self.headers(response["headers"]),
            body: response["body"].flatMap { $0 == .null || $0 == "" ? nil : $0 },
            isExcerpt: document["excerpt"]?.bool ?? false)
    }

    private static func headers(_ document: JSON?) -> [String: String] {
        let pairs = (document?.object ?? [:]).map { ($0.key.lowercased(), $0.value.string ?? "") }
        return Dictionary(pairs) { _, last in last }
    }
}

/// Where recordings are.
enum RecordingFolder {
    private static let root = (0..<5).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    /// Those written by hand, which the product's tests use, too.
    static let own = root.appending(path: "Tests/AzureResourcesTests/Fixtures")

    /// Real ones, which are not part of the repository.
    static let recorded: URL =
        ProcessInfo.processInfo.environment["KMS_VAULT_RECORDINGS"].map { URL(filePath: $0) }
        ?? root.appending(path: "../shared/azure-recordings").standardizedFileURL

    /// A folder that was named and is not there is a mistake, not a reason to skip.
    static let isExpected =
        ProcessInfo.processInfo.environment["KMS_VAULT_RECORDINGS"] != nil
        || FileManager.default.fileExists(atPath: recorded.path)

    static let absence: Comment = "no recordings of Azure: neither KMS_VAULT_RECORDINGS nor ../shared/azure-recordings"

    static func names(in folder: URL) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }
}
