import ArgumentParser
import Console
import Live
import ModeSwitch

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        let surroundings = Surroundings.ofThisProcess()
        try output.write(VersionResult(version: productVersion), exitCode: .done, secretsAtRest: .unknown, surroundings)
    }
}

private struct VersionResult: Presentable {
    let version: String

    var sections: [Section] { [.text("kubectl-kms-vault \(version)")] }
}
