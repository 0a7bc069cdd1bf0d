/// The proxy that the environment asks for, in the form that `TransportSettings` takes.
package struct ProxySelection: Sendable, Hashable {
    /// With its scheme; nil for none. May hold a password, so it must not be shown.
    package let proxyURL: String?
    package let noProxy: String

    /// Whose way to a server is taken.
    package enum Rules: Sendable {
        /// Go's `ProxyFromEnvironment` (golang.org/x/net/http/httpproxy): upper case beats lower case, and ALL_PROXY is
        /// not looked at.
        case kubectl
        /// Python's `getproxies_environment` and requests' `select_proxy`: lower case beats upper case, and ALL_PROXY
        /// is the last resort.
        case az
    }

    /// Reads `HTTPS_PROXY` (for https URLs) or `HTTP_PROXY`, and `NO_PROXY`.
    ///
    /// This machine itself is never asked for through a proxy, as in Go.
    package init(environment: [String: String], forHTTPS: Bool, as rules: Rules) {
        func value(_ name: String) -> String? {
            let names = rules == .az ? [name.lowercased(), name] : [name, name.lowercased()]
            return names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let chosen = value(forHTTPS ? "HTTPS_PROXY" : "HTTP_PROXY") ?? (rules == .az ? value("ALL_PROXY") : nil)
        proxyURL = chosen.map { $0.contains("://") ? $0 : "http://" + $0 }
        let own = "localhost,127.0.0.0/8,::1"
        noProxy = value("NO_PROXY").map { "\($0),\(own)" } ?? own
    }
}
