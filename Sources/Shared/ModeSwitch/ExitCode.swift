/// The process's exit codes. Scripts depend on them: they never change their meaning. The help of both front ends and
/// the documents take the texts from here.
package enum ExitCode: Int32, Sendable, Codable, Hashable, CaseIterable {
    case done = 0
    case failed = 1
    case usage = 2
    case refused = 3
    case interrupted = 4
    case doneWithFailures = 5
    case stoppedInPlaintext = 6

    /// What it says of the cluster, as a clause.
    package var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed, nothing plaintext"
        case .usage: "usage"
        case .refused: "refused before the first change"
        case .interrupted: "interrupted or unknown, resumable"
        case .doneWithFailures: "done, but some Secrets were not rewritten"
        case .stoppedInPlaintext: "stopped while Secrets are or may be plaintext"
        }
    }

    /// The verdict of a run that ends with it.
    package var verdict: String {
        switch self {
        case .done, .doneWithFailures: "done"
        case .interrupted: "unknown"
        case .failed, .usage, .refused, .stoppedInPlaintext: "not done"
        }
    }

    /// A line for each.
    package static var list: String {
        allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n")
    }

    /// All of them in one sentence.
    package static var sentence: String {
        "Exit codes: " + allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: "; ") + "."
    }
}
