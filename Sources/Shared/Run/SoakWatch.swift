import ModeSwitch
import SecretRewrite

/// Writes every ten seconds while the vault is closed, and stops at the first write that fails for good.
struct SoakWatch: Sendable {
    /// A write through a new connection; the number makes each differ from the one before.
    let write: @Sendable (Int) async throws(StoreFailure) -> Void
    /// Whether Key Vault is seen to turn the public network away.
    let isSeenClosed: @Sendable () async -> Bool
    /// Waits for seconds of a managed cluster.
    let pause: @Sendable (Double) async -> Void
    let interrupted: @Sendable () -> String?
    /// Seconds since the vault was closed.
    let elapsed: @Sendable () -> Double
    let progress: @Sendable (_ elapsed: Double, _ wanted: Double, _ writes: Int) -> Void

    private static let interval = 10.0
    /// A lost connection, a conflict or a busy server is tried again so often; what lasts longer is a failure.
    private static let attempts = 4

    func run(_ plan: SoakPlan) async -> SoakReceipt {
        var plan = plan
        var writes = 0
        while true {
            if let reason = interrupted() {
                return SoakReceipt(
                    result: .interrupted, writes: writes, seconds: elapsed(), closedSeenAt: plan.closedSeenAt,
                    detail: reason)
            }
            if let failure = await attempt(writes) {
                return SoakReceipt(
                    result: .failed, writes: writes, seconds: elapsed(), closedSeenAt: plan.closedSeenAt,
                    detail: failure)
            }
            writes += 1
            if plan.closedSeenAt == nil, await isSeenClosed() { plan.sawClosed(at: elapsed()) }
            let now = elapsed()
            progress(now, plan.end, writes)
            // The write above was made at the end or after it: nothing is taken for granted about the last seconds.
            if now >= plan.end {
                return SoakReceipt(
                    result: .passed, writes: writes, seconds: now, closedSeenAt: plan.closedSeenAt,
                    detail: plan.caveat)
            }
            await pause(Self.interval)
        }
    }

    /// Why a write failed; nil when it did not.
    private func attempt(_ number: Int) async -> String? {
        for attempt in 1... {
            do {
                try await write(number)
                return nil
            } catch {
                guard attempt < Self.attempts, SoakWatch.mayPass(error) else { return "\(error)" }
                await pause(2)
            }
        }
        return nil
    }

    static func mayPass(_ failure: StoreFailure) -> Bool {
        switch failure {
        case .lost, .busy, .conflict, .webhookAway: true
        default: false
        }
    }
}
