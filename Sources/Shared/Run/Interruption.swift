import Platform
package import SecretRewrite
import Synchronization

/// Signals, as a wish to stop: the first lets requests under way come to their end, the second leaves at once.
package final class Interruption: Sendable {
    /// For handlers, which can capture nothing.
    private static let received = Atomic<Int32>(0)

    /// Passes that run stop when this is requested.
    package let stop = StopSignal()

    private let end: ContinuousClock.Instant?
    /// Seconds; nil for none.
    package let limit: Double?
    private let asked = Mutex<String?>(nil)

    /// - Parameter limit: seconds after which the command is to end as if it had been asked to; nil for none.
    package init(limit: Double? = nil) {
        self.limit = limit
        end = limit.map { .now + .seconds($0) }
    }

    /// Takes SIGINT, SIGTERM and SIGHUP over and ignores SIGPIPE. Call once, before any work.
    package static func install() {
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                // A second signal: nothing may run any more but the exit itself.
                if Interruption.received.exchange(number, ordering: .relaxed) != 0 { _exit(4) }
            }
        }
    }

    /// Seconds that are left of the limit; nil where there is none.
    package var secondsLeft: Double? { end.map { max(0, ($0 - .now) / .seconds(1)) } }

    /// Asks to stop, as the first signal does; later reasons change nothing.
    package func request(_ reason: String) { asked.withLock { $0 = $0 ?? reason } }

    /// The name of the signal that came, that the time is up, or why it was asked to stop.
    package var reason: String? {
        if let asked = asked.withLock({ $0 }) { return asked }
        return switch Interruption.received.load(ordering: .relaxed) {
        case 0: end.flatMap { ContinuousClock.now > $0 ? "it took longer than \(limit ?? 0) s (--timeout)" : nil }
        case SIGINT: "interrupted (SIGINT)"
        case SIGHUP: "the terminal was closed (SIGHUP)"
        default: "asked to end (SIGTERM)"
        }
    }

    /// Whether a signal came, so that a second one leaves at once.
    package var isSignal: Bool { Interruption.received.load(ordering: .relaxed) != 0 }

    /// Sleeps, but wakes within a fifth of a second after an interruption.
    package func sleep(_ seconds: Double) async {
        let end = ContinuousClock.now + .seconds(max(0, seconds))
        while reason == nil, !Task.isCancelled, ContinuousClock.now < end {
            let left = (end - ContinuousClock.now) / .seconds(1)
            try? await Task.sleep(for: .seconds(min(0.2, max(left, 0.001))))
        }
    }

    /// Requests `stop` when there is a reason; runs until it does or the task is cancelled.
    package func watch() async {
        if await arrival() != nil { stop.request() }
    }

    /// Waits for a reason to stop; nil when the task is cancelled first.
    package func arrival() async -> String? {
        while !Task.isCancelled {
            if let reason { return reason }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }
}
