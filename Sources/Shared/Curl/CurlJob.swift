internal import HTTP
internal import Synchronization

/// One transfer on its way from a task to the thread that owns libcurl. A class, since it is handed on several times,
/// and each copy would retain a dozen strings and arrays.
final class CurlJob: Sendable {
    let request: HTTPRequest
    let route: CurlRoute
    let start: ContinuousClock.Instant
    let ticket: CurlTicket
    let continuation: CheckedContinuation<CurlDelivery, Never>

    init(
        request: HTTPRequest, route: CurlRoute, start: ContinuousClock.Instant, ticket: CurlTicket,
        continuation: CheckedContinuation<CurlDelivery, Never>
    ) {
        self.request = request
        self.route = route
        self.start = start
        self.ticket = ticket
        self.continuation = continuation
    }

    func end(_ delivery: CurlDelivery) { continuation.resume(returning: delivery) }

    func end(unsent kind: TransportError.Kind, _ detail: String) {
        let error = TransportError(kind: kind, origin: route.origin, detail: detail, mayHaveBeenSent: false)
        end(CurlDelivery(result: .failure(error), bytesSent: 0, bytesReceived: 0))
    }

    /// Seconds that are left of the request's timeout; nil when it has none.
    func secondsLeft() -> Double? {
        request.timeout.map { $0 - start.duration(to: .now) / .seconds(1) }
    }
}

/// The identity of a job for its cancellation, which may come before the job does.
final class CurlTicket: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() { flag.store(true, ordering: .releasing) }
}

/// What the thread gives back.
struct CurlDelivery: Sendable {
    let result: Result<HTTPResponse, TransportError>
    let bytesSent: Int
    let bytesReceived: Int
}
