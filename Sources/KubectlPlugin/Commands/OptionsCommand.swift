import ArgumentParser
import Connections
import Console
import Usage

/// The options that help leaves out of every command, as `kubectl options` lists kubectl's.
struct OptionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        .options, usage: "kubectl kms-vault options",
        discussion: """
            Examples:
              kubectl kms-vault options
            """)

    func run() throws {
        let rows = OptionEntry.toKubernetes.map { option in
            let names = (option.short.map { "-\($0), " } ?? "    ") + "--\(option.name)"
            return ["  " + names, option.help]
        }
        let terminal = Terminal.of(1, environment: Surroundings.ofThisProcess().environment)
        let lines = Table([], rows: rows, flexible: 1).lines(width: terminal.columns ?? 80).drop(while: \.isEmpty)
        try StandardOutput.show(
            """
            Every command on a cluster takes the following options, which mean what they mean to kubectl:

            \(lines.joined(separator: "\n"))

            These are taken and change nothing:

            \(KubectlWords.ignored.keys.sorted().map { "    " + $0 }.joined(separator: "\n"))

            """)
    }
}
