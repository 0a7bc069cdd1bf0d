import ModeSwitch
import Preflight
import Synchronization

/// What admission said to the run about a rewrite of every Secret, with the words and commands for a person.
final class AdmissionVerdict: Sendable {
    private let report = Mutex<PreflightReport?>(nil)

    func take(_ report: PreflightReport) { self.report.withLock { $0 = report } }

    /// Nil unless it refuses.
    var refusing: PreflightReport? { report.withLock { $0.flatMap { $0.blockers.isEmpty ? nil : $0 } } }
    /// Whether it takes the rewrite.
    var isClear: Bool { report.withLock { $0?.blockers.isEmpty == true } }
}

extension RunJob {
    /// The error of a run that ended before admission had taken the rewrite, as where preflight asks it: nothing was
    /// changed, and there is nothing to report. Nil for any other end.
    func refusal(
        _ result: SwitchRunner.Result, _ prepared: Prepared, _ verdict: AdmissionVerdict
    ) -> (any Error)? {
        guard result.isOver, prepared.mayAskAdmission, prepared.admission == nil else { return nil }
        switch result.ending {
        case .stopped(.checkRefuses): return verdict.refusing.map { refusal(of: $0) }
        case .interrupted(let reason): return verdict.isClear ? nil : RunInterrupted(reason)
        case .finished, .turnedBack, .stopped: return nil
        }
    }
}
