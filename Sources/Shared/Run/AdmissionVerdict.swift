import Preflight
import Synchronization

/// What admission said to the run about a rewrite of every Secret, with the words and commands for a person.
final class AdmissionVerdict: Sendable {
    private let report = Mutex<PreflightReport?>(nil)

    func take(_ report: PreflightReport) { self.report.withLock { $0 = report } }

    /// Nil unless it refuses.
    var refusing: PreflightReport? { report.withLock { $0.flatMap { $0.blockers.isEmpty ? nil : $0 } } }
}
