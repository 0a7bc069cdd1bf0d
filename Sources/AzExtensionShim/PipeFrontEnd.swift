import Console
import FoundationEssentials
import JSON
import Live
import ModeSwitch
import Synchronization
import Usage

/// az, which shows everything itself.
struct PipeFrontEnd: FrontEnd {
    let writer: MessageWriter
    let conversation: Conversation
    /// The words of az's own commands, with the cluster that was named to it.
    let style: CommandStyle
    let yes: Bool

    func begin(_ state: ProgressState) -> any ProgressView { PipeProgress(state, writer) }

    func agrees(to plan: SwitchPlan, _ intent: Intent) async -> Bool {
        if yes { return true }
        return await conversation.confirm(Confirmation.summary(plan, intent).text(for: style))
    }

    func show(_ result: any Presentable, _ outcome: CommandOutcome) throws {
        let stamp: [String: JSONValue] = [
            "exitCode": .integer(Int64(outcome.exitCode.rawValue)),
            "secretsAtRest": .string(outcome.secretsAtRest.rawValue),
        ]
        // The result ends the conversation.
        if let line = outcome.lastLine { tell(Advice(line)) }
        writer.send(
            .result(
                try document(result, stamp, for: style), exitCode: outcome.exitCode.rawValue,
                problem: try outcome.problem.map { try document($0, for: style) }))
    }

    func declined() {
        writer.send(.failure("declined", "Operation cancelled.", next: "", .refused))
    }

    func tell(_ text: Advice) { writer.send(.note(text.text(for: style))) }

    func warn(_ text: String) { writer.send(.warning(text)) }

    func fail(_ failure: CommandFailure) {
        guard let problem = try? document(failure.problem, for: style) else { return }
        writer.send(.error(problem, exitCode: failure.exitCode.rawValue))
    }
}

/// Tells az of the events of one piece of work: those that change a count at most four times a second.
final class PipeProgress: ProgressView {
    private struct State: Sendable {
        var progress: ProgressState
        var lastSent = -Double.infinity
    }

    private let state: Mutex<State>
    private let writer: MessageWriter
    private let now: @Sendable () -> Double

    init(
        _ progress: ProgressState, _ writer: MessageWriter,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        state = Mutex(State(progress: progress))
        self.writer = writer
        self.now = now
    }

    func take(_ event: RunEvent) {
        let now = now()
        let message: Message? = state.withLock { state in
            state.progress.apply(event, now: now)
            switch event {
            case .operation, .sampling, .pass, .soaking:
                guard now - state.lastSent >= 0.25 else { return nil }
                state.lastSent = now
            case .step, .secretFailed, .note, .warning, .trace: break
            }
            return .progress(
                event: event.document(title: state.progress.title, now: now),
                line: state.progress.line(now: now))
        }
        guard let message else { return }
        switch event {
        case .warning, .secretFailed: writer.send(message)
        default: writer.sendUnlessFull(message)
        }
    }

    func keepDrawing() async {}

    func end() {}
}
