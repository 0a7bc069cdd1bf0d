import AzureAccount
import HTTP

extension ARMClient {
    /// Polls an operation that just began until it ends, the time is over or the task is cancelled.
    ///
    /// - Parameters:
    ///   - timeout: seconds; then the outcome is unknown, not failed.
    ///   - report: called after every poll that did not end the wait.
    package func wait(
        for operation: OperationURL, timeout: Double, report: @Sendable (OperationProgress) -> Void
    ) async -> OperationOutcome {
        let call = ARMCall(
            .get, .verbatim(operation.verbatim, shownAs: "the operation"), repeatable: false, timeout: 60)
        var polling = OperationPolling(start: time.monotonic(), timeout: timeout)
        var pause = OperationPolling.shortestPace
        while true {
            do { try await time.sleep(pause) } catch { return .unknown(.interrupted) }
            let next: OperationPolling.Next
            do {
                let answer = try await answer(to: call)
                next = polling.take(answer, at: time.monotonic())
            } catch {
                next = polling.take(error, at: time.monotonic())
            }
            switch next {
            case .finished(let outcome): return outcome
            case .wait(let seconds):
                report(polling.progress)
                pause = seconds
            }
        }
    }
}
