package import Connections
package import Run
import Usage

/// What a front end was asked to do: one command, on which cluster, with which options.
package struct CommandRequest: Sendable {
    package enum Command: Sendable, Hashable {
        case status
        case preflight
        case switchMode(dryRun: Bool)
        case resume
        case makeSafe
        case rotate(dryRun: Bool)
        case migrate(dryRun: Bool)
        case rewriteSecrets(namespaces: [String]?, dryRun: Bool)
        case verify(patch: Bool)
        case list
        case history
        /// - Parameter run: its id or the beginning of it; nil for the newest.
        case report(run: String?)

        /// As people type it.
        package var name: String { typed.rawValue }

        private var typed: CommandName {
            switch self {
            case .status: .status
            case .preflight: .preflight
            case .switchMode: .switchMode
            case .resume: .resume
            case .makeSafe: .makeSafe
            case .rotate: .rotate
            case .migrate: .migrate
            case .rewriteSecrets: .rewriteSecrets
            case .verify: .verify
            case .list: .list
            case .history: .history
            case .report: .report
            }
        }

        /// Whether it ends with KMS on: where it is off and stays off, its exit code says so.
        var needsKMS: Bool {
            switch self {
            case .resume, .makeSafe, .switchMode(dryRun: false), .rotate(dryRun: false),
                .migrate(dryRun: false):
                true
            default: false
            }
        }

        /// Whether it changes the cluster. If so, an error before the run is a refusal (exit code 3).
        var changes: Bool {
            switch self {
            case .status, .list, .history, .report: false
            case .preflight, .switchMode, .resume, .makeSafe, .rotate, .migrate: true
            case .rewriteSecrets(_, let dryRun): !dryRun
            case .verify(let patch): patch
            }
        }

        /// Whether its result can be written as a page.
        package var hasPage: Bool {
            switch self {
            case .switchMode(dryRun: false), .resume, .makeSafe, .rotate(dryRun: false), .migrate(dryRun: false),
                .report:
                true
            default: false
            }
        }

        /// What it needs to know of the API server.
        var purpose: SubjectFinder.Purpose {
            switch self {
            case .status, .history, .report: .looking
            case .makeSafe: .rescuing
            case .resume, .switchMode(dryRun: false), .rotate(dryRun: false), .migrate(dryRun: false),
                .rewriteSecrets(_, dryRun: false), .verify(patch: true):
                .changing
            case .preflight, .list, .switchMode, .rotate, .migrate, .rewriteSecrets, .verify: .reading
            }
        }
    }

    package var command: Command
    package var selection: SubjectSelection
    package var options: RunOptions

    package init(_ command: Command, _ selection: SubjectSelection, _ options: RunOptions = RunOptions()) {
        self.command = command
        self.selection = selection
        self.options = options
    }
}
