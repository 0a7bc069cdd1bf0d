import ArgumentParser
import Commands
import Usage

/// What becomes of a run's report.
struct ReportOptions: ParsableArguments {
    @Option(.report) var report: String?
    @Option(.keep) var keep = GivenOptions().keep

    func add(to given: inout GivenOptions) {
        given.reportFile = report
        given.keep = keep
    }
}
