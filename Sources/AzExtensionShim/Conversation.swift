import AzureAccount
import Connections
import JSON

/// Asks az, and gives each answer to whoever waits for it.
actor Conversation {
    private let writer: MessageWriter
    /// Seconds for which an answer is waited for: signing in may take az some requests.
    private let patience: Double
    private var waiting: [Int64: CheckedContinuation<JSONValue?, Never>] = [:]
    /// Questions without an answer, and answers that came before anybody waited for them.
    private var open: Set<Int64> = []
    private var early: [Int64: JSONValue] = [:]
    private var lastID: Int64 = 0
    private var hasEnded = false

    init(_ writer: MessageWriter, patience: Double = 300) {
        self.writer = writer
        self.patience = patience
    }

    /// A line of az's that is an answer. One that nobody waits for (any more) is passed over.
    func receive(_ answer: JSONValue) {
        guard let id = answer["id"]?.integer, open.remove(id) != nil else { return }
        if let continuation = waiting.removeValue(forKey: id) {
            continuation.resume(returning: answer)
        } else {
            early[id] = answer
        }
    }

    /// az has gone: nobody will answer.
    func end() {
        hasEnded = true
        for continuation in waiting.values { continuation.resume(returning: nil) }
        waiting.removeAll()
    }

    /// Whether the person agrees; not when az has gone.
    func confirm(_ prompt: String) async -> Bool {
        let answer = await ask(limit: nil) { .confirmRequest(id: $0, prompt: prompt) }
        return answer?["type"]?.string == "confirmation" && answer?["agrees"]?.bool == true
    }

    /// A token from az's own credential.
    func token(_ question: TokenQuestion) async throws(AzureTokenError) -> AzureToken {
        let answer = await ask(limit: patience) {
            .tokenRequest(
                id: $0, resource: question.resource, tenant: question.tenant, claims: question.claims,
                forceRefresh: !question.mayBeKept)
        }
        guard let answer else {
            throw AzureTokenError(
                hasEnded || Task.isCancelled ? .cancelled : .azFailed, source: "az",
                detail: hasEnded ? "az has gone" : "az did not answer")
        }
        if answer["type"]?.string == "tokenError" {
            throw AzureTokenError(
                Self.kind(answer["kind"]?.string), source: "az",
                detail: answer["message"]?.string ?? "it gave no reason", advice: "run az login")
        }
        guard answer["type"]?.string == "token", let secret = answer["accessToken"]?.string, isTokenText(secret),
            let end = answer["expiresOn"]?.integer
        else {
            throw AzureTokenError(.azFailed, source: "az", detail: "its answer has no usable token")
        }
        let token = AzureToken(secret: secret, expiresAt: Double(end))
        guard !question.isRefused(token) else {
            throw AzureTokenError(
                .interactionRequired, source: "az", detail: "az returned the same token again, which Azure refused",
                advice: "run az login")
        }
        return token
    }

    private static func kind(_ name: String?) -> AzureTokenError.Kind {
        switch name {
        case "notSignedIn": .notSignedIn
        case "interactionRequired": .interactionRequired
        case "unreachable": .unreachable
        default: .azFailed
        }
    }

    /// Nil when az has gone, the task was cancelled or, with a limit, az did not answer in so many seconds.
    private func ask(limit: Double?, _ message: @Sendable (Int64) -> Message) async -> JSONValue? {
        lastID += 1
        let id = lastID
        open.insert(id)
        writer.send(message(id))
        defer {
            open.remove(id)
            early.removeValue(forKey: id)
        }
        guard let limit else { return await answer(id) }
        return await first(
            of: { await self.answer(id) },
            or: {
                try? await Task.sleep(for: .seconds(limit))
                return nil
            })
    }

    private func answer(_ id: Int64) async -> JSONValue? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let answer = early.removeValue(forKey: id) {
                    continuation.resume(returning: answer)
                } else if hasEnded || Task.isCancelled {
                    continuation.resume(returning: nil)
                } else {
                    waiting[id] = continuation
                }
            }
        } onCancel: {
            Task { await self.forget(id) }
        }
    }

    private func forget(_ id: Int64) { waiting.removeValue(forKey: id)?.resume(returning: nil) }
}
