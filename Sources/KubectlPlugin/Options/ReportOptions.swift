import ArgumentParser
import Live

/// What becomes of a run's report.
struct ReportOptions: ParsableArguments {
    @Option(
        help: "Write the report to FILE as well, whatever the end: JSON, or a page if it ends with .html.",
        completion: .file())
    var report: String?
    @Option(help: "How many reports of this cluster's runs stay on this machine.") var keep = GivenOptions().keep

    func add(to given: inout GivenOptions) {
        given.reportFile = report
        given.keep = keep
    }
}
