import AzureAccount
import HTTP

/// What became of a cluster that was busy.
package enum SettledCluster: Sendable {
    /// Neither the cluster nor a pool is at work any more; how it ended is in its provisioning state.
    case settled(ManagedCluster)
    /// The cluster does not exist (any more).
    case gone
    case unknown(OperationDoubt)
}

extension ManagedClusters {
    /// Reads a cluster until neither it nor a pool has an operation under way: the way to learn how an operation ended
    /// whose URL is not known, or of which ARM has forgotten.
    ///
    /// - Parameters:
    ///   - timeout: seconds; then the outcome is unknown.
    ///   - report: called with what is still at work.
    package func waitUntilSettled(
        _ id: AzureResourceID, timeout: Double, report: @Sendable (_ busyParts: [String]) -> Void
    ) async -> SettledCluster {
        let start = arm.time.monotonic()
        var wait = 10.0
        while true {
            do throws(ARMError) {
                let cluster = try await get(id)
                let busy = cluster.busyParts
                if busy.isEmpty { return .settled(cluster) }
                report(busy)
            } catch {
                switch error.kind {
                case .notFound: return .gone
                case .cancelled: return .unknown(.interrupted)
                case .notSent(let transport) where !transport.kind.mayPass: return .unknown(.refused(error))
                case .notSent, .noAnswer, .serverUnavailable, .throttled: break
                default: return .unknown(.refused(error))
                }
            }
            let left = timeout - (arm.time.monotonic() - start)
            guard left > 0 else { return .unknown(.timedOut(seconds: timeout)) }
            do { try await arm.time.sleep(min(wait, max(left, 1))) } catch { return .unknown(.interrupted) }
            wait = min(wait + 5, 30)
        }
    }
}

extension TransportError.Kind {
    /// Whether trying again later may help.
    var mayPass: Bool {
        switch self {
        case .couldNotConnect, .couldNotResolve, .timedOut, .connectionLost, .tlsFailed, .proxyFailed, .other: true
        case .badURL, .certificateRefused, .bodyTooLarge, .cancelled: false
        }
    }
}
