extension HTTPTransport {
    /// Sends a request until its outcome is the caller's: the one loop of all clients, each with a rule of its own.
    ///
    /// - Parameters:
    ///   - sleep: waits for a number of seconds.
    ///   - delay: seconds to wait before it is sent again; nil where the caller gets the outcome. It is told how often
    ///     the request has been sent, from 1.
    package func send(
        _ request: HTTPRequest, sleep: (Double) async throws -> Void,
        delay: (Result<HTTPResponse, TransportError>, _ attempt: Int) -> Double?
    ) async throws(TransportError) -> HTTPResponse {
        var request = request
        while true {
            let outcome: Result<HTTPResponse, TransportError>
            do throws(TransportError) {
                outcome = .success(try await send(request))
            } catch {
                outcome = .failure(error)
            }
            guard let seconds = delay(outcome, request.attempt) else { return try outcome.get() }
            request.attempt += 1
            if seconds > 0 {
                do { try await sleep(seconds) } catch {
                    let origin = URLParts(request.url)?.origin ?? ""
                    // What was sent before the wait may have arrived.
                    throw TransportError(
                        kind: .cancelled, origin: origin, detail: "while waiting", mayHaveBeenSent: true)
                }
            }
        }
    }
}
