import HTTP

#if CRASH_POINTS
    import CrashPoints
    import FoundationEssentials
#endif

/// The places where tests end a process; in a release build there is nothing of it.
enum Points {
    #if CRASH_POINTS
        private static let ofThisProcess = CrashPoints.named(in: ProcessInfo.processInfo.environment)

        static func pass(_ name: String) { ofThisProcess?.pass(name) }

        static func around(_ transport: any HTTPTransport) -> any HTTPTransport {
            guard let ofThisProcess else { return transport }
            return CrashingTransport(transport, points: ofThisProcess)
        }
    #else
        @inline(__always) static func pass(_ name: StaticString) {}
        @inline(__always) static func around(_ transport: any HTTPTransport) -> any HTTPTransport { transport }
    #endif
}
