/// Opens the connections of a program: libcurl's, or those of a test.
package protocol TransportOpener: Sendable {
    /// - Parameters:
    ///   - userAgent: sent as it is with every request.
    ///   - observer: told of every request; nil for none.
    ///   - streams: requests at a time on one HTTP/2 connection: so many before the next connection is opened, and so
    ///     many at most.
    func open(
        _ settings: TransportSettings, userAgent: String, observer: (any HTTPObserver)?, streams: ClosedRange<Int>
    ) -> any HTTPTransport
}

extension TransportOpener {
    /// A transport for few requests at a time.
    package func open(
        _ settings: TransportSettings, userAgent: String, observer: (any HTTPObserver)?
    ) -> any HTTPTransport {
        open(settings, userAgent: userAgent, observer: observer, streams: 8...8)
    }
}
