import Commands
import Connections
import Console
import JSON
import ModeSwitch
import Plan
import Platform
import Report
import Text
import Usage

/// A terminal, or what stands in for one in a script: results on stdout, everything else on stderr.
struct TerminalFrontEnd: FleetFrontEnd {
    let output: OutputOptions
    let surroundings: Surroundings
    /// Whether `--yes` was given, and whether the cluster was named in full.
    var yes = false
    var isNamed = false
    /// Whether a signal asks to stop.
    var isInterrupted: @Sendable () -> Bool = { false }

    func begin(_ state: ProgressState) -> any ProgressView {
        let environment = surroundings.environment
        let shown = TerminalProgress(
            state, terminal: { Terminal.of(2, environment: environment) }, verbosity: output.shown)
        guard output.format == .jsonl else { return shown }
        return TwoViews(shown, EventStream(state) { TextWriter.standardOutput.write(jsonLine($0.event)) })
    }

    var asks: Bool { !yes }

    /// Asks on the terminal; without one, `--yes` with the cluster's full name is the answer.
    func agrees(to plan: SwitchPlan, _ intent: Intent) throws -> Bool {
        if yes {
            guard surroundings.isInteractive || isNamed else {
                throw SubjectError(
                    .usage, "without a terminal, --yes needs --resource-group and --name", next: "name the cluster")
            }
            return true
        }
        guard surroundings.isInteractive else {
            throw SubjectError(
                .usage, "this is not a terminal, so the plan cannot be confirmed",
                next: "add --yes, --resource-group and --name")
        }
        say(Confirmation.prompt(plan, intent))
        return Confirmation.agrees(answer(), to: intent)
    }

    /// The same for many clusters: their number is the answer, since nobody types all their names.
    func agrees(to plan: FleetPlan) throws -> Bool {
        if yes {
            guard surroundings.isInteractive || isNamed else {
                throw SubjectError(
                    .usage, "without a terminal, --yes needs --all-in, or the --plan-id that --dry-run printed",
                    next: "name the clusters, or the plan")
            }
            return true
        }
        guard surroundings.isInteractive else {
            throw SubjectError(
                .usage, "this is not a terminal, so the plan cannot be confirmed",
                next: "add --yes, and --all-in or the --plan-id that --dry-run printed")
        }
        say(plan.prompt)
        return plan.agrees(answer())
    }

    func begin(_ state: ProgressState, on cluster: String) -> any ProgressView {
        let shown = MemberProgress(state, cluster: cluster, verbosity: output.shown)
        guard output.format == .jsonl else { return shown }
        return TwoViews(
            shown,
            EventStream(state) { item in
                guard case .object(var members) = item.event else { return }
                members["cluster"] = .string(cluster)
                TextWriter.standardOutput.write(jsonLine(.object(members)))
            })
    }

    /// A line from the terminal; nil after a signal, which does not wake whoever waits in read(2).
    private func answer() -> String? {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while !isInterrupted() {
            if poll(&input, 1, 100) == 1 { return readLine() }
        }
        TextWriter.standardError.write("\n")
        return nil
    }

    func show(_ result: any Presentable, _ outcome: CommandOutcome) throws {
        let text = try render(
            result, as: output.format, exitCode: outcome.exitCode, secretsAtRest: outcome.secretsAtRest,
            width: output.width(surroundings))
        let isWritten = StandardOutput.take(output.format == .table ? emphasized(text, on: terminal(1)) : text)
        if let problem = outcome.problem { write(problem) }
        if let line = outcome.lastLine { tell(Advice(line)) }
        guard isWritten else { throw OutputError(outcome) }
    }

    func declined() { tell("Nothing was changed.") }

    func tell(_ text: Advice) {
        say(text.text(for: .kubectl) + "\n")
    }

    func warn(_ text: String) { tell("warning: \(text.printable())") }

    /// On stderr and, where a document was asked for, on stdout.
    func fail(_ failure: CommandFailure) {
        write(failure.problem)
        guard output.format != .table,
            let text = try? render(failure, as: output.format, exitCode: failure.exitCode, secretsAtRest: .unknown)
        else { return }
        TextWriter.standardOutput.write(text)
    }

    private func write(_ problem: RunReport.Problem) {
        for line in problem.lines(for: .kubectl) { tell(Advice(line)) }
    }

    private func say(_ text: String) {
        let terminal = terminal(2)
        TextWriter.standardError.write(emphasized(folded(text, to: terminal.columns), on: terminal))
    }

    private func terminal(_ descriptor: Int32) -> Terminal {
        Terminal.of(descriptor, environment: surroundings.environment)
    }
}
