extension HTTPTransport {
    /// Sends until the policy is content, and gives the last answer or throws the last error.
    ///
    /// - Parameters:
    ///   - repeatability: nil takes it from the method: GET is repeatable, nothing else is.
    ///   - sleep: waits for seconds; throws only when the task is cancelled.
    package func sendRetrying(
        _ request: HTTPRequest, _ repeatability: RetryPolicy.Repeatability? = nil, policy: RetryPolicy = RetryPolicy(),
        random: @Sendable () -> Double = { Double.random(in: 0..<1) },
        sleep: @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    ) async throws(TransportError) -> HTTPResponse {
        let repeatability = repeatability ?? (request.method == .get ? .repeatable : .onlyIfUnsent)
        var request = request
        var wasSent = false
        while true {
            let outcome: Result<HTTPResponse, TransportError>
            do throws(TransportError) {
                outcome = .success(try await send(request))
            } catch {
                // The error of the last try speaks for all of them.
                wasSent = wasSent || error.mayHaveBeenSent
                outcome = .failure(error.with(mayHaveBeenSent: wasSent))
            }
            let decision = policy.decide(repeatability, attempt: request.attempt, outcome: outcome, random: random())
            guard case .retry(let seconds) = decision else { return try outcome.get() }
            do {
                try await sleep(seconds)
            } catch {
                throw Self.cancelledWhileWaiting(request, after: outcome)
            }
            if case .success = outcome { wasSent = true }
            request.attempt += 1
        }
    }

    /// An answer, or an error after sending, leaves the server with at least one copy of the request.
    private static func cancelledWhileWaiting(
        _ request: HTTPRequest, after outcome: Result<HTTPResponse, TransportError>
    ) -> TransportError {
        let sent =
            switch outcome {
            case .success: true
            case .failure(let error): error.mayHaveBeenSent
            }
        return TransportError(
            kind: .cancelled, origin: URLParts(request.url)?.origin ?? "", detail: "while waiting to send it again",
            mayHaveBeenSent: sent)
    }
}

extension TransportError {
    fileprivate func with(mayHaveBeenSent: Bool) -> TransportError {
        TransportError(kind: kind, origin: origin, detail: detail, mayHaveBeenSent: mayHaveBeenSent)
    }
}
