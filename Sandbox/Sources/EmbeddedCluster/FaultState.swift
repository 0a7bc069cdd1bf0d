import Synchronization

/// The faults that are in force.
final class Faults: Sendable {
    private struct State {
        var rules: [(id: Int, rule: FaultRule, met: Int, since: Double)] = []
        var nextID = 1
        var limit: RequestLimit?
        var tokens = 0.0
        var refilled = 0.0
        var webhooks: [Webhook] = []
        var denials: [Denial] = []
        var stamps = 0
        /// Until when nothing is answered.
        var silentUntil = 0.0
    }

    private let state = Mutex(State())

    func add(_ rule: FaultRule, now: Double) -> Int {
        state.withLock { state in
            defer { state.nextID += 1 }
            state.rules.append((state.nextID, rule, 0, now))
            return state.nextID
        }
    }

    func remove(_ id: Int) { state.withLock { $0.rules.removeAll { $0.id == id } } }

    func clear() {
        state.withLock { state in
            state.rules = []
            state.limit = nil
            state.webhooks = []
            state.denials = []
        }
    }

    func setLimit(_ limit: RequestLimit?, now: Double) {
        state.withLock { state in
            state.limit = limit
            state.tokens = limit?.burst ?? 0
            state.refilled = now
        }
    }

    var webhooks: [Webhook] {
        get { state.withLock { $0.webhooks } }
        set { state.withLock { $0.webhooks = newValue } }
    }

    var denials: [Denial] {
        get { state.withLock { $0.denials } }
        set { state.withLock { $0.denials = newValue } }
    }

    /// A number that no call before has got.
    func nextStamp() -> Int {
        state.withLock { state in
            state.stamps += 1
            return state.stamps
        }
    }

    /// Until when, on the cluster's clock, nothing is answered.
    var silentUntil: Double {
        get { state.withLock { $0.silentUntil } }
        set { state.withLock { $0.silentUntil = newValue } }
    }

    /// The first rule that meets the request; counts it against all that match until then.
    func action(for target: RequestTarget, isAdmin: Bool, now: Double) -> FaultRule.Action? {
        state.withLock { state in
            for index in state.rules.indices {
                let (rule, since) = (state.rules[index].rule, state.rules[index].since)
                guard !(rule.exemptsAdmin && isAdmin), target.matches(rule), now < since + (rule.seconds ?? .infinity)
                else { continue }
                state.rules[index].met += 1
                let met = state.rules[index].met - rule.after
                guard met > 0, met <= rule.times ?? .max else { continue }
                if let percent = rule.percent, (met * percent) % 100 >= percent { continue }
                return rule.action
            }
            return nil
        }
    }

    /// Nil when the request may pass, else the seconds to wait.
    func throttle(now: Double) -> Int? {
        state.withLock { state in
            guard let limit = state.limit else { return nil }
            state.tokens = min(limit.burst, state.tokens + max(0, now - state.refilled) * limit.rate)
            state.refilled = now
            guard state.tokens >= 1 else { return limit.retryAfter }
            state.tokens -= 1
            return nil
        }
    }
}
