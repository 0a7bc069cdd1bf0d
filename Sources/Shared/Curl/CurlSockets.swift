internal import CCurl
internal import Platform

/// The TCP sockets of a multi handle, which libcurl opens and closes. Like its `CurlLoop` it lives on the curl thread
/// alone, and longer than the multi handle.
final class CurlSockets {
    private var open: Set<curl_socket_t> = []

    /// Has libcurl tell of the end of each socket that a transfer opens, which may outlive the transfer.
    func watch(_ easy: UnsafeMutableRawPointer) throws(CurlSetupError) {
        let options = EasyOptions(easy: easy)
        try options.set(CURLOPT_CLOSESOCKETDATA, pointer: UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()))
        let closing = ccurl_set_close_function(easy) { context, socket in
            CurlSockets.at(context)?.open.remove(socket)
            return close(socket)
        }
        try options.check(closing, CURLOPT_CLOSESOCKETFUNCTION)
    }

    var count: Int { open.count }

    func opened(_ socket: curl_socket_t) {
        // libcurl has no option for TCP_USER_TIMEOUT.
        ccurl_limit_unacknowledged(socket)
        open.insert(socket)
    }

    /// Runs what writes requests so that all of them leave together.
    ///
    /// libcurl writes each HTTP/2 frame by itself, and TCP_NODELAY sends each write as a segment: two a PATCH, where
    /// one has room for ten. Both ends and what is between them handle each of them.
    func sendingTogether<Result>(_ write: () -> Result) -> Result {
        for socket in open { ccurl_cork(socket, 1) }
        defer { for socket in open { ccurl_cork(socket, 0) } }
        return write()
    }

    private static func at(_ pointer: UnsafeMutableRawPointer?) -> CurlSockets? {
        pointer.map { Unmanaged<CurlSockets>.fromOpaque($0).takeUnretainedValue() }
    }
}
