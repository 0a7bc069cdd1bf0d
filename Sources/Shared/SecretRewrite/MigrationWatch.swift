/// Decides, look by look, what becomes of a migration. It has no effects and no clock.
package struct MigrationWatch: Sendable {
    /// Seconds, as `Limits.init` scales them.
    package struct Limits: Sendable, Hashable {
        /// Until a controller must have taken it up: that the API is served does not tell that one runs.
        package var firstSign: Double
        /// Until it must have ended. What cannot be decrypted is tried for ever by the controller (500 counts as
        /// passing; kubernetes/kubernetes, pkg/controller/storageversionmigrator, `isRetriableError`).
        package var end: Double

        /// A minute for the first sign; five for the end, and 20 ms for each object, which is several times what the
        /// controller's own limit of 400 requests a second leaves it.
        ///
        /// - Parameters:
        ///   - objects: how many are to be written; nil where nobody could count them, as where the first one of all
        ///     cannot be decrypted: long waits lead nowhere there.
        ///   - scale: multiplies the fixed waits, and never to less than some seconds: the objects take their time
        ///     whatever the scale is.
        package init(objects: Int?, scale: Double) {
            firstSign = max(60 * scale, 3)
            end = max(300 * scale, 6) + Double(objects ?? 2000) / 50
        }
    }

    package enum Verdict: Sendable, Hashable {
        case wait
        case succeeded
        /// It does not lead to the end; in words, for a warning.
        case givenUp(String)
    }

    private let limits: Limits
    private let startedAt: Double

    package init(_ limits: Limits, startedAt: Double) {
        self.limits = limits
        self.startedAt = startedAt
    }

    /// - Parameter found: nil when it is not there any more.
    package func judge(_ found: Migration?, now: Double) -> Verdict {
        guard let found else { return .givenUp("somebody deleted it") }
        switch found.state {
        case .succeeded: return .succeeded
        case .failed: return .givenUp("it failed: \(found.message)")
        case .untouched where now - startedAt > limits.firstSign:
            return .givenUp("no controller took it up: the API is served, but nothing works on it")
        case .running where now - startedAt > limits.end:
            return .givenUp("it came to no end in time" + (found.message.isEmpty ? "" : " (\(found.message))"))
        case .untouched, .running: return .wait
        }
    }

    /// It could not be looked at this time.
    package func cannotLook(_ why: String, now: Double) -> Verdict {
        return now - startedAt > limits.end ? .givenUp("it cannot be looked at: \(why)") : .wait
    }

    /// - Parameter others: migrations of others of the same resource; one at a time runs, and new ones queue behind.
    package func judgeOthers(_ others: [Migration], now: Double) -> Verdict {
        guard let open = others.first(where: \.isOpen) else { return .succeeded }
        guard now - startedAt > limits.end else { return .wait }
        return .givenUp("another migration of \(open.resource), \(open.name), comes to no end")
    }
}
