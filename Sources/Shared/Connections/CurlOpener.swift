import Curl
import HTTP

/// libcurl's connections, with the points of a debug build around them.
struct CurlOpener: TransportOpener {
    func open(
        _ settings: TransportSettings, userAgent: String, observer: (any HTTPObserver)?, streams: ClosedRange<Int>
    ) -> any HTTPTransport {
        Points.around(
            CurlTransport(settings: settings, userAgent: userAgent, observer: observer, streams: streams))
    }
}
