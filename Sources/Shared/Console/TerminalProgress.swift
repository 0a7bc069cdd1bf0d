import FoundationEssentials
import ModeSwitch
package import Report
import SecretRewrite
import Synchronization
import Text

/// How much of a run is shown.
package enum Verbosity: Sendable, Hashable {
    /// Warnings only.
    case quiet
    case normal
    /// The level of `-v`: trace lines up to it.
    case traced(Int)
}

/// Shows a run on stderr: a live block on a terminal, plain lines elsewhere.
///
/// Lines that stay (steps that are over, warnings, failures) are written above the live block, which is drawn anew
/// below.
package final class TerminalProgress: ProgressView {
    private struct State: Sendable {
        var progress: ProgressState
        /// Lines of the live block that are on the screen now.
        var drawn = 0
        var lastDrawn = -Double.infinity
        var lastLine = -Double.infinity
        var lastTitle: String?
        /// When the step of that title began.
        var lastBegan: Double?
        var failures = FailureLines()
    }

    private let state: Mutex<State>
    private let writer: TextWriter
    private let terminal: @Sendable () -> Terminal
    private let verbosity: Verbosity
    private let now: @Sendable () -> Double

    /// - Parameters:
    ///   - terminal: asked at each drawing, since its width changes.
    ///   - now: seconds since 1970.
    package init(
        _ progress: ProgressState, writer: TextWriter = .standardError, terminal: @escaping @Sendable () -> Terminal,
        verbosity: Verbosity = .normal, now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        var progress = progress
        progress.start(now: now())
        state = Mutex(State(progress: progress))
        self.writer = writer
        self.terminal = terminal
        self.verbosity = verbosity
        self.now = now
    }

    package func take(_ event: RunEvent) {
        let terminal = terminal()
        let now = now()
        state.withLock { state in
            state.progress.apply(event, now: now)
            var text = ""
            for line in lasting(event, &state) { text += erased(&state) + self.line(line, terminal, now) }
            if verbosity != .quiet {
                text += terminal.isTerminal ? live(event, &state, terminal, now) : plain(event, &state, now)
            }
            if !text.isEmpty { writer.write(text) }
        }
    }

    /// Draws the live block anew, for the times in it. To be called a few times a second.
    package func tick() {
        let terminal = terminal()
        guard terminal.isTerminal, verbosity != .quiet else { return }
        let now = now()
        state.withLock { state in
            let text = redrawn(&state, terminal, now)
            if !text.isEmpty { writer.write(text) }
        }
    }

    /// Ticks until the task is cancelled.
    package func keepDrawing() async {
        while !Task.isCancelled {
            tick()
            do { try await Task.sleep(for: .milliseconds(250)) } catch { return }
        }
    }

    /// Takes the live block away, before anything else writes to the terminal.
    package func end() {
        state.withLock { state in
            let text = erased(&state) + rest(&state).map { line($0, terminal(), now()) }.joined()
            state.progress = state.progress.emptied()
            if !text.isEmpty { writer.write(text) }
        }
    }
}

extension TerminalProgress {
    /// Lines that stay, whatever stderr is.
    private func lasting(_ event: RunEvent, _ state: inout State) -> [String] {
        switch event {
        case .step: rest(&state)
        case .warning(let text): ["warning: \(text.printable())"]
        case .secretFailed(let failure, let detail):
            tells(&state) ? [words(failure, detail)] : []
        case .note(let text): verbosity == .quiet ? [] : [text.printable()]
        case .trace(let level, let text):
            if case .traced(let wanted) = verbosity, level <= wanted { [text.printable(limit: 4096)] } else { [] }
        default: []
        }
    }

    private func tells(_ state: inout State) -> Bool {
        switch verbosity {
        case .quiet: false
        case .normal: state.failures.tells()
        case .traced: true
        }
    }

    private func rest(_ state: inout State) -> [String] { [state.failures.end()].compactMap(\.self) }

    private func line(_ text: String, _ terminal: Terminal, _ now: Double) -> String {
        (terminal.isTerminal ? "" : timestamp(now)) + folded(text, to: terminal.columns) + "\n"
    }

    private func words(_ failure: SecretFailure, _ detail: String) -> String {
        let name = failure.name.map { "\(failure.namespace)/\($0)" } ?? "the Secrets of \(failure.namespace)"
        let cause = detail.isEmpty ? failure.cause : detail
        return "not rewritten: \(name.printable()): \(failure.outcome.rawValue), \(cause.printable())"
    }

    /// Steps stay on the screen when the next one begins; the block is drawn at most ten times a second.
    private func live(_ event: RunEvent, _ state: inout State, _ terminal: Terminal, _ now: Double) -> String {
        var text = ""
        if case .step = event, let title = state.progress.title, title != state.lastTitle {
            text += erased(&state)
            if let last = state.lastTitle, let began = state.lastBegan {
                text += "\(terminal.unicode ? "\u{2713}" : "done:") \(last)  \(duration(now - began))\n"
            }
            state.lastTitle = title
            state.lastBegan = state.progress.stepStartedAt
        } else if state.drawn > 0, now - state.lastDrawn < 0.1 {
            return text
        }
        return text + redrawn(&state, terminal, now)
    }

    /// A line a step, and at most one in ten seconds for what goes on in it.
    private func plain(_ event: RunEvent, _ state: inout State, _ now: Double) -> String {
        switch event {
        case .step:
            guard let title = state.progress.title, title != state.lastTitle else { return "" }
            state.lastTitle = title
        case .began, .operation, .sampling, .pass, .admission, .migration, .soaking:
            guard now - state.lastLine >= 10 else { return "" }
        case .secretFailed, .note, .warning, .trace: return ""
        }
        state.lastLine = now
        return state.progress.line(now: now).map { timestamp(now) + $0 + "\n" } ?? ""
    }

    /// A log has no other clock.
    private func timestamp(_ now: Double) -> String { rfc3339(now).map { $0 + " " } ?? "" }

    private func redrawn(_ state: inout State, _ terminal: Terminal, _ now: Double) -> String {
        let lines = state.progress.draw(on: terminal, now: now)
        let text = erased(&state) + lines.map { $0 + "\n" }.joined()
        state.drawn = lines.count
        state.lastDrawn = now
        return text
    }

    /// Moves the cursor to the block's first line and clears to the end of the screen.
    private func erased(_ state: inout State) -> String {
        defer { state.drawn = 0 }
        return state.drawn > 0 ? "\u{1B}[\(state.drawn)F\u{1B}[J" : ""
    }
}
