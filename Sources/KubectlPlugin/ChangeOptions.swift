import ArgumentParser
import Live
import ModeSwitch
import Preflight

/// The flags of commands that change a cluster.
struct ChangeOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do not ask. Without a terminal this needs -g and --name too.") var yes = false
    @Option(
        name: .customLong("accept-failures"),
        help: "A class of failed Secrets that does not stop the job: denied or invalid; may be repeated.")
    var acceptFailures: [String] = []
    @Flag(help: "Go on although it is not proven that every API server has the new configuration.")
    var acceptUnprovenConvergence = false
    @Flag(name: .customLong("vault-shared-ok"), help: "Close the vault although other clusters use it as Public.")
    var vaultSharedOK = false
    @Option(name: .customLong("accept-unknown"), help: "A preflight check that may stay unknown; may be repeated.")
    var acceptUnknown: [String] = []
    @Option(help: "How long to watch after the vault was closed; 4m are enough once Key Vault was seen to be closed.")
    var soak = Span(seconds: 600)
    @Option(help: "How long one Azure operation may take before it counts as unknown.")
    var operationTimeout = Span(seconds: 3600)
    @Option(help: "How long the whole command may take before it stops, resumable; unlimited by default.")
    var timeout: Span?
    @Option(help: "The most requests to the API server at a time.") var concurrency = 64
    @Option(help: "The most requests to the API server per second; unlimited by default.") var qps: Double?

    func runOptions() throws -> RunOptions {
        var options = RunOptions()
        for name in acceptFailures {
            guard let failure = FailureClass(rawValue: name), FailureClass.acceptable.contains(failure) else {
                throw ValidationError("--accept-failures takes denied or invalid, not '\(name)'")
            }
            options.acceptedFailures.insert(failure)
        }
        guard operationTimeout.seconds > 0 else { throw ValidationError("--operation-timeout must be above 0") }
        if let timeout, timeout.seconds <= 0 { throw ValidationError("--timeout must be above 0") }
        guard (1...1024).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 1024") }
        if let qps, !(qps > 0 && qps.isFinite) { throw ValidationError("--qps takes a number above 0") }
        do { _ = try PreflightCheck.accepted(acceptUnknown) } catch { throw ValidationError("\(error)") }
        options.acceptUnprovenConvergence = acceptUnprovenConvergence
        options.vaultSharedOK = vaultSharedOK
        options.acceptedUnknowns = acceptUnknown
        options.soakSeconds = soak.seconds
        options.operationTimeout = operationTimeout.seconds
        options.concurrency = concurrency
        options.requestsPerSecond = qps
        return options
    }
}
