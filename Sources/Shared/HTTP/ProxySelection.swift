/// The proxy that the environment asks for, in the form that `TransportSettings` takes.
package struct ProxySelection: Sendable, Hashable {
    /// With its scheme; nil for none. May hold a password, so it must not be shown.
    package let proxyURL: String?
    package let noProxy: String

    /// Reads `HTTPS_PROXY` (for https URLs) or `HTTP_PROXY`, else `ALL_PROXY`, and `NO_PROXY`.
    ///
    /// Upper case beats lower case, and this machine itself is never asked for through a proxy, both as in Go's
    /// `ProxyFromEnvironment`, so that a cluster that kubectl reaches is reached here by the same way.
    package init(environment: [String: String], forHTTPS: Bool) {
        func value(_ name: String) -> String? {
            [name, name.lowercased()].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let chosen = value(forHTTPS ? "HTTPS_PROXY" : "HTTP_PROXY") ?? value("ALL_PROXY")
        proxyURL = chosen.map { $0.contains("://") ? $0 : "http://" + $0 }
        let own = "localhost,127.0.0.0/8,::1"
        noProxy = value("NO_PROXY").map { "\($0),\(own)" } ?? own
    }
}
