import Commands
import Console
import ModeSwitch
import Platform

/// The end of a command with an exit code; what there was to say has been said.
struct CommandEnd: Error {
    let code: ModeSwitch.ExitCode
}

/// Standard output, where results go and nothing else.
enum StandardOutput {
    /// Whether the text was taken. A pipe that nobody reads any more took it: `head` ends so.
    static func take(_ text: String) -> Bool { TextWriter.standardOutput.write(text) || errno == EPIPE }

    /// Writes the result of a command that needs no cluster.
    ///
    /// - Throws: the end of the command, where it could not be written.
    static func show(_ text: String) throws(CommandEnd) {
        guard !take(text) else { return }
        TextWriter.standardError.write("error: \(OutputError(CommandOutcome(.done, .unknown)))\n")
        throw CommandEnd(code: .failed)
    }
}
