internal import CCurl
internal import Synchronization

/// The only thing that tasks and the curl thread share: what is to be done, and a bell.
final class CurlMailbox: Sendable {
    struct Orders {
        var jobs: [CurlJob] = []
        var hasCancellations = false
        var stop = false

        var isEmpty: Bool { jobs.isEmpty && !hasCancellations && !stop }
    }

    /// A multi handle as a bell only.
    ///
    /// Unchecked because a raw pointer is not Sendable. `curl_multi_wakeup` is the one function that libcurl allows
    /// from any thread, `ring()` is the only use made of the pointer, and it happens under the mailbox's lock, under
    /// which the thread takes the bell away before it frees the handle.
    private struct Bell: @unchecked Sendable {
        let multi: UnsafeMutableRawPointer

        func ring() { curl_multi_wakeup(multi) }
    }

    private struct State {
        var orders = Orders()
        var bell: Bell?
        /// Between `mayWait` and `take` the thread is in, or about to enter, `curl_multi_poll`.
        var threadWaits = false
        var isClosed = false

        /// One ring for many orders.
        mutating func wakeThread() {
            guard threadWaits else { return }
            threadWaits = false
            bell?.ring()
        }
    }

    private let state = Mutex(State())

    /// False when the thread is gone, so that the job will never be taken.
    func submit(_ job: CurlJob) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.orders.jobs.append(job)
            state.wakeThread()
            return true
        }
    }

    /// Has the thread look for tickets that were cancelled.
    func announceCancellation() {
        state.withLock { state in
            state.orders.hasCancellations = true
            state.wakeThread()
        }
    }

    func stop() {
        state.withLock { state in
            state.orders.stop = true
            state.wakeThread()
        }
    }

    /// For the thread: its multi handle is ready to be rung.
    func open(_ multi: UnsafeMutableRawPointer) {
        let bell = Bell(multi: multi)
        state.withLock { $0.bell = bell }
    }

    /// For the thread: takes what there is.
    func take() -> Orders {
        state.withLock { state in
            state.threadWaits = false
            let orders = state.orders
            state.orders = Orders()
            return orders
        }
    }

    /// For the thread: whether it may wait, because there is nothing to take; from then on orders ring.
    func mayWait() -> Bool {
        state.withLock { state in
            state.threadWaits = state.orders.isEmpty
            return state.threadWaits
        }
    }

    /// For the thread, before it frees the multi handle: the jobs that nobody will do.
    func close() -> [CurlJob] {
        state.withLock { state in
            state.isClosed = true
            state.bell = nil
            let left = state.orders.jobs
            state.orders = Orders()
            return left
        }
    }
}
