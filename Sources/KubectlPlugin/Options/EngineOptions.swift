import ArgumentParser
import Commands
import Usage

/// Who rewrites all Secrets.
struct EngineOptions: ParsableArguments {
    @Option(.engine) var engine = GivenOptions().engine

    func add(to given: inout GivenOptions) { given.engine = engine }
}
