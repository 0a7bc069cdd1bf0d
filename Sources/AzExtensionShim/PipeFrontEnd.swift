import Commands
import Console
import FoundationEssentials
import JSON
import ModeSwitch
import Plan
import Report
import Usage

/// az, which shows everything itself.
struct PipeFrontEnd: FrontEnd {
    let writer: MessageWriter
    let conversation: Conversation
    /// The words of az's own commands, with the cluster that was named to it.
    let style: CommandStyle
    let yes: Bool

    func begin(_ state: ProgressState) -> any ProgressView { Self.view(state, writer) }

    static func view(
        _ state: ProgressState, _ writer: MessageWriter,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) -> EventStream {
        EventStream(state, now: now) { item in
            let message = Message.progress(event: item.event, line: item.line)
            if item.isImportant { writer.send(message) } else { writer.sendUnlessFull(message) }
        }
    }

    var asks: Bool { !yes }

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
