import ArgumentParser
import Live

/// What a run to a target does when it cannot go on while Secrets are exposed.
struct FailureOptions: ParsableArguments {
    @Option(
        name: .customLong("on-failure"),
        help: "If the switch cannot go on with KMS off: make-safe (turn it on again) or stop.",
        completion: .list(GivenOptions.waysOnFailure))
    var onFailure = GivenOptions().onFailure

    func add(to given: inout GivenOptions) { given.onFailure = onFailure }
}
