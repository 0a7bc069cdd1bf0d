/// How long the curl thread lets answers and requests gather before it looks again, while many transfers are under way.
///
/// Each look costs: libcurl goes through all transfers, and what it then sends and receives is a segment and a wake-up
/// for both ends. Where requests queue at the server anyway, a wait that is short against that queue costs nothing: the
/// server has other requests of ours meanwhile.
struct CurlGathering {
    /// Fewer transfers than this gain nothing.
    static let crowd = 16
    /// Of the time for which a transfer waits in queues.
    private static let share = 1.0 / 4
    private static let longestMicroseconds = 12_000.0
    /// The same where the way is long: a quarter of it, up to this.
    private static let farMicroseconds = 25_000.0

    /// Microseconds that a transfer takes: a moving mean, in which each new one counts for a tenth, and the shortest,
    /// which is the way and the work without a queue.
    private var typicalMicroseconds = 0.0
    private var shortestMicroseconds = Double.infinity

    mutating func ended(after microseconds: Int) {
        typicalMicroseconds += (Double(microseconds) - typicalMicroseconds) / 10
        shortestMicroseconds = min(shortestMicroseconds, Double(microseconds))
    }

    /// Microseconds to wait with so many transfers under way.
    func pause(running: Int) -> UInt32 {
        let queued = typicalMicroseconds - shortestMicroseconds
        guard running >= Self.crowd, queued > 0 else { return 0 }
        let longest = max(Self.longestMicroseconds, min(Self.farMicroseconds, shortestMicroseconds * Self.share))
        return UInt32(min(longest, queued * Self.share))
    }
}
