import ArgumentParser
import Connections
import Console
import HTTP
import Usage

extension OutputFormat: ExpressibleByArgument {}

/// How results and progress are shown.
struct OutputOptions: ParsableArguments {
    @Option(.output) var format: OutputFormat = .table
    @Option(.verbosity) var verbosity: Int?
    @Flag(.quiet) var quiet = false

    var shown: Verbosity { quiet ? .quiet : verbosity.map { .traced($0) } ?? .normal }

    /// Shows requests at level 6, without anything secret.
    var observer: (any HTTPObserver)? { (verbosity ?? 0) >= 6 ? TracingObserver() : nil }

    func width(_ surroundings: Surroundings) -> Int? {
        let terminal = Terminal.of(1, environment: surroundings.environment)
        return terminal.isTerminal ? terminal.width : nil
    }
}

private struct TracingObserver: HTTPObserver {
    func exchangeEnded(_ exchange: HTTPExchange) { TextWriter.standardError.write("\(exchange)\n") }
}
