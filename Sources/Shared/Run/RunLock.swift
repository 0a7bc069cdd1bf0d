import Connections
import FoundationEssentials
import HTTP
import KubeAPI
import ModeSwitch
import Text
import Usage

/// The Lease `kube-system/kms-vault-switch`: at most one run a cluster, from whichever machine and front end.
///
/// Expiry is judged as client-go's leader election does (tools/leaderelection): a holder is gone when its record has
/// not moved for its duration on *our* monotonic clock; clocks of others are never compared.
package actor RunLock {
    package static let name = "kms-vault-switch"
    package static let namespace = "kube-system"
    package static let runAnnotation = "kms-vault.azure/run-id"

    struct Taken: Error, Sendable, Hashable, CustomStringConvertible {
        let holder: String
        let run: String
        var description: String {
            "another run holds the lock of this cluster: \(Holder.words(holder))"
                + (run.isEmpty ? "" : " (run \(run.printable(limit: 64)))")
        }
        /// What to do about it. Whoever renews is alive: the lock of one that is gone is taken without asking.
        var next: Advice {
            """
            wait until that run has ended, or end its process there; \(ShellCommand.own(.status)) shows what it does. \
            The lock of a run that is gone is free within two minutes. Only if it is still renewed and the process \
            cannot be reached: \(RunLock.breaking); a run that is still there stops before its next change
            """
        }
    }

    /// Takes the lock away from whoever holds it.
    static let breaking = "kubectl delete lease \(name) --namespace \(namespace)"

    /// The longest time for which a holder that does not renew is waited for, whatever its Lease says: this program
    /// writes no more than 60 s, and one absurd number must not keep all others out.
    static let longestLifetime = 120.0

    /// Seconds for which a holder that does not renew keeps the lock.
    static func lifetime(_ seconds: Int?, else usual: Int) -> Double {
        guard let seconds, seconds > 0 else { return Double(usual) }
        return min(Double(seconds), longestLifetime)
    }

    private let client: KubeClient
    private let runID: String
    private let identity: String
    private let process: ProcessIdentity
    private let duration: Int
    private let waiting: Waiting
    private let time: Clocks
    /// By the monotonic clock.
    private var renewedAt: Double?
    private var loss: String?
    private var mayDoWithout = false
    private var toleratesSilence = false

    /// What the lock needs of the run while it waits for a holder that may be dead.
    struct Waiting: Sendable {
        /// Waits for seconds.
        let sleep: @Sendable (Double) async -> Void
        let interrupted: @Sendable () -> String?
        /// Told who may still hold the lock.
        let tell: @Sendable (String) -> Void
    }

    /// - Parameter duration: seconds for which the lock outlives its last renewal.
    init(
        client: KubeClient, runID: String, process: ProcessIdentity, duration: Int = 60, waiting: Waiting, time: Clocks
    ) {
        self.client = client
        self.waiting = waiting
        self.time = time
        self.runID = runID
        self.process = process
        self.duration = duration
        identity = process.holder(run: runID)
    }

    /// Why the lock is no longer ours; nil while it is, or before it was taken. Nobody takes it within its duration, so
    /// that it is read only after a longer pause, as of a process that was stopped.
    func lossSeenNow() async -> String? {
        guard loss == nil, let renewedAt, age(renewedAt) >= Double(duration),
            let lease = try? await client.lease(Self.name, namespace: Self.namespace), lease.holder != identity
        else { return loss }
        return lost(to: lease)
    }

    /// Begins without the lock, because the API server is silent. Until it answers, only ARM's If-Match keeps another
    /// run from doing the same; from then on the lock is needed.
    func doWithoutWhileSilent() { mayDoWithout = true }

    /// Whether a silent API server may keep the next step back. It keeps nothing back that turns KMS on or opens the
    /// vault: Secrets would lie in plaintext for as long as nobody answers.
    func tolerateSilence(_ isTolerated: Bool) { toleratesSilence = isTolerated }

    /// Takes the lock, waiting for a holder that may be dead to expire.
    func acquire() async throws {
        Points.pass("lock-acquire")
        defer { Points.pass("lock-acquire-ended") }
        var watched: (record: String, since: Double)?
        var lost = 0
        while true {
            if let reason = waiting.interrupted() { throw RunInterrupted(reason) }
            guard let lease = try await client.lease(Self.name, namespace: Self.namespace) else {
                if try await takeOrLook(nil, &lost) { return }
                continue
            }
            guard let holder = lease.holder, holder != identity, !isSurelyGone(holder) else {
                if try await takeOrLook(lease, &lost) { return }
                continue
            }
            let record = "\(holder) \(lease.renewTime ?? "") \(lease.resourceVersion ?? "")"
            let lasts = Self.lifetime(lease.durationSeconds, else: duration)
            if watched?.record != record {
                if watched != nil { throw Taken(holder: holder, run: lease[annotation: Self.runAnnotation] ?? "") }
                watched = (record, time.monotonic())
                waiting.tell(Holder.words(holder))
            }
            if let watched, age(watched.since) > lasts {
                if try await takeOrLook(lease, &lost) { return }
                continue
            }
            await waiting.sleep(1)
        }
    }

    /// Whether the lock is ours now. An answer may be lost while an API server restarts, which KMS changes make them
    /// do: then the Lease tells, read anew.
    private func takeOrLook(_ lease: KubeLease?, _ lost: inout Int) async throws(KubeError) -> Bool {
        do throws(KubeError) {
            if let lease { return try await take(lease) }
            return try await create()
        } catch {
            lost += 1
            guard error.isUnknown, lost < 5 else { throw error }
            await waiting.sleep(1)
            return false
        }
    }

    /// Reads the lock again; it must be ours with more than half of its time left, and is renewed otherwise.
    func confirm() async throws(RunInterrupted) {
        Points.pass("lock-confirm")
        defer { Points.pass("lock-confirm-ended") }
        if let loss { throw RunInterrupted(loss) }
        if renewedAt == nil, mayDoWithout { return try await takeIfItCanBeAsked() }
        // What was read may be old: this process may have slept over the answer, or have renewed meanwhile.
        for _ in 1...3 where try await isConfirmed() { return }
        throw RunInterrupted("the lock changed each time that it was renewed")
    }

    /// False when the Lease changed between being read and being renewed, so that it has to be read again.
    private func isConfirmed() async throws(RunInterrupted) -> Bool {
        let lease: KubeLease?
        do { lease = try await client.lease(Self.name, namespace: Self.namespace) } catch {
            guard hasTimeLeft || isTolerable(error) else {
                throw RunInterrupted("the lock could not be read: \(error)")
            }
            return true
        }
        guard let lease, lease.holder == identity else { throw RunInterrupted(lost(to: lease)) }
        if hasTimeLeft { return true }
        do { return try await take(lease) } catch {
            guard isTolerable(error) else { throw RunInterrupted("the lock could not be renewed: \(error)") }
            return true
        }
    }

    private func isTolerable(_ error: KubeError) -> Bool { toleratesSilence && error.isSilence }

    private var hasTimeLeft: Bool { renewedAt.map { age($0) < Double(duration) / 2 } ?? false }

    private func takeIfItCanBeAsked() async throws(RunInterrupted) {
        do { try await acquire() } catch {
            if let error = error as? KubeError, error.isSilence { return }
            throw RunInterrupted("the lock could not be taken: \(error)")
        }
    }

    /// Renews until the task is cancelled, or the lock is lost.
    func keep() async {
        while !Task.isCancelled, loss == nil {
            try? await time.sleep(Double(duration) / 6)
            guard let renewedAt, age(renewedAt) > Double(duration) / 4 else { continue }
            await renew()
        }
    }

    func release() async {
        Points.pass("lock-release")
        defer { Points.pass("lock-release-ended") }
        guard loss == nil, renewedAt != nil,
            var lease = try? await client.lease(Self.name, namespace: Self.namespace), lease.holder == identity
        else { return }
        lease.holder = nil
        _ = try? await client.replace(lease, namespace: Self.namespace)
    }

    private func renew() async {
        Points.pass("lock-renew")
        defer { Points.pass("lock-renew-ended") }
        do {
            guard let lease = try await client.lease(Self.name, namespace: Self.namespace) else { return }
            if lease.holder == identity { _ = try await take(lease) } else { _ = lost(to: lease) }
        } catch {
            // An API server that is away for a moment takes nothing from us; `confirm` judges before each write.
        }
    }

    private func lost(to lease: KubeLease?) -> String {
        let text = "the lock of this cluster was taken by \(lease?.holder.map(Holder.words) ?? "nobody we know")"
        loss = text
        return text
    }

    private func age(_ instant: Double) -> Double { time.monotonic() - instant }

    private func create() async throws(KubeError) -> Bool {
        var lease = KubeLease(name: Self.name, namespace: Self.namespace)
        fill(&lease)
        do throws(KubeError) {
            _ = try await client.create(lease, namespace: Self.namespace)
            renewedAt = time.monotonic()
            return true
        } catch {
            if error.isAlreadyExists { return false }
            throw error
        }
    }

    private func take(_ lease: KubeLease) async throws(KubeError) -> Bool {
        var lease = lease
        let sent = time.monotonic()
        if lease.holder != identity { lease.transitions += 1 }
        fill(&lease)
        do throws(KubeError) {
            _ = try await client.replace(lease, namespace: Self.namespace)
            renewedAt = sent
            return true
        } catch {
            if error.isConflict { return false }
            throw error
        }
    }

    private func fill(_ lease: inout KubeLease) {
        let now = KubeLease.microTime(Date(timeIntervalSince1970: time.wall()))
        if lease.holder != identity { lease.acquireTime = now }
        lease.holder = identity
        lease.durationSeconds = duration
        lease.renewTime = now
        lease[annotation: Self.runAnnotation] = runID
    }

    private func isSurelyGone(_ holder: String) -> Bool {
        Holder(holder).map(process.isSurelyGone) ?? false
    }
}
