import Text

/// A plugin's answer that was expired, by this machine's clock, when it came.
struct ExpiredAnswer: Sendable, Hashable, CustomStringConvertible {
    let command: String
    /// Seconds since 1970.
    let expiresAt: Double
    /// This machine's time, in seconds since 1970.
    let time: Double

    var description: String {
        let end = utcTime(Int64(expiresAt))
        let present = utcTime(Int64(time))
        return
            "the credential plugin \(command.printable(limit: 256)) gave a credential that ended at \(end), and this "
            + "machine's clock says \(present): the clock is wrong, or the plugin keeps an old credential. It is used "
            + "until the API server refuses it."
    }
}
