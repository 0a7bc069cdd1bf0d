import AzureAccount
import AzureResources
import Connections
package import Console
import JSON
import Journal
import KubeAPI
import Kubeconfig
package import ModeSwitch
package import Report
import Usage

/// An error that leaves KMS off.
struct ExposedError: Error {
    let cause: any Error
    /// Whether it is known that KMS is off.
    let isCertain: Bool

    init(_ cause: any Error, isCertain: Bool) {
        self.cause = cause
        self.isCertain = isCertain
    }

    fileprivate var state: Advice {
        isCertain
            ? "KMS is off: Secrets are, or may be, PLAINTEXT in etcd. This command changed nothing."
            : "If KMS is off, Secrets are, or may be, PLAINTEXT in etcd. This command changed nothing."
    }
}

/// Why a command has no result: the one table from errors to exit codes and words.
package struct CommandFailure: Presentable {
    package let command: String
    package let verdict = "not done"
    package let problem: RunReport.Problem
    package let exitCode: ExitCode

    package var sections: [Section] { problem.sections }

    private enum CodingKeys: String, CodingKey { case command, verdict, problem }

    init(_ error: any Error, _ command: CommandRequest.Command) {
        self.command = command.name
        if let exposed = error as? ExposedError {
            problem = Self.problem(exposed.cause, exposed.state)
            exitCode = .stoppedInPlaintext
        } else {
            problem = Self.problem(error, Self.state(error, command))
            exitCode = Self.code(error, changes: command.changes)
        }
    }

    private static func code(_ error: any Error, changes: Bool) -> ExitCode {
        if let subject = error as? SubjectError, subject.kind == .usage { return .usage }
        if let config = error as? KubeconfigError, config.problems.allSatisfy({ $0.kind == .badTimeout }) {
            return .usage
        }
        if error is RunInterrupted { return .interrupted }
        // What was asked for is lost, but a worse end stays one.
        if let output = error as? OutputError {
            return output.outcome.exitCode == .done ? .failed : output.outcome.exitCode
        }
        return changes ? .refused : .failed
    }

    /// Commands that go on with a run may find Secrets in any state, and have not come to see it. Where another run
    /// came later, this machine's own says nothing of them any more.
    private static func state(_ error: any Error, _ command: CommandRequest.Command) -> Advice {
        if case .overtaken? = (error as? JournalError)?.kind { return "Nothing was changed." }
        return command == .resume || command == .makeSafe
            ? """
            This command changed nothing. An unfinished run may have left Secrets PLAINTEXT in etcd: \
            \(ShellCommand.own(.status)) tells.
            """
            : "Nothing was changed."
    }

    private static func problem(_ error: any Error, _ state: Advice) -> RunReport.Problem {
        switch error {
        case let error as SubjectError:
            // There is no legacy KMS that an unfinished run could have left off.
            let state: Advice = [.newExperience, .neverOn].contains(error.kind) ? "Nothing was changed." : state
            return problem(id(error.kind), what: error.description, state: state, next: error.next)
        case let error as ARMError:
            // Who cannot be reached says nothing of the sign-in.
            if case .noToken(let token) = error.kind, token.kind != .unreachable { return problem(token, state) }
            return problem(
                .azure, what: "\(error.action): \(error.what)", state: state,
                next: error.advice.isEmpty ? Advice(.own(.status)) : Advice(error.advice))
        case let error as AzureTokenError: return problem(error, state)
        case let error as KubeError:
            return problem(.kubernetes, what: "\(error)", state: state, next: "kubectl get --raw /readyz")
        case let error as KubeconfigError:
            return problem(.kubeconfig, what: "\(error)", state: state, next: "kubectl config view")
        case let error as CredentialError:
            return problem(
                .kubernetesCredential, what: "\(error)", state: state,
                next: "kubectl get --raw /version shows whether kubectl itself can sign in")
        case let error as JournalError:
            return problem(.journal, what: "\(error)", state: state, next: Advice(.own(.status)))
        case let error as OutputError:
            return problem(
                .output, what: "\(error)",
                state: "The command itself ended as: \(error.outcome.exitCode.meaning). What it did stands.",
                next: "Free the disk or choose another file. \(ShellCommand.own(.report)) shows the last run again")
        case let error as RunInterrupted:
            return problem(.interrupted, what: "\(error)", state: state, next: Advice(.own(.status)))
        default:
            return problem(.other, what: "\(error)", state: state, next: Advice(.own(.status)))
        }
    }

    private static func problem(_ id: FailureID, what: String, state: Advice, next: Advice) -> RunReport.Problem {
        RunReport.Problem(id: id.rawValue, what: what, state: state, next: next)
    }

    private static func problem(_ error: AzureTokenError, _ state: Advice) -> RunReport.Problem {
        let next = error.advice.isEmpty ? "az account get-access-token shows what az says of it" : error.advice
        return problem(.azureCredential, what: error.what, state: state, next: Advice(next))
    }

    private static func id(_ kind: SubjectError.Kind) -> FailureID {
        switch kind {
        case .usage: .usage
        case .refused: .refused
        case .preflight: .preflight
        case .locked: .lockHeld
        case .unreachable: .apiServerUnreachable
        case .newExperience: .newKMSExperience
        case .unknownKMS: .unknownKMS
        case .neverOn: .refused
        }
    }
}
