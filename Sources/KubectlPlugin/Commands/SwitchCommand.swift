import ArgumentParser
import Commands
import ModeSwitch
import Usage

struct SwitchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .switchMode, usage: "kubectl kms-vault switch (--private | --public) [flags]",
        discussion: """
            Examples:
              kubectl kms-vault switch --private
              kubectl kms-vault switch --public --dry-run
              kubectl kms-vault switch --private --yes -g RESOURCE_GROUP --name CLUSTER
              kubectl kms-vault switch --private --all-in clusters.txt --parallel 4

            It shows the plan and asks before it changes anything. \(ModeSwitch.ExitCode.sentence)
            """)

    @OptionGroup(title: "Target") var target: TargetOptions
    @Flag(.vaultFirewall) var vaultFirewall = false
    @Flag(.viaPlatformKey) var viaPlatformKey = false
    @Flag(.dryRun) var dryRun = false
    @Option(.planID) var planID: String?
    @OptionGroup var failure: FailureOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup(title: "Report") var reporting: ReportOptions
    @OptionGroup(title: "Many clusters") var fleet: FleetOptions
    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        let given = try cluster.given(add)
        _ = try fleet.request(.switchMode(dryRun: dryRun), given, cluster.connection)
    }

    func run() async throws {
        try await cluster.end(with: .switchMode(dryRun: dryRun), on: fleet, adding: add)
    }

    private func add(to given: inout GivenOptions) {
        target.add(to: &given)
        failure.add(to: &given)
        engine.add(to: &given)
        reporting.add(to: &given)
        given.vaultFirewall = vaultFirewall
        given.viaPlatformKey = viaPlatformKey
        given.planID = planID
    }
}
