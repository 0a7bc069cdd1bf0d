import Files
import Text

/// A child process that could not be run to its end; a status other than 0 is no error of this type.
package struct ProcessError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// No such file, or none of that name in the folders searched.
        case notFound
        case notExecutable
        /// An argument or variable holds a NUL byte, or a variable's name is empty or holds `=`.
        case invalidArgument
        /// It was killed when its time was up.
        case timedOut(seconds: Double)
        /// It was killed because its task was cancelled.
        case cancelled
        /// It was killed because it printed more than was allowed.
        case outputTooLarge(limit: Int)
        case system(errno: Int32)
    }

    package let kind: Kind
    package let executable: String

    package init(_ kind: Kind, _ executable: String) {
        self.kind = kind
        self.executable = executable
    }

    package var description: String {
        let why =
            switch kind {
            case .notFound: "it was not found"
            case .notExecutable: "it is not executable"
            case .invalidArgument: "an argument or environment variable is malformed"
            case .timedOut(let seconds):
                "it did not end within \(Int64(exactly: seconds).map(String.init) ?? "\(seconds)") s and was killed"
            case .cancelled: "it was killed because the command was interrupted"
            case .outputTooLarge(let limit): "it printed more than \(limit) bytes and was killed"
            case .system(let code): systemText(code)
            }
        return "could not run \(executable.printable()): \(why)"
    }
}
