import ArgumentParser
import Commands
import Usage

struct PreflightCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        .preflight, usage: "kubectl kms-vault preflight (--private | --public) [flags]",
        discussion: """
            Examples:
              kubectl kms-vault preflight --private
              kubectl kms-vault preflight --private --all
              kubectl kms-vault preflight --public -o json
            """)

    @OptionGroup(title: "Target") var target: TargetOptions
    @OptionGroup var engine: EngineOptions
    @Flag(.allChecks) var all = false
    @OptionGroup(title: "Acceptance") var accept: AcceptOptions
    @OptionGroup(title: "Many clusters") var fleet: FleetOptions
    @OptionGroup var look: LookOptions

    func validate() throws {
        let given = try look.given(accept, add)
        _ = try fleet.request(.preflight, given, look.connection)
    }

    func run() async throws {
        try await look.end(with: .preflight, accept, on: fleet) {
            add(to: &$0)
            $0.showsAll = all
        }
    }

    private func add(to given: inout GivenOptions) {
        target.add(to: &given)
        engine.add(to: &given)
    }
}
