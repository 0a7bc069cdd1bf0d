import ArgumentParser
import Connections
import Console
import Curl
import ModeSwitch
import Usage
import YAML

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        .version, usage: "kubectl kms-vault version [flags]",
        discussion: """
            Examples:
              kubectl kms-vault version
              kubectl kms-vault version -o json
            """)

    @OptionGroup var output: OutputOptions

    func run() throws {
        let libraries = curlLibraryVersions().merging(["libyaml": yamlLibraryVersion()]) { $1 }
        let result = VersionResult(version: productVersion, libraries: libraries)
        try StandardOutput.show(
            try render(result, as: output.format, exitCode: .done, secretsAtRest: .unknown))
    }
}

private struct VersionResult: Presentable {
    let version: String
    /// As linked, by name.
    let libraries: [String: String]

    var sections: [Section] { [.text("kubectl-kms-vault \(version)")] }
}
