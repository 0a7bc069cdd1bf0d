import AzureAccount
import AzureResources
import Console
import Files
import JSON
import Journal
import KubeAPI
import Kubeconfig
import Live
import ModeSwitch

/// The end of a command with an exit code; what there was to say has been said.
struct CommandEnd: Error {
    let code: ModeSwitch.ExitCode
}

/// The one table from errors to exit codes and words.
enum Failure {
    /// Says what happened, on stderr and, where a document was asked for, on stdout.
    ///
    /// - Parameter changes: whether the command would have changed something; then an error before the run refuses it.
    static func end(_ error: any Error, command: String, changes: Bool, output: OutputOptions) -> CommandEnd {
        let problem = self.problem(error, command: command)
        let code = self.code(error, changes: changes)
        for line in problem.lines { TextWriter.standardError.write(line + "\n") }
        if output.format != .table {
            let document = FailureDocument(command: command, verdict: "not done", problem: problem)
            if let text = try? render(document, as: output.format, exitCode: code, secretsAtRest: .unknown) {
                TextWriter.standardOutput.write(text)
            }
        }
        return CommandEnd(code: code)
    }

    private static func code(_ error: any Error, changes: Bool) -> ModeSwitch.ExitCode {
        if let subject = error as? SubjectError, subject.kind == .usage { return .usage }
        if let config = error as? KubeconfigError, config.problems.allSatisfy({ $0.kind == .badTimeout }) {
            return .usage
        }
        if error is RunInterrupted { return .interrupted }
        return changes ? .refused : .failed
    }

    /// Commands that go on with a run may find Secrets in any state, and have not come to see it.
    private static func state(_ command: String) -> String {
        ["resume", "make-safe"].contains(command)
            ? "This command changed nothing. An unfinished run may have left Secrets PLAINTEXT in etcd: "
                + "kubectl kms-vault status tells."
            : "Nothing was changed."
    }

    private static func problem(_ error: any Error, command: String) -> RunReport.Problem {
        let state = state(command)
        switch error {
        case let error as SubjectError:
            return .init(id: id(error.kind), what: error.description, state: state, next: error.next)
        case let error as ARMError:
            return .init(id: "azure", what: "\(error.action): \(error.what)", state: state, next: next(error.advice))
        case let error as AzureTokenError:
            return .init(id: "azure-credential", what: error.what, state: state, next: next(error.advice))
        case let error as KubeError:
            return .init(id: "kubernetes", what: "\(error)", state: state, next: "kubectl get --raw /readyz")
        case let error as KubeconfigError:
            return .init(id: "kubeconfig", what: "\(error)", state: state, next: "kubectl config view")
        case let error as CredentialError:
            return .init(
                id: "kubernetes-credential", what: "\(error)", state: state,
                next: "kubectl get --raw /version shows whether kubectl itself can sign in")
        case let error as JournalError:
            return .init(id: "journal", what: "\(error)", state: state, next: "kubectl kms-vault status")
        case let error as RunInterrupted:
            return .init(id: "interrupted", what: "\(error)", state: state, next: "kubectl kms-vault status")
        default:
            return .init(id: "other", what: "\(error)", state: state, next: "kubectl kms-vault status")
        }
    }

    private static func next(_ advice: String) -> String {
        advice.isEmpty ? "az account show tells whether az is signed in; az login signs in anew" : advice
    }

    private static func id(_ kind: SubjectError.Kind) -> String {
        switch kind {
        case .usage: "usage"
        case .refused: "refused"
        case .preflight: "preflight"
        case .locked: "lock-held"
        case .unreachable: "api-server-unreachable"
        }
    }
}

/// What machines read when there is no result.
struct FailureDocument: Presentable {
    let command: String
    let verdict: String
    let problem: RunReport.Problem

    var sections: [Section] { problem.sections }
}
