import Files
import HTTP
import JSON
import Processes
import Synchronization
import Testing

@testable import AzureAccount

/// Answers in the order of a script; every request beyond it fails the test.
final class Script: HTTPTransport {
    private struct State {
        var answers: [Result<HTTPResponse, TransportError>]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>

    init(_ answers: [Result<HTTPResponse, TransportError>] = []) { state = Mutex(State(answers: answers)) }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let next = state.withLock { state in
            state.requests.append(request)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        guard let next else {
            Issue.record("unexpected \(request.method.rawValue) \(request.url)")
            throw TransportError(kind: .badURL, origin: "test", detail: "unexpected", mayHaveBeenSent: false)
        }
        return try next.get()
    }

    func withNewConnection() -> any HTTPTransport { self }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    var isFinished: Bool { state.withLock { $0.answers.isEmpty } }
}

func answer(_ status: Int, _ body: String) -> Result<HTTPResponse, TransportError> {
    .success(HTTPResponse(status: status, body: Array(body.utf8)))
}

func granted(_ token: String) -> Result<HTTPResponse, TransportError> {
    answer(200, #"{"token_type":"Bearer","expires_in":3599,"access_token":"\#(token)"}"#)
}

/// Counts az's runs and answers them in order; the last answer is given again.
final class FakeCLI: Sendable {
    /// What az waits for before it answers.
    let gate = Mutex<(@Sendable () async -> Void)?>(nil)

    private let state: Mutex<(answers: [Result<AzureCLI.Result, ProcessError>], runs: [[String]])>

    init(_ answers: [Result<AzureCLI.Result, ProcessError>] = [.failure(ProcessError(.notFound, "az"))]) {
        state = Mutex((answers, []))
    }

    static func printing(_ token: String, expires: Int) -> Result<AzureCLI.Result, ProcessError> {
        let text =
            #"{"accessToken":"\#(token)","expiresOn":"2026-11-23 18:19:41.000000","expires_on":\#(expires),"#
            + #""subscription":"s","tenant":"t","tokenType":"Bearer"}"#
        return .success(AzureCLI.Result(succeeded: true, output: Array(text.utf8), errors: []))
    }

    var cli: AzureCLI {
        AzureCLI { arguments throws(ProcessError) in
            let next = self.state.withLock { state in
                state.runs.append(arguments)
                return state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first
            }
            await self.gate.withLock { $0 }?()
            guard let next else { throw ProcessError(.notFound, "az") }
            return try next.get()
        }
    }

    var runs: [[String]] { state.withLock { $0.runs } }
}

/// 2026-11-23, in seconds.
let now = 1_795_454_383.0

final class Clock: Sendable {
    private let state: Mutex<Double>

    init(at seconds: Double = now) { state = Mutex(seconds) }

    func add(_ seconds: Double) { state.withLock { $0 += seconds } }
    var time: Clocks {
        Clocks(
            wall: { self.state.withLock { $0 } }, monotonic: { self.state.withLock { $0 } },
            sleep: { seconds throws(CancellationError) in self.add(seconds) })
    }
}

let subscriptionID = "22222222-2222-2222-2222-222222222222"
let tenantID = "11111111-1111-1111-1111-111111111111"
let clientID = "44444444-4444-4444-4444-444444444444"
let armAudience = "https://management.core.windows.net/"

/// An azureProfile.json as az writes it: with a byte order mark and in one line.
func profile(_ user: String, cloud: String = "AzureCloud", id: String = subscriptionID, more: String = "") -> [UInt8] {
    let entry =
        #"{"id": "\#(id)", "name": "Sub", "state": "Enabled", "user": \#(user), "isDefault": true, "#
        + #""tenantId": "\#(tenantID)", "environmentName": "\#(cloud)", "homeTenantId": "\#(tenantID)", "#
        + #""managedByTenants": []}"#
    return [0xEF, 0xBB, 0xBF] + Array(#"{"subscriptions": [\#(entry)\#(more)], "installationId": "x"}"#.utf8)
}

let userEntry = #"{"name": "Ann@fake.test", "type": "user"}"#
let principalEntry = #"{"name": "\#(clientID)", "type": "servicePrincipal"}"#

func surroundings(_ files: [String: [UInt8]], _ environment: [String: String] = [:]) -> AzureSurroundings {
    let placed = Dictionary(
        uniqueKeysWithValues: files.map { ($0.key.hasPrefix("/") ? $0.key : "/home/u/.azure/\($0.key)", $0.value) })
    return AzureSurroundings(environment: environment, home: "/home/u", files: MemoryFiles(placed))
}

func tokens(
    _ surroundings: AzureSurroundings, transport: Script = Script(), metadata: Script = Script(),
    cli: FakeCLI = FakeCLI(), clock: Clock = Clock()
) throws -> AzureTokens {
    AzureTokens(
        account: try AzureAccount.load(from: surroundings, subscription: nil), surroundings: surroundings,
        transport: transport, metadataTransport: metadata, cli: cli.cli, time: clock.time)
}

/// The fields of a form.
func form(_ request: HTTPRequest?) -> [String: String] {
    let pairs = String(decoding: request?.body ?? [], as: UTF8.self).split(separator: "&").map {
        $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }
    return Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], decoded($0[1])) }) { first, _ in first }
}

private func decoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
