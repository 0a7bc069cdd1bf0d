import ArgumentParser
import Live

struct SwitchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switch", abstract: "Switch the vault to private or public: the whole job.",
        usage: "kubectl kms-vault switch (--private | --public) [flags]",
        discussion: """
            Examples:
              kubectl kms-vault switch --private
              kubectl kms-vault switch --public --dry-run
              kubectl kms-vault switch --private --yes -g RESOURCE_GROUP --name CLUSTER

            It shows the plan and asks before it changes anything. Exit codes: 0 done;
            1 failed, nothing plaintext; 2 usage; 3 refused before the first change;
            4 interrupted or unknown, resumable; 5 done, but some Secrets not; 6 stopped
            while Secrets are or may be plaintext.
            """)

    @OptionGroup(title: "Target") var target: TargetOptions
    @Flag(help: "Print the plan and its id; change nothing.") var dryRun = false
    @Option(help: "Run only if the plan still has this id.") var planID: String?
    @OptionGroup var failure: FailureOptions
    @OptionGroup(title: "Report") var reporting: ReportOptions
    @OptionGroup var cluster: ClusterOptions

    func validate() throws { _ = try cluster.change.runOptions(add) }

    func run() async throws {
        try await cluster.end(with: .switchMode(dryRun: dryRun), keyID: target.keyID, adding: add)
    }

    private func add(to given: inout GivenOptions) {
        target.add(to: &given)
        failure.add(to: &given)
        reporting.add(to: &given)
        given.planID = planID
    }
}
