import AzureAccount
import Console
import HTTP
import JSON
import Report
import Synchronization
import Testing

@testable import AzExtensionShim

/// Keeps what the shim says.
private final class Paper: Sendable {
    private let text = Mutex("")

    var lines: [JSONValue] {
        text.withLock { $0 }.split(separator: "\n").compactMap { try? JSONValue(parsing: Array($0.utf8)) }
    }

    func writer(hasRoom: Bool = true) -> MessageWriter {
        MessageWriter(
            TextWriter { bytes in
                self.text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
                return true
            }, hasRoom: { hasRoom })
    }

    /// The first message of a type, once it is there.
    func message(_ type: String) async throws -> JSONValue {
        while true {
            if let found = lines.first(where: { $0["type"]?.string == type }) { return found }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

private let resource = "https://management.core.windows.net/"

private func tokens(_ conversation: Conversation) -> AzureTokens {
    AzureTokens(tenantID: "tenant", time: .system()) { question throws(AzureTokenError) in
        try await conversation.token(question)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `Tokens from az` {
    private let paper = Paper()

    private func ask(_ conversation: Conversation, force: Bool = false) async -> Result<String, AzureTokenError> {
        do throws(AzureTokenError) {
            let source = tokens(conversation)
            return .success(
                try await source.token(resource: resource, tenant: nil, claims: nil, forceRefresh: force).secret)
        } catch {
            return .failure(error)
        }
    }

    /// The answer to the first question, whatever it asks.
    private func answer(_ conversation: Conversation, _ members: [String: JSONValue]) async throws {
        let question = try await paper.message("tokenRequest")
        #expect(question["resource"]?.string == resource && question["tenant"]?.string == "tenant")
        await conversation.receive(.object(members.merging(["id": question["id"] ?? .null]) { $1 }))
    }

    @Test func `are asked for with resource and tenant, and used`() async throws {
        let conversation = Conversation(paper.writer())
        async let token = ask(conversation)
        try await answer(
            conversation,
            ["type": .string("token"), "accessToken": .string("a.b.c"), "expiresOn": .integer(4_000_000_000)])
        #expect(try await token.get() == "a.b.c")
    }

    @Test(arguments: [
        ("notSignedIn", AzureTokenError.Kind.notSignedIn), ("interactionRequired", .interactionRequired),
        ("unreachable", .unreachable), ("failed", .azFailed), ("", .azFailed),
    ])
    func `that az cannot get are told in az's words`(_ name: String, _ kind: AzureTokenError.Kind) async throws {
        let conversation = Conversation(paper.writer())
        async let token = ask(conversation)
        try await answer(
            conversation,
            ["type": .string("tokenError"), "kind": .string(name), "message": .string("AADSTS50173: revoked")])
        guard case .failure(let error) = await token else {
            Issue.record("a token came")
            return
        }
        #expect(error.kind == kind && error.detail.contains("AADSTS50173"))
        #expect(error.advice.contains("az login"))
    }

    @Test(arguments: [
        ["type": JSONValue.string("token")],
        ["type": .string("token"), "accessToken": .string("with space"), "expiresOn": .integer(1)],
        ["type": .string("token"), "accessToken": .string("a\r\nX: y"), "expiresOn": .integer(1)],
        ["type": .string("confirmation"), "agrees": .bool(true)],
    ])
    func `that are none are refused`(_ members: [String: JSONValue]) async throws {
        let conversation = Conversation(paper.writer())
        async let token = ask(conversation)
        try await answer(conversation, members)
        guard case .failure(let error) = await token else {
            Issue.record("a token came")
            return
        }
        #expect(error.kind == .azFailed)
    }

    @Test func `end with az`() async throws {
        let conversation = Conversation(paper.writer())
        async let token = ask(conversation)
        _ = try await paper.message("tokenRequest")
        await conversation.end()
        guard case .failure(let error) = await token else {
            Issue.record("a token came")
            return
        }
        #expect(error.kind == .cancelled && error.detail == "az has gone")
        guard case .failure(let next) = await ask(conversation) else {
            Issue.record("a token came after the end")
            return
        }
        #expect(next.kind == .cancelled)
    }

    @Test func `are not waited for for ever`() async throws {
        let conversation = Conversation(paper.writer(), patience: 0.05)
        guard case .failure(let error) = await ask(conversation) else {
            Issue.record("a token came")
            return
        }
        #expect(error.kind == .azFailed && error.detail == "az did not answer")
        // What comes too late reaches nobody, and harms nobody.
        await conversation.receive(.object(["type": .string("token"), "id": .integer(1)]))
    }

    @Test func `never appear in what the shim writes`() async throws {
        let conversation = Conversation(paper.writer())
        async let token = ask(conversation)
        try await answer(
            conversation,
            ["type": .string("token"), "accessToken": .string("canary.b.c"), "expiresOn": .integer(4_000_000_000)])
        _ = try await token.get()
        #expect(!paper.lines.contains { String(decoding: $0.bytes(), as: UTF8.self).contains("canary") })
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `A question to the person` {
    private let paper = Paper()

    @Test(arguments: [
        (["type": JSONValue.string("confirmation"), "agrees": .bool(true)], true),
        (["type": .string("confirmation"), "agrees": .bool(false)], false),
        (["type": .string("confirmation"), "agrees": .string("yes")], false),
        (["type": .string("token"), "agrees": .bool(true)], false),
    ])
    func `is agreed to by a plain yes only`(_ members: [String: JSONValue], _ expected: Bool) async throws {
        let conversation = Conversation(paper.writer())
        async let agrees = conversation.confirm("Begin?")
        let question = try await paper.message("confirmRequest")
        await conversation.receive(.object(members.merging(["id": question["id"] ?? .null]) { $1 }))
        #expect(await agrees == expected)
    }

    @Test func `that az leaves open is a no`() async throws {
        let conversation = Conversation(paper.writer())
        async let agrees = conversation.confirm("Begin?")
        _ = try await paper.message("confirmRequest")
        await conversation.end()
        #expect(await !agrees)
    }
}

@Suite
struct `Lines from az` {
    private func lines(_ pieces: [String], limit: Int = 10) -> [InputLine] {
        var splitter = LineSplitter(limit: limit)
        return pieces.flatMap { splitter.lines(of: Array($0.utf8)[...]) }
    }

    @Test func `are joined from pieces and cut at line breaks`() {
        #expect(lines(["a", "b\nc\n\nd"]) == [.line(Array("ab".utf8)), .line(Array("c".utf8))])
    }

    @Test func `that are too long are told once and passed over`() {
        #expect(lines(["01234567890123", "456\nok\n"]) == [.tooLong, .line(Array("ok".utf8))])
    }
}

@Suite
struct `Progress to az` {
    @Test func `is left out where az does not read, but warnings are not`() {
        let paper = Paper()
        let writer = paper.writer(hasRoom: false)
        let progress = PipeFrontEnd.view(
            ProgressState(work: "Preflight"), writer, now: { 0 })
        progress.take(.note("a note"))
        #expect(paper.lines.isEmpty)
        progress.take(.warning("a warning"))
        #expect(paper.lines.first?[path: "event", "text"]?.string == "a warning")
    }

    @Test func `of counts comes at most four times a second`() {
        let paper = Paper()
        let clock = Mutex(0.0)
        let progress = PipeFrontEnd.view(
            ProgressState(work: "Preflight"), paper.writer(),
            now: { clock.withLock { $0 } })
        for number in 0..<100 {
            clock.withLock { $0 = Double(number) / 100 }
            progress.take(.soaking(elapsed: Double(number), wanted: 100, writes: number))
        }
        #expect(paper.lines.count == 4)
    }
}
