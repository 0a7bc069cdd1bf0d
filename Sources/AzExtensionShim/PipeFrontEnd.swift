import Console
import FoundationEssentials
import JSON
import Live
import ModeSwitch
import Synchronization

/// az, which shows everything itself.
struct PipeFrontEnd: FrontEnd {
    let writer: MessageWriter
    let conversation: Conversation
    let words: AzWords
    let yes: Bool

    func begin(_ state: ProgressState) -> any ProgressView { PipeProgress(state, writer, words) }

    func agrees(to plan: SwitchPlan, _ intent: Intent) async -> Bool {
        if yes { return true }
        return await conversation.confirm(words.translated(Confirmation.summary(plan, intent)))
    }

    func show(_ result: any Presentable, _ outcome: CommandOutcome) throws {
        let stamp: [String: JSONValue] = [
            "exitCode": .integer(Int64(outcome.exitCode.rawValue)),
            "secretsAtRest": .string(outcome.secretsAtRest.rawValue),
        ]
        writer.send(
            .result(
                words.translated(try document(result, stamp)), exitCode: outcome.exitCode.rawValue,
                problem: try outcome.problem.map { words.translated(try document($0)) }))
    }

    func declined() {
        writer.send(.failure("declined", "Operation cancelled.", next: "", .refused))
    }

    func tell(_ text: String) { writer.send(.note(words.translated(text))) }

    func warn(_ text: String) { writer.send(.warning(words.translated(text))) }

    func fail(_ failure: CommandFailure) {
        guard let problem = try? document(failure.problem) else { return }
        writer.send(.error(words.translated(problem), exitCode: failure.exitCode.rawValue))
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
    private let words: AzWords
    private let now: @Sendable () -> Double

    init(
        _ progress: ProgressState, _ writer: MessageWriter, _ words: AzWords,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        state = Mutex(State(progress: progress))
        self.writer = writer
        self.words = words
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
                event: words.translated(event.document(title: state.progress.title, now: now)),
                line: state.progress.line(now: now).map(words.translated))
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
