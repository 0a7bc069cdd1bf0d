import AzureAccount
import AzureResources
package import Console
import JSON
import Journal
import KubeAPI
import Kubeconfig
package import ModeSwitch

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
        problem = Self.problem(error, Self.state(command))
        exitCode = Self.code(error, changes: command.changes)
    }

    private static func code(_ error: any Error, changes: Bool) -> ExitCode {
        if let subject = error as? SubjectError, subject.kind == .usage { return .usage }
        if let config = error as? KubeconfigError, config.problems.allSatisfy({ $0.kind == .badTimeout }) {
            return .usage
        }
        if error is RunInterrupted { return .interrupted }
        return changes ? .refused : .failed
    }

    /// Commands that go on with a run may find Secrets in any state, and have not come to see it.
    private static func state(_ command: CommandRequest.Command) -> String {
        command == .resume || command == .makeSafe
            ? "This command changed nothing. An unfinished run may have left Secrets PLAINTEXT in etcd: "
                + "kubectl kms-vault status tells."
            : "Nothing was changed."
    }

    private static func problem(_ error: any Error, _ state: String) -> RunReport.Problem {
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
