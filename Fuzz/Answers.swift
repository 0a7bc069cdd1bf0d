import AzureAccount
import AzureResources
import HTTP
import KubeAPI

/// Answers requests by what an input holds, one answer a part:
///
///     STATUS [TEXT]     the status; the answer is for requests whose method and URL hold the text
///     Name: value       fields
///                       an empty line
///     body
///
/// A part without an empty line is the body of an answer 200 to every request.
struct Answers: HTTPTransport {
    private struct Answer: Sendable {
        var text: String
        var response: HTTPResponse
    }

    private let answers: [Answer]

    init(_ input: [UInt8]) { answers = parts(input).prefix(64).map(Self.answer) }

    private static func answer(_ part: [UInt8]) -> Answer {
        let newline = UInt8(ascii: "\n")
        guard let end = part.indices.first(where: { part[$0] == newline && $0 > 0 && part[$0 - 1] == newline }) else {
            return Answer(text: "", response: HTTPResponse(status: 200, body: part))
        }
        var lines = part[..<end].split(separator: newline).map { String(decoding: $0, as: UTF8.self) }
        let first = lines.isEmpty ? [] : lines.removeFirst().split(separator: " ", maxSplits: 1)
        var response = HTTPResponse(
            status: first.first.flatMap { Int($0) } ?? 200, body: Array(part[(end + 1)...]))
        for line in lines {
            let field = line.split(separator: ":", maxSplits: 1)
            if field.count == 2 { response.headers.add(String(field[0]), String(field[1].drop { $0 == " " })) }
        }
        return Answer(text: first.count > 1 ? String(first[1]) : "", response: response)
    }

    /// The first answer, whatever it is for.
    var first: HTTPResponse { answers.first?.response ?? HTTPResponse(status: 200) }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let asked = "\(request.method.rawValue) \(request.url)"
        let fitting = answers.first { $0.text.isEmpty || asked.contains($0.text) }
        return fitting?.response ?? HTTPResponse(status: 404)
    }

    func withNewConnection() -> any HTTPTransport { self }
}

/// 2026-11-24T00:00:00Z.
let now: Int64 = 1_795_478_400

private struct FixedTokens: AzureTokenSource {
    func token(
        resource: String, tenant: String?, claims: String?, forceRefresh: Bool
    ) async throws(AzureTokenError) -> AzureToken { AzureToken(secret: "token", expiresAt: 4_000_000_000) }
}

private struct NoAuthorization: RequestAuthorization {
    func headers() async throws -> HTTPHeaders { [:] }
    func renewed(rejected: HTTPHeaders) async throws -> HTTPHeaders? { nil }
}

extension Clocks {
    static let still = Clocks(
        wall: { Double(now) }, monotonic: { 0 }, sleep: { _ throws(CancellationError) in })
}

func armClient(_ answers: Answers) -> ARMClient? {
    ARMEndpoint(base: "https://management.azure.com", audience: "a").map { endpoint in
        ARMClient(
            transport: answers, tokens: FixedTokens(), endpoint: endpoint, tenant: nil, correlationID: "run",
            retry: ARMRetry(attempts: 2), time: .still)
    }
}

func kubeClient(_ answers: Answers) -> KubeClient {
    KubeClient(
        server: "https://api", transport: answers, authorization: NoAuthorization(),
        retry: RetryPolicy(maximumAttempts: 2, longestDelay: 1, longestRetryAfter: 60), sleep: { _ in })
}
