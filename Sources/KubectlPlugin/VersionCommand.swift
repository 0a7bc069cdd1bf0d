import ArgumentParser
import Console
import Live
import ModeSwitch

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        let frontEnd = TerminalFrontEnd(output: output, surroundings: .ofThisProcess())
        try frontEnd.show(VersionResult(version: productVersion), CommandOutcome(.done, .unknown))
    }
}

private struct VersionResult: Presentable {
    let version: String

    var sections: [Section] { [.text("kubectl-kms-vault \(version)")] }
}
