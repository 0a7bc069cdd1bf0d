import FoundationEssentials
package import JSON
import ModeSwitch
package import Report
import Synchronization

/// Gives the events of one piece of work to a program: those that change a count at most four times a second.
package final class EventStream: ProgressView {
    /// An event for a program.
    package struct Item: Sendable {
        /// As `RunEvent.document` makes it.
        package let event: JSONValue
        /// The same for people; nil before there is anything to say.
        package let line: String?
        /// Whether it must not be left out, however slow the reader is.
        package let isImportant: Bool
    }

    private struct State: Sendable {
        var progress: ProgressState
        var lastSent = -Double.infinity
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Double
    private let send: @Sendable (Item) -> Void

    /// - Parameter now: seconds since 1970.
    package init(
        _ progress: ProgressState, now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
        send: @escaping @Sendable (Item) -> Void
    ) {
        state = Mutex(State(progress: progress))
        self.now = now
        self.send = send
    }

    package func take(_ event: RunEvent) {
        let now = now()
        let item: Item? = state.withLock { state in
            state.progress.apply(event, now: now)
            let isImportant: Bool
            switch event {
            case .operation, .sampling, .pass, .admission, .migration, .soaking:
                guard now - state.lastSent >= 0.25 else { return nil }
                state.lastSent = now
                isImportant = false
            case .warning, .secretFailed: isImportant = true
            case .began, .step, .note, .trace: isImportant = false
            }
            return Item(
                event: event.document(title: state.progress.title, now: now), line: state.progress.line(now: now),
                isImportant: isImportant)
        }
        if let item { send(item) }
    }

    package func keepDrawing() async {}

    package func end() {}
}

/// Shows the same work in two places.
package struct TwoViews: ProgressView {
    private let first: any ProgressView
    private let second: any ProgressView

    package init(_ first: any ProgressView, _ second: any ProgressView) {
        self.first = first
        self.second = second
    }

    package func take(_ event: RunEvent) {
        first.take(event)
        second.take(event)
    }

    package func keepDrawing() async {
        async let drawing: Void = first.keepDrawing()
        await second.keepDrawing()
        await drawing
    }

    package func end() {
        first.end()
        second.end()
    }
}
