import AzureAccount
package import HTTP
import JSON

/// Decides, after each poll of an operation, whether and when to ask again. Pure: time and answers come in.
package struct OperationPolling: Sendable {
    /// What to do now.
    package enum Next: Sendable, Hashable {
        case wait(seconds: Double)
        case finished(OperationOutcome)
    }

    /// Monotonic seconds.
    private let start: Double
    private let timeout: Double
    private var unreadable = 0
    /// Seconds.
    static let shortestPace = 1.0
    private static let longestPace = 5.0
    /// What is known so far.
    package private(set) var progress: OperationProgress

    /// - Parameters:
    ///   - start: the monotonic time now, in seconds.
    ///   - timeout: seconds after which the outcome counts as unknown.
    package init(start: Double, timeout: Double) {
        self.start = start
        self.timeout = timeout
        progress = OperationProgress(stage: nil, elapsed: 0, trouble: nil)
    }

    /// Takes an answer of the operation's URL.
    package mutating func take(_ answer: HTTPResponse, at now: Double) -> Next {
        switch answer.status {
        // An answer without a body has no status to tell: what became of it, only the resource shows.
        case 204: return .finished(.gone)
        case 200..<300: return takeStatus(answer, at: now)
        case 404, 410: return .finished(.gone)
        case 408, 429, 500...:
            return wait(answer.retryAfter, trouble: "Azure answered \(answer.status)", at: now)
        default:
            return .finished(.unknown(.refused(ARMError(answer: answer, action: "GET the operation"))))
        }
    }

    /// Takes the failure of a poll.
    package mutating func take(_ error: ARMError, at now: Double) -> Next {
        switch error.kind {
        case .notSent(let transport), .noAnswer(let transport), .lostAnswer(let transport):
            if transport.kind == .cancelled { return .finished(.unknown(.interrupted)) }
            guard transport.kind.mayPass else { return .finished(.unknown(.refused(error))) }
            return wait(nil, trouble: transport.description, at: now)
        case .noToken(let token) where token.kind == .unreachable:
            return wait(nil, trouble: token.description, at: now)
        case .cancelled: return .finished(.unknown(.interrupted))
        default: return .finished(.unknown(.refused(error)))
        }
    }

    private mutating func takeStatus(_ answer: HTTPResponse, at now: Double) -> Next {
        if answer.status == 202 && answer.body.isEmpty {
            return wait(answer.retryAfter, trouble: nil, at: now)
        }
        let status: OperationStatus
        do {
            status = try OperationStatus(try JSONValue(parsing: answer.body))
        } catch {
            unreadable += 1
            guard unreadable < 5 else { return .finished(.unknown(.unreadable("\(error)"))) }
            return wait(answer.retryAfter, trouble: "\(error)", at: now)
        }
        unreadable = 0
        switch status.phase {
        case .succeeded: return .finished(.succeeded)
        case .failed(let error): return .finished(.failed(error))
        case .canceled(let error): return .finished(.canceled(error))
        case .running(let stage):
            progress = OperationProgress(stage: stage, elapsed: now - start, trouble: nil)
            return wait(answer.retryAfter, trouble: nil, at: now)
        }
    }

    /// Retry-After as asked, else 5 s: while KMS is off, what is seen late is time in plaintext. The bucket for polls,
    /// two a second, is shared by the whole subscription: so an operation is polled at most once in a fifth of the time
    /// that it has lasted, up to those 5 s.
    private mutating func wait(_ asked: Double?, trouble: String?, at now: Double) -> Next {
        let elapsed = now - start
        progress = OperationProgress(stage: progress.stage, elapsed: elapsed, trouble: trouble)
        let left = timeout - elapsed
        guard left > 0 else { return .finished(.unknown(.timedOut(seconds: timeout))) }
        let pace = min(elapsed / 5, Self.longestPace)
        return .wait(
            seconds: min(max(asked ?? Self.longestPace, pace, Self.shortestPace), max(left, Self.shortestPace)))
    }
}

extension TransportError.Kind {
    /// Whether trying again later may help.
    var mayPass: Bool {
        switch self {
        case .couldNotConnect, .couldNotResolve, .timedOut, .connectionLost, .tlsFailed, .proxyFailed, .other: true
        case .badURL, .certificateRefused, .bodyTooLarge, .cancelled: false
        }
    }
}
