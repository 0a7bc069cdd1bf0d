import AzureStandIn
import Foundation
import Testing

/// Sends the requests of a recording to the sandbox, in order, and keeps the differences of its answers.
///
/// What the sandbox names itself (operations, eTags, connections) is learnt from its answers and put in the place of
/// the recorded names in later requests and answers, so that whoever stays the same there must stay the same here.
struct Replayer {
    private let azure: Azure
    private let recording: Recording
    private let plan: ReplayCase
    private var names: [(recorded: String, served: String)]
    /// Where the sandbox has what the recording has at an address that Azure gave.
    private var addresses: [String: String] = [:]
    private var vaultToken = ""
    private(set) var differences: [Difference] = []
    /// The states of each operation in order, by its recorded address.
    private var recordedStates: [String: [String]] = [:]
    private var servedStates: [String: [String]] = [:]

    init(_ azure: Azure, _ recording: Recording, _ plan: ReplayCase) {
        self.azure = azure
        self.recording = recording
        self.plan = plan
        names = plan.names
    }

    mutating func run() async throws {
        // Nothing goes on between requests but what a poll asks for.
        await azure.gate.close()
        vaultToken = try await mintVaultToken()
        for (index, exchange) in recording.exchanges.enumerated() {
            for preparation in plan.before[index] ?? [] { await prepare(preparation) }
            try compare(exchange, try await answer(to: exchange, index), index)
        }
        compareStates()
    }

    private func prepare(_ preparation: ReplayCase.Preparation) async {
        switch preparation {
        case .fault(let fault): #expect(await azure.fault(fault).status < 300)
        case .endFaults: await azure.endFaults()
        }
    }

    // MARK: - Requests

    private mutating func answer(to exchange: Recording.Exchange, _ index: Int) async throws -> Answer {
        guard recordedStates[exchange.uri] != nil, exchange.answer.status == 200 else {
            return try await send(exchange, index)
        }
        // A poll: the recorded state comes after those that the sandbox has still to go through.
        let wanted = exchange.answer.body?["status"]?.string ?? ""
        recordedStates[exchange.uri]?.appendChange(wanted)
        for _ in 0..<20 {
            let answer = try await send(exchange, index)
            let body = answer.status == 200 ? try answer.json() : [:]
            let state = body["status"]?.string ?? ""
            servedStates[exchange.uri, default: []].appendChange(state)
            if state == wanted || body["error"] != nil || state == "Succeeded" { return answer }
            try await step()
        }
        throw Recording.Unreadable(description: "the sandbox's operation never is \(wanted)")
    }

    /// Lets the operations go on until they wait again or are at their end.
    private func step() async throws {
        await azure.gate.step()
        while await !azure.gate.isAwaited {
            let state = try await azure.getCluster()[path: ["properties", "provisioningState"]]?.string ?? ""
            guard ["Updating", "Canceling"].contains(state) else { return }
            await Task.yield()
        }
    }

    private func send(_ exchange: Recording.Exchange, _ index: Int) async throws -> Answer {
        let address = addresses[exchange.uri] ?? renamed(exchange.uri)
        let url = try #require(URL(string: address))
        let target = address.dropFirst("https://".count).drop { $0 != "/" }
        var headers = exchange.headers.filter {
            ["accept", "content-type", "if-match", "if-none-match"].contains($0.key)
        }
        let isVault = url.host()?.hasSuffix(".vault.azure.net") == true
        if isVault { headers["host"] = url.host() }
        let token = plan.anonymous.contains(index) ? "" : (isVault ? vaultToken : azure.token)
        return await azure.send(
            exchange.method, String(target), try exchange.body.map(renamed), headers: headers, token: token)
    }

    private func mintVaultToken() async throws -> String {
        let world = azure.description
        let form =
            "grant_type=client_credentials&client_id=\(world.clientID)&client_secret=\(world.clientSecret)"
            + "&scope=https%3A%2F%2Fvault.azure.net%2F.default"
        let answer = await azure.standIn.respond(
            to: Request(
                method: "POST", target: "/\(world.tenantID)/oauth2/v2.0/token",
                headers: ["content-type": "application/x-www-form-urlencoded"], body: Array(form.utf8)))
        return try #require(try answer.json()["access_token"]?.string)
    }

    // MARK: - Answers

    private mutating func compare(_ exchange: Recording.Exchange, _ served: Answer, _ index: Int) throws {
        let body = served.body.isEmpty ? nil : try served.json()
        learn(exchange.answer, served, body)
        let headers = Dictionary(served.headers.map { ($0.name.lowercased(), $0.value) }) { _, last in last }
        let recorded = try AnswerFacts(
            status: exchange.answer.status, headers: exchange.answer.headers.mapValues(renamed),
            body: try exchange.answer.body.map(renamed))
        let here = try AnswerFacts(
            status: served.status, headers: headers.filter { !AnswerFacts.ignored.contains($0.key) }, body: body)
        differences += recorded.differences(from: here, exchange: index, isExcerpt: exchange.answer.isExcerpt)
    }

    private mutating func learn(_ recorded: Recording.RecordedAnswer, _ served: Answer, _ body: JSON?) {
        for header in ["azure-asyncoperation", "location"] {
            guard let old = recorded.headers[header], let new = served.header(header) else { continue }
            if header == "azure-asyncoperation" { recordedStates[old] = recordedStates[old] ?? [] }
            addresses[old] = new
        }
        learn(recorded.body?["eTag"]?.string, body?["eTag"]?.string)
        learn(recorded.body?["name"]?.string, recordedStates.isEmpty ? nil : operationName(body))
        let connections = ["properties", "privateEndpointConnections"]
        let old = recorded.body?[path: connections]?.array?.first?["id"]?.string
        let new = body?[path: connections]?.array?.first?["id"]?.string
        learn(old?.lastSegment, new?.lastSegment)
    }

    private func operationName(_ body: JSON?) -> String? {
        body?["startTime"] == nil ? nil : body?["name"]?.string
    }

    /// Two recorded names stay two: one that is served for another already is not taken, and so shows as a difference.
    private mutating func learn(_ recorded: String?, _ served: String?) {
        guard let recorded, let served, !names.contains(where: { $0.recorded == recorded || $0.served == served })
        else { return }
        names.append((recorded, served))
    }

    private func renamed(_ text: String) -> String {
        names.sorted { $0.recorded.utf8.count > $1.recorded.utf8.count }
            .reduce(text) { $0.replacingOccurrences(of: $1.recorded, with: $1.served) }
    }

    private func renamed(_ body: JSON) throws -> JSON {
        try JSON(parsing: Array(renamed(String(decoding: body.bytes, as: UTF8.self)).utf8))
    }

    private func compareStates() {
        for (address, recorded) in recordedStates where !recorded.isEmpty {
            let served = servedStates[address] ?? []
            #expect(
                served.filter { !plan.laterStages.contains($0) } == recorded,
                "\(plan.file): the order of an operation's states")
            for stage in plan.laterStages {
                #expect(served.contains(stage), "\(plan.file): the sandbox does not go through \(stage)")
            }
        }
    }
}

extension [String] {
    fileprivate mutating func appendChange(_ element: String) {
        if last != element { append(element) }
    }
}

extension String {
    fileprivate var lastSegment: String { split(separator: "/").last.map(String.init) ?? self }
}
