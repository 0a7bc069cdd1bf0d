internal import HTTP

/// How one URL is reached under a transport's settings: which name TLS verifies, where TCP goes, and which proxy is
/// asked.
struct CurlRoute: Sendable, Hashable {
    /// What libcurl is given: the URL itself, or the URL with `serverName` for its host.
    let url: String
    let origin: String
    /// `host:port:connect-host:connect-port`, when the URL's host was replaced.
    let connectTo: String?
    /// The authority as the caller wrote it, when the URL's host was replaced.
    let hostHeader: String?
    /// Empty for a direct connection.
    let proxy: String

    init(_ parts: URLParts, verbatim url: String, settings: TransportSettings, noProxy: NoProxyList) {
        origin = parts.origin
        if let name = settings.serverName, name != parts.host, parts.isHTTPS {
            self.url = "https://\(name):\(parts.port)\(parts.rest)"
            connectTo = "\(name):\(parts.port):\(parts.bracketedHost):\(parts.port)"
            hostHeader = parts.authority
        } else {
            (self.url, connectTo, hostHeader) = (url, nil, nil)
        }
        if let proxy = settings.proxyURL, !noProxy.contains(host: parts.host, port: parts.port) {
            self.proxy = Self.resolvingAtProxy(proxy)
        } else {
            proxy = ""
        }
    }

    /// Go, and so kubectl, lets a `socks5://` proxy resolve the name; libcurl calls that `socks5h`.
    private static func resolvingAtProxy(_ proxy: String) -> String {
        let plain = "socks5://"
        return proxy.lowercased().hasPrefix(plain) ? "socks5h://" + proxy.dropFirst(plain.count) : proxy
    }
}
