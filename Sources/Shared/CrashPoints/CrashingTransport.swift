#if CRASH_POINTS
    package import HTTP

    /// A transport with a point before each request is sent and one after its answer came, named by the request's
    /// class.
    package struct CrashingTransport: HTTPTransport {
        private let base: any HTTPTransport
        private let points: CrashPoints

        package init(_ base: any HTTPTransport, points: CrashPoints) {
            self.base = base
            self.points = points
        }

        package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            let kind = RequestClass(request).rawValue
            points.pass("\(kind)-send")
            let response = try await base.send(request)
            points.pass("\(kind)-answered")
            return response
        }

        package func withNewConnection() -> any HTTPTransport {
            CrashingTransport(base.withNewConnection(), points: points)
        }
    }

#endif
