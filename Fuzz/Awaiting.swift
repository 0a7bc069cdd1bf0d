import Dispatch

/// Waits for work that awaits: libFuzzer calls from a thread of its own kind, which no task runs on.
func finish(_ work: @escaping @Sendable () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
        await work()
        done.signal()
    }
    done.wait()
}
