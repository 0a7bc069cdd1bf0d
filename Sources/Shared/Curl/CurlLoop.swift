internal import CCurl
internal import HTTP
internal import Platform

/// The multi handle and its transfers. Made, used and released on the curl thread; not Sendable, so that it stays
/// there.
final class CurlLoop {
    private let multi: UnsafeMutableRawPointer
    private let plan: CurlPlan
    private let mailbox: CurlMailbox
    private let material: TLSMaterial
    private let sockets = CurlSockets()
    private let onlyConnection: OnlyConnection?
    private var waiting: [CurlJob] = []
    /// Jobs before this index have been started; the array is cut when all have.
    private var nextWaiting = 0
    private var running: [CurlTransfer] = []
    private var idle: [CurlTransfer] = []
    /// Those that open a connection of their own and have not begun yet.
    private var opening: [CurlTransfer] = []

    /// Requests on one connection, as libcurl was told last.
    private var streams: Int
    private var gathering = CurlGathering()
    private var lastSweep = ContinuousClock.now

    /// An idle thread still looks this often; a busy one as libcurl's own timers say, and at least this often.
    private static let pollMilliseconds: (busy: CInt, idle: CInt) = (250, 60_000)
    private static let globalCode = ccurl_global_start()

    init?(plan: CurlPlan, mailbox: CurlMailbox) {
        guard Self.globalCode == CURLE_OK, let multi = curl_multi_init() else { return nil }
        self.multi = multi
        self.plan = plan
        self.mailbox = mailbox
        streams = max(1, plan.streams.lowerBound)
        material = TLSMaterial(plan.settings)
        onlyConnection = plan.onlyOneConnection ? OnlyConnection() : nil
        let connections = plan.connections
        let options: [(CURLMoption, Int)] = [
            (CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
            (CURLMOPT_MAX_HOST_CONNECTIONS, connections),
            // libcurl fills one connection before it opens the next, so this is what spreads streams over several.
            (CURLMOPT_MAX_CONCURRENT_STREAMS, streams),
            (CURLMOPT_MAXCONNECTS, plan.onlyOneConnection ? 1 : connections * 8),
        ]
        for (option, value) in options where ccurl_multi_set_long(multi, option, value) != CURLM_OK {
            curl_multi_cleanup(multi)
            return nil
        }
        mailbox.open(multi)
    }

    deinit {
        // Easy handles go first: a multi handle may only be freed empty.
        opening.removeAll()
        running.removeAll()
        idle.removeAll()
        curl_multi_cleanup(multi)
    }

    /// Until the mailbox says stop.
    func run() {
        while true {
            let orders = mailbox.take()
            waiting += orders.jobs
            if orders.hasCancellations { dropCancelled() }
            if orders.stop { break }
            let hasRequests = startWaiting()
            sweepWaiting()
            let code = hasRequests ? sockets.sendingTogether(perform) : perform()
            collect()
            guard code == CURLM_OK else { break }
            if nextWaiting < waiting.count && running.count < plan.transfersAtOnce { continue }
            guard mailbox.mayWait() else { continue }
            let patience = running.isEmpty ? Self.pollMilliseconds.idle : Self.pollMilliseconds.busy
            guard curl_multi_poll(multi, nil, 0, patience, nil) == CURLM_OK else { break }
            let pause = gathering.pause(running: running.count)
            if pause > 0 { usleep(pause) }
        }
        endAll()
    }

    private func perform() -> CURLMcode {
        var active: CInt = 0
        return curl_multi_perform(multi, &active)
    }

    /// Whether there are requests to be sent now.
    private func startWaiting() -> Bool {
        let first = nextWaiting
        makeRoom(for: running.count + waiting.count - nextWaiting)
        while running.count < plan.transfersAtOnce, nextWaiting < waiting.count {
            let job = waiting[nextWaiting]
            nextWaiting += 1
            guard !job.ticket.isCancelled else {
                job.end(unsent: .cancelled, "")
                continue
            }
            start(job)
        }
        let hasRequests = nextWaiting > first
        if nextWaiting == waiting.count {
            waiting.removeAll(keepingCapacity: waiting.count <= 1024)
            nextWaiting = 0
        }
        return hasRequests
    }

    private func makeRoom(for transfers: Int) {
        opening.removeAll { !$0.isOpening }
        let room = plan.room(for: transfers, allStand: opening.isEmpty && sockets.count >= plan.connections)
        guard room != streams else { return }
        if ccurl_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, room) == CURLM_OK { streams = room }
    }

    private func start(_ job: CurlJob) {
        let transfer: CurlTransfer
        let existing = sockets.count + opening.count { $0.isOpening && !$0.hasSocket }
        let opens = plan.opensConnection(beside: running.count, on: existing)
        do throws(CurlSetupError) {
            if let used = idle.popLast() {
                transfer = used
            } else {
                transfer = try CurlTransfer(
                    plan: plan, material: material, sockets: sockets, onlyConnection: onlyConnection)
            }
            try transfer.prepare(
                job, opensConnection: opens, sharesConnections: plan.spreads || running.count < plan.streams.lowerBound)
        } catch {
            return job.end(unsent: error.kind, error.detail)
        }
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            transfer.abandon()
            return job.end(unsent: .other, "libcurl did not take the transfer")
        }
        transfer.position = running.count
        running.append(transfer)
        if opens { opening.append(transfer) }
    }

    private func collect() {
        var left: CInt = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            guard let transfer = CurlTransfer.of(easy) else { continue }
            remove(transfer)
            gathering.ended(after: transfer.microseconds)
            transfer.end(code)
            idle.append(transfer)
        }
    }

    private func dropCancelled() {
        for transfer in running where transfer.isCancelled {
            remove(transfer)
            transfer.endCancelled()
            idle.append(transfer)
        }
        dropWaiting()
    }

    /// Timeouts run while a request waits for its turn, too.
    private func sweepWaiting() {
        guard nextWaiting < waiting.count else { return }
        let now = ContinuousClock.now
        guard lastSweep.duration(to: now) > .milliseconds(Int(Self.pollMilliseconds.busy) / 2) else { return }
        lastSweep = now
        dropWaiting()
    }

    /// Ends what waits and is cancelled or too late.
    private func dropWaiting() {
        var kept: [CurlJob] = []
        for job in waiting[nextWaiting...] {
            if job.ticket.isCancelled {
                job.end(unsent: .cancelled, "")
            } else if let left = job.secondsLeft(), left <= 0 {
                job.end(unsent: .timedOut, "while waiting for its turn")
            } else {
                kept.append(job)
            }
        }
        waiting = kept
        nextWaiting = 0
    }

    /// In constant time: the last one takes its place.
    private func remove(_ transfer: CurlTransfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        let last = running.removeLast()
        if last !== transfer {
            running[transfer.position] = last
            last.position = transfer.position
        }
    }

    private func endAll() {
        let late = mailbox.close()
        for transfer in running {
            curl_multi_remove_handle(multi, transfer.easy)
            transfer.endCancelled()
        }
        for job in waiting[nextWaiting...] + late { job.end(unsent: .cancelled, "the transport is being closed") }
        waiting.removeAll()
        nextWaiting = 0
    }
}
