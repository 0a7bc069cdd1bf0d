import ArgumentParser
import Live

/// The flags of commands that change a cluster.
struct ChangeOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do not ask. Without a terminal this needs -g and --name too.") var yes = false
    @Option(
        name: .customLong("accept-failures"),
        help: "A class of failed Secrets that does not stop the job: denied or invalid; may be repeated.",
        completion: .list(GivenOptions.acceptableFailures))
    var acceptFailures: [String] = []
    @Flag(help: "Go on although it is not proven that every API server has the new configuration.")
    var acceptUnprovenConvergence = false
    @Flag(name: .customLong("vault-shared-ok"), help: "Close the vault although other clusters use it as Public.")
    var vaultSharedOK = false
    @Option(
        name: .customLong("accept-unknown"), help: "A preflight check that may stay unknown; may be repeated.",
        completion: .list(GivenOptions.acceptableUnknowns))
    var acceptUnknown: [String] = []
    @Option(help: "How long to watch after the vault was closed; 4m are enough once Key Vault was seen to be closed.")
    var soak = Span(seconds: 600)
    @Option(help: "How long one Azure operation may take before it counts as unknown.")
    var operationTimeout = Span(seconds: 3600)
    @Option(help: "How long the command may run; then it stops, and resume goes on. Unlimited by default.")
    var timeout: Span?
    @Option(help: "The most requests to the API server at a time.") var concurrency = 64
    @Option(help: "The most requests to the API server per second; unlimited by default.") var qps: Double?

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
