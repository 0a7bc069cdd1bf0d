import ArgumentParser
import Commands
import Usage

/// What a run to a target does when it cannot go on while Secrets are exposed.
struct FailureOptions: ParsableArguments {
    @Option(.onFailure) var onFailure = GivenOptions().onFailure

    func add(to given: inout GivenOptions) { given.onFailure = onFailure }
}
