internal import CCurl
internal import HTTP
internal import Platform
internal import Synchronization

/// A thread that owns a multi handle and everything in it. It starts with the first job and ends when the engine is
/// released.
final class CurlEngine: Sendable {
    let mailbox = CurlMailbox()
    private let plan: CurlPlan
    private let isRunning = Mutex(false)

    init(plan: CurlPlan) { self.plan = plan }

    /// The thread keeps the mailbox, never the engine, so that this runs when the last transport lets go.
    deinit { mailbox.stop() }

    func submit(_ job: CurlJob) {
        let started = isRunning.withLock { running in
            if !running { running = CurlThread.start(plan: plan, mailbox: mailbox) }
            return running
        }
        guard started else { return job.end(unsent: .other, "no thread could be started") }
        guard mailbox.submit(job) else { return job.end(unsent: .other, "libcurl could not be started") }
    }
}

/// A detached POSIX thread: a task would hold one of the few threads that all Swift concurrency runs on.
private enum CurlThread {
    /// What crosses over to the thread.
    private final class Errand: Sendable {
        let plan: CurlPlan
        let mailbox: CurlMailbox

        init(plan: CurlPlan, mailbox: CurlMailbox) {
            self.plan = plan
            self.mailbox = mailbox
        }
    }

    /// OpenSSL's handshake is the deepest that runs here, far below this.
    private static let stackBytes = 512 << 10

    static func start(plan: CurlPlan, mailbox: CurlMailbox) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        let errand = Unmanaged.passRetained(Errand(plan: plan, mailbox: mailbox))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { context in
                if let context { CurlThread.run(Unmanaged<Errand>.fromOpaque(context).takeRetainedValue()) }
                return nil
            }, errand.toOpaque())
        if code != 0 { errand.release() }
        return code == 0
    }

    private static func run(_ errand: Errand) {
        // Signals are for the main thread; and with CURLOPT_NOSIGNAL it is left to us to survive SIGPIPE.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        ccurl_name_thread(errand.plan.threadName)
        guard let loop = CurlLoop(plan: errand.plan, mailbox: errand.mailbox) else {
            for job in errand.mailbox.close() { job.end(unsent: .other, "libcurl could not be started") }
            return
        }
        loop.run()
    }
}

/// What an engine is made of, fixed for its life.
struct CurlPlan: Sendable {
    var settings: TransportSettings
    var userAgent: String
    /// Requests on one connection: before the next is opened, and at most.
    var streams: ClosedRange<Int>
    /// Refuse every request that would need a second connection.
    var onlyOneConnection = false
    /// Stands, in tests, for the CAPATH that libcurl has from its compilation.
    var builtInAuthoritiesFolder: String?
    /// At most 15 bytes.
    var threadName = "curl"

    /// Transfers that libcurl is given at a time. Within its own queue they would use up their connect timeout.
    var transfersAtOnce: Int { connections * max(1, streams.upperBound) }
    var connections: Int { max(1, settings.connectionsPerHost) }
    /// Whether connections share what there is, rather than be filled one after the other.
    var spreads: Bool { streams.lowerBound < streams.upperBound }

    /// How many of so many transfers one connection may carry; libcurl keeps to the server's own limit by itself.
    ///
    /// Once all connections stand, that is an equal share. Until then those that stand may carry all there is: at a
    /// long round trip others would wait for two round trips and more.
    func room(for transfers: Int, allStand: Bool) -> Int {
        guard allStand else { return max(1, streams.upperBound) }
        let share = (transfers + connections - 1) / connections
        return max(1, min(streams.upperBound, max(streams.lowerBound, share)))
    }

    /// Whether a transfer beside `running` others is to open a connection: those that there are, and those that are
    /// being opened, carry enough to be full.
    func opensConnection(beside running: Int, on existing: Int) -> Bool {
        spreads && existing > 0 && existing < connections && running >= existing * streams.lowerBound
    }
}
