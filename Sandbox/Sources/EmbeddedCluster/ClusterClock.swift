import Foundation
import Synchronization

/// The time that the cluster lives by.
public protocol ClusterClock: Sendable {
    /// Seconds since 1970.
    func now() -> Double
    func sleep(seconds: Double) async throws
}

public struct SystemClock: ClusterClock {
    public init() {}
    public func now() -> Double { Date().timeIntervalSince1970 }
    public func sleep(seconds: Double) async throws { try await Task.sleep(for: .seconds(seconds)) }
}

/// A clock that only its owner moves; sleeping moves it, too, so that nothing ever waits.
public final class ManualClock: ClusterClock {
    private let time: Mutex<Double>

    public init(_ start: Double = 1_700_000_000) { time = Mutex(start) }
    public func now() -> Double { time.withLock { $0 } }
    public func advance(by seconds: Double) { time.withLock { $0 += seconds } }
    public func sleep(seconds: Double) async throws { advance(by: seconds) }
}

/// RFC 3339 in UTC without fractions, as `metav1.Time` is written.
func timestamp(_ seconds: Double) -> String {
    Date(timeIntervalSince1970: seconds).formatted(.iso8601)
}

func seconds(ofTimestamp text: String) -> Double? {
    try? Date(text, strategy: .iso8601).timeIntervalSince1970
}

/// An age as kubectl's tables show it: two units at most while small, one when large.
func humanAge(_ seconds: Double) -> String {
    let total = Int(max(0, seconds))
    let (minutes, hours, days) = (total / 60, total / 3600, total / 86400)
    switch total {
    case ..<120: return "\(total)s"
    case ..<600: return total % 60 == 0 ? "\(minutes)m" : "\(minutes)m\(total % 60)s"
    case ..<10800: return "\(minutes)m"
    case ..<28800: return minutes % 60 == 0 ? "\(hours)h" : "\(hours)h\(minutes % 60)m"
    case ..<172_800: return "\(hours)h"
    case ..<691_200: return hours % 24 == 0 ? "\(days)d" : "\(days)d\(hours % 24)h"
    default: return "\(days)d"
    }
}
