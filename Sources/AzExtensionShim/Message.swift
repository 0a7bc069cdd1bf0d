import Connections
import Console
import JSON
import ModeSwitch

/// The lines that go between az and the shim. docs/shim-protocol.md describes them; its version changes with any of
/// them.
enum ShimProtocol {
    /// Both sides must speak the same: they come in one wheel, or are two installations that do not fit.
    static let version: Int64 = 1
    /// Bytes of the longest line that is read. A token has some kilobytes.
    static let longestLine = 1 << 20
}

/// What the shim says. Nothing of it is secret.
enum Message {
    case hello
    case progress(event: JSONValue, line: String?)
    case note(String)
    case warning(String)
    /// A token is needed; az answers with the same id.
    case tokenRequest(id: Int64, resource: String, tenant: String?, claims: String?, forceRefresh: Bool)
    /// The person is to be asked; az answers with the same id.
    case confirmRequest(id: Int64, prompt: String)
    case result(JSONValue, exitCode: Int32, problem: JSONValue?)
    case error(JSONValue, exitCode: Int32)

    var document: JSONValue {
        var members: [String: JSONValue]
        switch self {
        case .hello:
            members = ["protocol": .integer(ShimProtocol.version), "version": .string(productVersion)]
        case .progress(let event, let line):
            members = ["event": event]
            members["line"] = line.map { .string($0) }
        case .note(let text), .warning(let text): members = ["text": .string(text)]
        case .tokenRequest(let id, let resource, let tenant, let claims, let forceRefresh):
            members = [
                "id": .integer(id), "resource": .string(resource), "forceRefresh": .bool(forceRefresh),
            ]
            members["tenant"] = tenant.map { .string($0) }
            members["claims"] = claims.map { .string($0) }
        case .confirmRequest(let id, let prompt): members = ["id": .integer(id), "prompt": .string(prompt)]
        case .result(let document, let code, let problem):
            members = ["result": document, "exitCode": .integer(Int64(code))]
            members["problem"] = problem
        case .error(let problem, let code): members = ["problem": problem, "exitCode": .integer(Int64(code))]
        }
        members["type"] = .string(type)
        return .object(members)
    }

    private var type: String {
        switch self {
        case .hello: "hello"
        case .progress: "progress"
        case .note: "note"
        case .warning: "warning"
        case .tokenRequest: "tokenRequest"
        case .confirmRequest: "confirmRequest"
        case .result: "result"
        case .error: "error"
        }
    }

    /// An end before the command has begun: of the conversation itself, or by the person's wish.
    static func failure(_ id: String, _ what: String, next: String, _ code: ExitCode = .usage) -> Message {
        .error(
            .object([
                "id": .string(id), "what": .string(what), "state": .string("Nothing was changed."),
                "next": .string(next),
            ]), exitCode: code.rawValue)
    }
}
