import ArgumentParser
import Commands
import Usage

/// The flags of commands that change a cluster.
struct ChangeOptions: ParsableArguments {
    @Flag(.yes) var yes = false
    @Option(.soak) var soak = Span(seconds: GivenOptions().soak)
    @Option(.operationTimeout) var operationTimeout = Span(seconds: GivenOptions().operationTimeout)
}

/// The flags with which a person lets something through.
struct AcceptOptions: ParsableArguments {
    @Option(.acceptFailures) var failures: [String] = []
    @Flag(.acceptUnprovenConvergence) var unprovenConvergence = false
    @Flag(.vaultSharedOK) var vaultSharedOK = false
    @Option(.acceptUnknown, completion: .list(GivenOptions.acceptableUnknowns)) var unknown: [String] = []
}

/// How fast Secrets are read and written, and for how long.
struct PaceOptions: ParsableArguments {
    @Option(.timeout) var timeout: Span?
    @Option(.concurrency) var concurrency = GivenOptions().concurrency
    @Option(.qps) var qps: Double?
}
