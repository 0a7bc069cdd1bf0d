/// How long the curl thread lets answers and requests gather before it looks again, while many transfers are under way.
///
/// Each look costs: libcurl goes through all transfers, and what it then sends and receives is a segment and a wake-up
/// for both ends. A wait that is short against the time of an answer changes nothing else, since the server has other
/// requests of ours meanwhile.
struct CurlGathering {
    /// Fewer transfers than this gain nothing.
    static let crowd = 16
    /// Of the time that a transfer takes.
    private static let share = 1.0 / 12
    private static let longestMicroseconds = 4000.0

    /// Microseconds that a transfer takes: a moving mean, in which each new one counts for a tenth.
    private var typicalMicroseconds = 0.0

    mutating func ended(after microseconds: Int) {
        typicalMicroseconds += (Double(microseconds) - typicalMicroseconds) / 10
    }

    /// Microseconds to wait with so many transfers under way.
    func pause(running: Int) -> UInt32 {
        running < Self.crowd ? 0 : UInt32(max(0, min(Self.longestMicroseconds, typicalMicroseconds * Self.share)))
    }
}
