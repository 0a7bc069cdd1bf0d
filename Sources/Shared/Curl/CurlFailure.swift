internal import CCurl
internal import HTTP
import Text

/// What one of libcurl's codes means to the caller.
struct CurlFailure: Hashable {
    let kind: TransportError.Kind
    let detail: String

    /// - Parameter libraryText: the error buffer, which says more than the code does.
    init(_ code: CURLcode, usesProxy: Bool, wasBegun: Bool, libraryText: String) {
        kind = Self.kind(code, usesProxy: usesProxy, wasBegun: wasBegun)
        let general = String(cString: curl_easy_strerror(code))
        // "Unsupported proxy scheme" quotes the proxy's URL, under the code of a connection that failed.
        let isSafe = Self.textIsSafe(code) && !libraryText.contains("://")
        detail = (isSafe && !libraryText.isEmpty ? libraryText : general).onOneLine()
    }

    private static func kind(_ code: CURLcode, usesProxy: Bool, wasBegun: Bool) -> TransportError.Kind {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badURL
        case CURLE_COULDNT_RESOLVE_HOST: .couldNotResolve
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxyFailed
        case CURLE_COULDNT_CONNECT: usesProxy ? .proxyFailed : .couldNotConnect
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            .certificateRefused
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            .tlsFailed
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        // 16, 92 and 56 are also how libcurl 7.88 ends streams of servers that count its resets and hang up.
        case CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING,
            CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND:
            usesProxy && !wasBegun ? .proxyFailed : .connectionLost
        default: .other
        }
    }

    /// Whether the error buffer of such a failure holds names, addresses and reasons only. Others may quote the URL of
    /// a proxy with its password, or what a server sent.
    private static func textIsSafe(_ code: CURLcode) -> Bool {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_OPERATION_TIMEDOUT, CURLE_HTTP2, CURLE_HTTP2_STREAM,
            CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            true
        default: false
        }
    }
}
