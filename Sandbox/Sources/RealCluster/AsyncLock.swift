/// Lets one caller at a time through, in the order of arrival. For state of an actor that must hold across suspensions.
struct AsyncLock {
    private var isHeld = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// True if the caller has the lock; else it must hand in a continuation with `wait`.
    mutating func acquire() -> Bool {
        defer { isHeld = true }
        return !isHeld
    }

    mutating func wait(_ continuation: CheckedContinuation<Void, Never>) {
        waiters.append(continuation)
    }

    /// Passes the lock to whoever waits longest.
    mutating func release() {
        if waiters.isEmpty { isHeld = false } else { waiters.removeFirst().resume() }
    }
}
