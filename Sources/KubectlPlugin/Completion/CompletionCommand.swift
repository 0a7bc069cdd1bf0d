import ArgumentParser
import Console
import ModeSwitch
import Text
import Usage

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        .completion, usage: "kubectl kms-vault completion (install|uninstall|bash|zsh|fish|kubectl)",
        discussion: """
            Examples:
              kubectl kms-vault completion install
              source <(kubectl-kms-vault completion bash)

            install makes the link kubectl_complete-kms_vault beside the program, with
            which kubectl 1.26 or newer completes `kubectl kms-vault` in every shell.
            uninstall removes it, which `kubectl krew uninstall` does not. The scripts of
            shells complete `kubectl-kms-vault`, called by its own name.
            """)

    @Argument(help: "Install or uninstall the link, or print a script for a shell or for kubectl.")
    var what: CompletionSetup
    @Option(.linkFolder) var dir: String?

    func validate() throws {
        guard dir == nil || what.script == nil else {
            throw ValidationError("--dir belongs to install and uninstall")
        }
    }

    func run() throws {
        if let script = what.script {
            return try StandardOutput.show(script)
        }
        do throws(CompletionLinkError) {
            let link = try CompletionLink.ofThisProcess(folder: dir)
            TextWriter.standardOutput.write(try (what == .install ? link.make() : link.remove()) + "\n")
        } catch {
            TextWriter.standardError.write("error: \(error.description.printable(limit: 1000))\n")
            throw CommandEnd(code: .failed)
        }
    }
}
