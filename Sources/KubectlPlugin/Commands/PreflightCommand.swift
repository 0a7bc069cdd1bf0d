import ArgumentParser
import Live
import Usage

struct PreflightCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .preflight, usage: "kubectl kms-vault preflight (--private | --public) [flags]",
        discussion: """
            Examples:
              kubectl kms-vault preflight --private
              kubectl kms-vault preflight --public -o json
            """)

    @OptionGroup(title: "Target") var target: TargetOptions
    @OptionGroup var cluster: ClusterOptions

    func validate() throws { _ = try cluster.change.runOptions { target.add(to: &$0) } }

    func run() async throws {
        try await cluster.end(with: .preflight, keyID: target.keyID) { target.add(to: &$0) }
    }
}
