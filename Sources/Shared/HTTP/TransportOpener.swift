/// Opens the connections of a program: libcurl's, or those of a test.
package protocol TransportOpener: Sendable {
    /// - Parameters:
    ///   - userAgent: sent as it is with every request.
    ///   - observer: told of every request; nil for none.
    ///   - streamsPerConnection: requests at a time on one HTTP/2 connection.
    func open(
        _ settings: TransportSettings, userAgent: String, observer: (any HTTPObserver)?, streamsPerConnection: Int
    ) -> any HTTPTransport
}

extension TransportOpener {
    /// A transport for few requests at a time.
    package func open(
        _ settings: TransportSettings, userAgent: String, observer: (any HTTPObserver)?
    ) -> any HTTPTransport {
        open(settings, userAgent: userAgent, observer: observer, streamsPerConnection: 8)
    }
}
