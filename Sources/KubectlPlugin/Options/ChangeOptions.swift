import ArgumentParser
import Live
import Usage

/// The flags of commands that change a cluster.
struct ChangeOptions: ParsableArguments {
    @Flag(.yes) var yes = false
    @Option(.acceptFailures) var acceptFailures: [String] = []
    @Flag(.acceptUnprovenConvergence) var acceptUnprovenConvergence = false
    @Flag(.vaultSharedOK) var vaultSharedOK = false
    @Option(.acceptUnknown, completion: .list(GivenOptions.acceptableUnknowns)) var acceptUnknown: [String] = []
    @Option(.soak) var soak = Span(seconds: GivenOptions().soak)
    @Option(.operationTimeout) var operationTimeout = Span(seconds: GivenOptions().operationTimeout)
    @Option(.timeout) var timeout: Span?
    @Option(.concurrency) var concurrency = GivenOptions().concurrency
    @Option(.qps) var qps: Double?

    /// - Parameter adding: what the command itself was given beside these.
    func runOptions(_ adding: (inout GivenOptions) -> Void = { _ in }) throws -> RunOptions {
        var given = GivenOptions()
        given.acceptFailures = acceptFailures
        given.acceptUnprovenConvergence = acceptUnprovenConvergence
        given.vaultSharedOK = vaultSharedOK
        given.acceptUnknown = acceptUnknown
        given.soak = soak.seconds
        given.operationTimeout = operationTimeout.seconds
        given.timeout = timeout?.seconds
        given.concurrency = concurrency
        given.qps = qps
        adding(&given)
        do { return try given.runOptions() } catch { throw ValidationError("\(error)") }
    }
}
