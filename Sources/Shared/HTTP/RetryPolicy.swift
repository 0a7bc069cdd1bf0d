/// Decides whether a request is sent again, and when. It waits for nothing and draws no random number itself.
package struct RetryPolicy: Sendable, Hashable {
    package enum Decision: Sendable, Hashable {
        /// Seconds to wait first.
        case retry(after: Double)
        /// What came is what the caller gets.
        case give
    }

    /// Whether sending twice does the same as sending once.
    package enum Repeatability: Sendable, Hashable {
        /// GET, and what the caller knows to be harmless, as a merge patch of `{}`.
        case repeatable
        /// Sent again only if it is certain that the server saw nothing of it, as for a PUT that starts an operation.
        case onlyIfUnsent
    }

    /// The first one included; 1 never repeats.
    package var maximumAttempts: Int
    /// The longest first wait, in seconds; it doubles with each attempt.
    package var firstDelay: Double
    /// Seconds that no wait of our own exceeds.
    package var longestDelay: Double
    /// A server that asks for more seconds than this is not waited for: the caller gets its answer.
    package var longestRetryAfter: Double

    package init(
        maximumAttempts: Int = 6, firstDelay: Double = 0.5, longestDelay: Double = 30, longestRetryAfter: Double = 300
    ) {
        self.maximumAttempts = maximumAttempts
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.longestRetryAfter = longestRetryAfter
    }

    /// - Parameters:
    ///   - attempt: how many times it has been sent, from 1.
    ///   - random: from 0 up to 1, for full jitter; asked for only where there is a wait.
    package func decide(
        _ repeatability: Repeatability, attempt: Int, outcome: Result<HTTPResponse, TransportError>,
        random: @autoclosure () -> Double
    ) -> Decision {
        guard attempt < maximumAttempts else { return .give }
        let ceiling = min(longestDelay, firstDelay * Double(1 << min(max(attempt - 1, 0), 30)))
        func backoff() -> Double { ceiling * min(max(random(), 0), 1) }
        switch outcome {
        case .failure(let error):
            guard Self.maySucceedLater(error.kind), repeatability == .repeatable || !error.mayHaveBeenSent else {
                return .give
            }
            return .retry(after: backoff())
        case .success(let response):
            guard repeatability == .repeatable, Self.asksToComeAgain(response) else { return .give }
            guard let asked = response.retryAfter else { return .retry(after: backoff()) }
            return asked > longestRetryAfter ? .give : .retry(after: max(asked, backoff()))
        }
    }

    private static func maySucceedLater(_ kind: TransportError.Kind) -> Bool {
        switch kind {
        case .couldNotResolve, .couldNotConnect, .tlsFailed, .proxyFailed, .timedOut, .connectionLost: true
        case .badURL, .certificateRefused, .bodyTooLarge, .cancelled, .other: false
        }
    }

    /// A plain 500 is a finding (an object that cannot be decrypted, say), not a busy server.
    private static func asksToComeAgain(_ response: HTTPResponse) -> Bool {
        switch response.status {
        case 408, 429, 502, 503, 504: true
        case 500: response.retryAfter != nil
        default: false
        }
    }
}
