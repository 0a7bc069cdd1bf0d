import Azure
import FoundationEssentials
import HTTP
import JSON
import Testing

@testable import AzureResources

/// Requests and Azure's answers, in the form that docs/sandbox.md describes under "Recordings".
struct Recording: Sendable {
    struct Exchange: Sendable {
        let method: HTTPMethod
        let uri: String
        let body: JSONValue?
        let answer: HTTPResponse

        /// The answer, as JSON.
        func document() throws -> JSONValue { try JSONValue(parsing: answer.body) }

        /// The resource that is asked for.
        func resource() throws -> AzureResourceID {
            let path = uri.prefix { $0 != "?" }.dropFirst(testBase.count)
            return try AzureResourceID(parsing: path.split(separator: "/").prefix(8).reduce("") { $0 + "/" + $1 })
        }

        /// This answer for whoever sends the recorded request, with the API version that this project speaks.
        func scripted(_ version: String? = nil) -> ScriptedTransport.Exchange {
            let url = version.map { uri.prefix { $0 != "?" } + "?api-version=" + $0 } ?? uri
            return .init(method: method, url: String(url), result: .success(answer))
        }
    }

    let exchanges: [Exchange]

    subscript(_ index: Int) -> Exchange { exchanges[index] }

    /// Answers of the recording for a client that asks for them in this order; polls at their recorded address.
    func script(_ indices: [Int], version: String = APIVersions.managedClusters) -> [ScriptedTransport.Exchange] {
        indices.map { exchanges[$0].uri.contains("/operations/") ? self[$0].scripted() : self[$0].scripted(version) }
    }
}

extension Recording {
    /// One of those written by hand.
    static func own(_ name: String) throws -> Recording { try Recording(file: RecordingFolder.own + "/\(name).json") }

    /// One of Azure's own, which are not part of the repository.
    static func real(_ name: String) throws -> Recording {
        try Recording(file: RecordingFolder.recorded + "/\(name).json")
    }

    init(file: String) throws {
        let document = try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: file))))
        exchanges = try (document["exchanges"]?.array ?? []).map(Exchange.init)
        try #require(document["source"]?.string?.isEmpty == false && !exchanges.isEmpty, "\(file)")
    }
}

extension Recording.Exchange {
    fileprivate init(_ document: JSONValue) throws {
        method = try #require((document[path: "request", "method"]?.string).flatMap(HTTPMethod.init(rawValue:)))
        uri = try #require(document[path: "request", "uri"]?.string)
        body = document[path: "request", "body"]
        var headers = HTTPHeaders()
        for (name, value) in document[path: "response", "headers"]?.object ?? [:] {
            headers.add(name, try #require(value.string))
        }
        let text = document[path: "response", "body"]
        answer = HTTPResponse(
            status: Int(try #require(document[path: "response", "status", "code"]?.integer)), headers: headers,
            body: text.map { $0.string.map { Array($0.utf8) } ?? $0.bytes() } ?? [])
    }
}

/// Where recordings are.
enum RecordingFolder {
    static let own = URL(filePath: #filePath).deletingLastPathComponent().path + "/Fixtures"

    private static let named = ProcessInfo.processInfo.environment["KMS_VAULT_RECORDINGS"]
    static let recorded =
        named
        ?? (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }.path
        + "/shared/azure-recordings"

    /// A folder that was named and is not there is a mistake, not a reason to skip.
    static let isExpected = named != nil || FileManager.default.fileExists(atPath: recorded)
    static let absence: Comment = "no recordings of Azure: neither KMS_VAULT_RECORDINGS nor ../shared/azure-recordings"

    static func files(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(folder)/\($0)" }
    }
}
