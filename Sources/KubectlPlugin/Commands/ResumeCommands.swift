import ArgumentParser
import Azure
import Commands
import Connections
import ModeSwitch
import Usage

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .resume, usage: "kubectl kms-vault resume [flags]",
        discussion: """
            Examples:
              kubectl kms-vault resume
              kubectl kms-vault resume --private

            A run that was begun on another machine needs its target (--private or
            --public) from you: what the cluster says of it is only a hint.
            """)

    @Flag(.resumedToPrivate) var toPrivate = false
    @Flag(.resumedToPublic) var toPublic = false
    @Option(.runID) var runID: String?
    @Option(.knownKeyID) var keyID: String?
    @OptionGroup var failure: FailureOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup(title: "Report") var reporting: ReportOptions
    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        if toPrivate, toPublic { throw ValidationError("give --private or --public, not both") }
        _ = try cluster.given(add)
    }

    func run() async throws {
        try await cluster.end(with: .resume, adding: add)
    }

    private func add(to given: inout GivenOptions) {
        failure.add(to: &given)
        engine.add(to: &given)
        reporting.add(to: &given)
        given.selection.keyID = keyID
        given.runToResume = runID
        given.targetIsNamed = toPrivate || toPublic
        if toPublic { given.target = .publicAccess }
    }
}

struct MakeSafeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .makeSafe, usage: "kubectl kms-vault make-safe [flags]",
        discussion: """
            Examples:
              kubectl kms-vault make-safe
              kubectl kms-vault make-safe --all-in clusters.txt
            """)

    @Option(.knownKeyID) var keyID: String?
    @OptionGroup(title: "Report") var reporting: ReportOptions
    @OptionGroup(title: "Many clusters") var fleet: FleetOptions
    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        let given = try cluster.given(add)
        _ = try fleet.request(.makeSafe, given, cluster.connection)
    }

    func run() async throws {
        try await cluster.end(with: .makeSafe, on: fleet, adding: add)
    }

    private func add(to given: inout GivenOptions) {
        reporting.add(to: &given)
        given.selection.keyID = keyID
    }
}
