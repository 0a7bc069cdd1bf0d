import ArgumentParser
import Connections
import Console
import ModeSwitch
import Platform
import Run
import Text

/// `kubectl kms-vault`: switches the network mode of the key vault behind an AKS cluster's KMS etcd encryption.
struct KubectlKMSVault: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubectl kms-vault",
        abstract: "Switch the Azure Key Vault behind an AKS cluster's KMS encryption between public and private.",
        usage: "kubectl kms-vault <command> [flags]",
        discussion: """
            Examples:
              kubectl kms-vault status                what is, and what to do next
              kubectl kms-vault switch --private      the whole job, resumable and proven
              kubectl kms-vault resume                go on after an interruption

            Exit codes:
            \(ModeSwitch.ExitCode.list)
            """,
        version: productVersion,
        subcommands: [
            StatusCommand.self, PreflightCommand.self, SwitchCommand.self, ResumeCommand.self, MakeSafeCommand.self,
            RotateCommand.self, MigrateCommand.self,
            RewriteSecretsCommand.self, VerifyCommand.self, ListCommand.self, HistoryCommand.self, ReportCommand.self,
            RBACCommand.self, OptionsCommand.self, CompletionCommand.self, VersionCommand.self,
        ])
}

@main
enum Main {
    static func main() async {
        keepOneHeap()
        // Before signals are taken over: Ctrl-C ends a completion.
        if let words = CompletionAnswer.words(CommandLine.arguments) {
            await CompletionAnswer.write(words)
            leave(0)
        }
        Interruption.install()
        do {
            let words = Array(CommandLine.arguments.dropFirst())
            var command = try KubectlKMSVault.parseAsRoot(KubectlWords.normalized(words, .ofPlugin))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            leave(0)
        } catch let error as CommandEnd {
            leave(error.code.rawValue)
        } catch {
            end(error)
        }
    }

    /// Ends at once. Handlers of `exit` would free OpenSSL's state under libcurl's threads, which may still close
    /// connections (seen as SIGSEGV after a finished run); everything was written with write(2), so nothing is lost.
    private static func leave(_ code: Int32) -> Never { _exit(code) }

    /// Help and version are no failures; every other word of the parser's is about usage.
    private static func end(_ error: any Error) -> Never {
        let code = KubectlKMSVault.exitCode(for: error)
        let mistake = code == .success ? nil : Mistake(in: Array(CommandLine.arguments.dropFirst()), .ofPlugin)
        let error = mistake.map { ValidationError($0.description) } ?? error
        let text = KubectlKMSVault.fullMessage(for: error)
        if code == .success {
            leave(StandardOutput.take(text + "\n") ? 0 : ModeSwitch.ExitCode.failed.rawValue)
        }
        // It quotes what was typed, or came from a file or another program.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines { TextWriter.standardError.write(String(line).printable(limit: 1000) + "\n") }
        leave(ModeSwitch.ExitCode.usage.rawValue)
    }
}
