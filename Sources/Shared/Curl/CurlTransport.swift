package import HTTP

/// HTTP/2 over TLS, or HTTP/1.1 where the server has no other, through libcurl.
///
/// Each transport has its own connections and, from its first request until it is released, its own thread. A request
/// is written at most once. Redirects are never followed.
package final class CurlTransport: HTTPTransport {
    private let plan: CurlPlan
    private let noProxy: NoProxyList
    private let observer: (any HTTPObserver)?
    private let engine: CurlEngine

    /// - Parameters:
    ///   - userAgent: sent as it is, without characters that a header may not hold.
    ///   - observer: told of every request that was a valid one, also of those that failed.
    ///   - streams: requests at a time on one HTTP/2 connection. At the lower number the next of
    ///     `settings.connectionsPerHost` is opened; until all stand, and once all are full, each may carry as many as
    ///     the upper number and the server allow. What is above that waits.
    package convenience init(
        settings: TransportSettings, userAgent: String, observer: (any HTTPObserver)? = nil,
        streams: ClosedRange<Int> = 8...8
    ) {
        let agent = String(
            String.UnicodeScalarView(userAgent.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }))
        self.init(
            plan: CurlPlan(settings: settings, userAgent: agent, streams: streams),
            observer: observer)
    }

    init(plan: CurlPlan, observer: (any HTTPObserver)?) {
        self.plan = plan
        self.observer = observer
        noProxy = NoProxyList(plan.settings.noProxy)
        engine = CurlEngine(plan: plan)
    }

    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        guard let parts = URLParts(request.url) else {
            throw TransportError(
                kind: .badURL, origin: "(no origin)", detail: "an absolute http or https URL is needed",
                mayHaveBeenSent: false)
        }
        let route = CurlRoute(parts, verbatim: request.url, settings: plan.settings, noProxy: noProxy)
        let start = ContinuousClock.now
        let delivery = await deliver(request, route, start)
        observer?.exchangeEnded(Self.exchange(request, delivery, seconds: start.duration(to: .now) / .seconds(1)))
        return try delivery.result.get()
    }

    package func withNewConnection() -> any HTTPTransport {
        var plan = plan
        plan.settings.connectionsPerHost = 1
        plan.onlyOneConnection = true
        return CurlTransport(plan: plan, observer: observer)
    }

    private func deliver(
        _ request: HTTPRequest, _ route: CurlRoute, _ start: ContinuousClock.Instant
    ) async -> CurlDelivery {
        let ticket = CurlTicket()
        let mailbox = engine.mailbox
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                engine.submit(
                    CurlJob(request: request, route: route, start: start, ticket: ticket, continuation: continuation))
            }
        } onCancel: {
            ticket.cancel()
            mailbox.announceCancellation()
        }
    }

    private static func exchange(_ request: HTTPRequest, _ delivery: CurlDelivery, seconds: Double) -> HTTPExchange {
        HTTPExchange(
            method: request.method, url: RedactedURL.show(request.url, secret: request.urlIsSecret),
            attempt: request.attempt, outcome: delivery.result.map(\.status), bytesSent: delivery.bytesSent,
            bytesReceived: delivery.bytesReceived, seconds: seconds)
    }
}
