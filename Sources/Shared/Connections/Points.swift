package import HTTP

#if CRASH_POINTS
    import CrashPoints
    import FoundationEssentials
#endif

/// The places where tests end a process; in a release build there is nothing of it.
package enum Points {
    #if CRASH_POINTS
        private static let ofThisProcess = CrashPoints.named(in: ProcessInfo.processInfo.environment)

        package static func pass(_ name: String) { ofThisProcess?.pass(name) }

        package static func around(_ transport: any HTTPTransport) -> any HTTPTransport {
            guard let ofThisProcess else { return transport }
            return CrashingTransport(transport, points: ofThisProcess)
        }
    #else
        @inline(__always) package static func pass(_ name: StaticString) {}
        @inline(__always) package static func around(_ transport: any HTTPTransport) -> any HTTPTransport { transport }
    #endif
}
