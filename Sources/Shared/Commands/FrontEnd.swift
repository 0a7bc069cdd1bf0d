package import Console
package import ModeSwitch
package import Plan
package import Report
package import Usage

/// How a command ended, beside what it shows.
package struct CommandOutcome: Sendable, Hashable {
    package var exitCode: ExitCode
    package var secretsAtRest: SecretsAtRest
    /// What went wrong in a run that has a report all the same.
    package var problem: RunReport.Problem?
    /// What a person is to see last; nil where the result says it all.
    package var lastLine: String?

    package init(
        _ exitCode: ExitCode, _ secretsAtRest: SecretsAtRest, problem: RunReport.Problem? = nil, lastLine: String? = nil
    ) {
        self.exitCode = exitCode
        self.secretsAtRest = secretsAtRest
        self.problem = problem
        self.lastLine = lastLine
    }
}

/// A result that could not be written, on a full disk for example.
package struct OutputError: Error, Sendable, CustomStringConvertible {
    /// How the command ended all the same.
    package let outcome: CommandOutcome

    package init(_ outcome: CommandOutcome) { self.outcome = outcome }

    package var description: String { "the result could not be written to standard output" }
}

/// Who stands between a command and the person: a terminal under kubectl, or az behind a pipe.
///
/// A front end words nothing and decides nothing: what is shown is the same in all of them.
package protocol FrontEnd: Sendable {
    /// Begins to show work; what it returns takes the work's events.
    func begin(_ state: ProgressState) -> any ProgressView
    /// Whether a person is asked before a plan is carried out, who is to know then all that preflight found.
    var asks: Bool { get }
    /// Whether the person wants the plan carried out.
    ///
    /// - Throws: `SubjectError` of the kind `usage` where nobody can be asked.
    func agrees(to plan: SwitchPlan, _ intent: Intent) async throws -> Bool
    /// Says that nothing was changed, since the person did not agree. The command ends after that.
    func declined()
    /// Shows the result.
    ///
    /// - Throws: `OutputError` where it could not be written.
    func show(_ result: any Presentable, _ outcome: CommandOutcome) throws
    /// Says something beside the result.
    func tell(_ text: Advice)
    /// The same, of what may go wrong.
    func warn(_ text: String)
    /// Says why there is no result.
    func fail(_ failure: CommandFailure)
}
