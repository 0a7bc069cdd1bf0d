import FoundationEssentials
import Plan
package import Report
import Synchronization
import Text

/// Shows work on one cluster of many as lines on stderr that name it: its steps, and what went wrong. The counts in a
/// step would drown the others.
package final class MemberProgress: ProgressView {
    private struct State: Sendable {
        var progress: ProgressState
        var lastLine: String?
    }

    private let cluster: String
    private let state: Mutex<State>
    private let writer: TextWriter
    private let verbosity: Verbosity
    private let now: @Sendable () -> Double

    /// - Parameter now: seconds since 1970.
    package init(
        _ progress: ProgressState, cluster: String, writer: TextWriter = .standardError,
        verbosity: Verbosity = .normal, now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        self.cluster = cluster.printable(limit: 80)
        state = Mutex(State(progress: progress))
        self.writer = writer
        self.verbosity = verbosity
        self.now = now
    }

    package func take(_ event: RunEvent) {
        let now = now()
        let line: String? = state.withLock { state in
            state.progress.apply(event, now: now)
            switch event {
            case .step:
                let line = state.progress.stepLine(now: now)
                guard line != state.lastLine else { return nil }
                state.lastLine = line
                return verbosity == .quiet ? nil : line
            case .warning(let text): return "warning: \(text.printable())"
            case .note(let text): return verbosity == .quiet ? nil : text.printable()
            case .trace(let level, let text):
                if case .traced(let wanted) = verbosity, level <= wanted { return text.printable(limit: 4096) }
                return nil
            default: return nil
            }
        }
        guard let line else { return }
        writer.write((rfc3339(now).map { $0 + " " } ?? "") + "\(cluster): \(line)\n")
    }

    package func keepDrawing() async {}
    package func end() {}
}

extension ProgressState {
    /// The step alone, as one line for a log of many clusters.
    fileprivate func stepLine(now: Double) -> String? {
        guard let title else { return nil }
        return title + (place.map { " [step \($0.step) of \($0.of)]" } ?? "")
            + (exposedSince == nil ? "" : " [Secrets exposed]")
    }
}
