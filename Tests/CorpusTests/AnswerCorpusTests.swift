import AzureResources
import HTTP
import JSON
import Testing

@Suite(.enabled(if: Corpus.isExpected, Corpus.absence)) struct AnswerCorpusTests {
    @Test func `every error has the code and the text that Azure gave, and words for people`() throws {
        var kinds: [String: Int] = [:]
        let errors = try #require(try Corpus.json("errors.json").array)
        for error in errors {
            let status = Int(try #require(error["status"]?.integer))
            let body = error["body"]
            let bytes = body?.string.map { Array($0.utf8) } ?? body?.bytes() ?? []
            let read = ARMError(answer: HTTPResponse(status: status, body: bytes), action: "PUT c")
            let inner = body?["error"]?.object == nil ? body : body?["error"]
            if let code = inner?["code"]?.string {
                #expect(!read.code.isEmpty && code.hasPrefix(String(read.code.prefix(64))), "\(error)")
            }
            if let message = inner?["message"]?.string, !message.isEmpty {
                #expect(!read.message.isEmpty, "\(error)")
            }
            #expect(read.what.utf8.count < 4096 && !read.description.isEmpty)
            if status >= 400 { #expect(read.kind != .other, "\(error)") }
            kinds["\(read.kind)", default: 0] += 1
        }
        print("corpus: \(errors.count) errors by kind:")
        for (kind, count) in kinds.sorted(by: { $0.key < $1.key }) { print("  \(kind): \(count)") }
    }

    private func poll(_ status: String, error: JSONValue?, _ polling: inout OperationPolling, at time: Double)
        -> OperationPolling.Next
    {
        if status.hasPrefix("HTTP ") {
            return polling.take(HTTPResponse(status: Int(status.dropFirst(5)) ?? 0, body: []), at: time)
        }
        var document: [String: JSONValue] = ["name": .string("x"), "status": .string(status)]
        // Azure puts an error beside any state, and an end beside states that are none.
        document["error"] = error
        document["endTime"] = .string("2025-01-01T00:00:00Z")
        return polling.take(HTTPResponse(status: 200, body: JSONValue.object(document).bytes()), at: time)
    }

    private func outcome(_ polls: [(Double, String)], error: JSONValue?) -> OperationOutcome? {
        var polling = OperationPolling(start: 0, timeout: 1_000_000)
        for (time, status) in polls {
            if case .finished(let outcome) = poll(status, error: error, &polling, at: time) { return outcome }
        }
        return nil
    }

    private func isRight(_ outcome: OperationOutcome?, last: String) -> Bool {
        switch (last.lowercased(), outcome) {
        case ("succeeded", .succeeded?), ("failed", .failed?), ("canceled", .canceled?): true
        // An answer without a body says that it is over; the resource itself tells how.
        case ("http 204", .gone?): true
        case ("succeeded", _), ("failed", _), ("canceled", _), ("http 204", _): false
        default: outcome == nil
        }
    }

    @Test func `only the status decides how an operation ended, in every recorded sequence`() throws {
        var sequences = 0
        var polls = 0
        let sample: JSONValue = .object(["code": .string("OverlaymgrReconcileError"), "message": .string("")])
        for kind in try #require(try Corpus.json("operations.json").array) {
            let statuses = (kind["statuses"]?.array ?? []).compactMap(\.string)
            let last = try #require(statuses.last)
            for error in [nil, kind["error"] ?? sample] {
                let timed = statuses.enumerated().map { (Double($0.offset) * 30, $0.element) }
                #expect(isRight(outcome(timed, error: error), last: last), "\(statuses)")
            }
            sequences += Int(try #require(kind["count"]?.integer))
            for example in kind["examples"]?.array ?? [] {
                let timed = (example["polls"]?.array ?? []).compactMap { poll -> (Double, String)? in
                    guard let pair = poll.array, pair.count == 2, let status = pair[1].string else { return nil }
                    return (Double(pair[0].integer ?? 0), status)
                }
                polls += timed.count
                if let last = timed.last { #expect(isRight(outcome(timed, error: kind["error"]), last: last.1)) }
            }
        }
        print("corpus: \(sequences) operations, \(polls) polls of examples: only the status decided")
        #expect(sequences > 0)
    }
}
