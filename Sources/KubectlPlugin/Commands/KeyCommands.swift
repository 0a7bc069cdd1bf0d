import ArgumentParser
import Azure
import Commands
import Connections
import ModeSwitch
import Usage

struct RotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .rotate, usage: "kubectl kms-vault rotate [--new-version | --key-id ID] [flags]",
        discussion: """
            Examples:
              kubectl kms-vault rotate --new-version
              kubectl kms-vault rotate --key-id KEY-ID
              kubectl kms-vault rotate --new-version --dry-run

            Secrets stay encrypted. It shows the plan and asks before it changes
            anything. \(ModeSwitch.ExitCode.sentence)
            """)

    @Option(.rotatedKeyID) var keyID: String?
    @Flag(.newVersion) var newVersion = false
    @Option(.wait) var wait = Span(seconds: GivenOptions().wait)
    @Flag(.dryRun) var dryRun = false
    @Option(.planID) var planID: String?
    @OptionGroup(title: "Report") var reporting: ReportOptions
    @OptionGroup(title: "Many clusters") var fleet: FleetOptions
    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        let given = try cluster.given(add)
        _ = try fleet.request(.rotate(dryRun: dryRun), given, cluster.connection)
    }

    func run() async throws {
        try await cluster.end(with: .rotate(dryRun: dryRun), on: fleet, adding: add)
    }

    private func add(to given: inout GivenOptions) {
        reporting.add(to: &given)
        given.selection.keyID = keyID
        given.newVersion = newVersion
        given.wait = wait.seconds
        given.planID = planID
    }
}

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .migrate, usage: "kubectl kms-vault migrate --platform-managed|--customer-managed [flags]",
        discussion: """
            Examples:
              kubectl kms-vault migrate --platform-managed --dry-run
              kubectl kms-vault migrate --customer-managed

            There is no way back from the new KMS experience: it shows the plan and
            asks for the cluster's name. On a cluster that is there already, it
            changes whose key encrypts. \(ModeSwitch.ExitCode.sentence)
            """)

    @Flag(.platformManaged) var platformManaged = false
    @Flag(.customerManaged) var customerManaged = false
    @Option(.migratedKeyID) var keyID: String?
    @Flag(.viaPlatformKey) var viaPlatformKey = false
    @Flag(.dryRun) var dryRun = false
    @Option(.planID) var planID: String?
    @OptionGroup(title: "Report") var reporting: ReportOptions
    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        guard platformManaged != customerManaged else {
            throw ValidationError(
                "give --platform-managed or --customer-managed" + (platformManaged ? ", not both" : ""))
        }
        _ = try cluster.given(add)
    }

    func run() async throws {
        try await cluster.end(with: .migrate(dryRun: dryRun), adding: add)
    }

    private func add(to given: inout GivenOptions) {
        reporting.add(to: &given)
        given.selection.keyID = keyID
        given.selection.takesVersionless = true
        given.platformManaged = platformManaged
        given.customerManaged = customerManaged
        given.viaPlatformKey = viaPlatformKey
        given.planID = planID
    }
}
