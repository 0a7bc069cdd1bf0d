/// The hosts that are reached without the proxy, by the rules that Go programs, kubectl among them, give `NO_PROXY`
/// (golang.org/x/net/http/httpproxy): `*`, names, `.suffixes`, addresses and CIDRs, names and addresses with an
/// optional port.
package struct NoProxyList: Sendable, Hashable {
    private enum Rule: Sendable, Hashable {
        case everything
        case network(IPAddress, prefix: Int)
        case address(IPAddress, port: Int?)
        /// The name itself unless `onlyBelow`, and every name that ends in `.name`.
        case name(String, onlyBelow: Bool, port: Int?)
    }

    private let rules: [Rule]

    /// Entries that cannot be read are left out, as Go does.
    package init(_ list: String) {
        rules = list.split(whereSeparator: { $0 == "," || $0.isWhitespace }).compactMap { Self.rule($0.lowercased()) }
    }

    /// Whether the host, a name or an address without brackets, is to be reached directly.
    package func contains(host: String, port: Int) -> Bool {
        guard !rules.isEmpty else { return false }
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        let address = IPAddress(name)
        return rules.contains { rule in
            switch rule {
            case .everything:
                true
            case .network(let network, let prefix):
                address?.isWithin(network, prefix: prefix) ?? false
            case .address(let wanted, let wantedPort):
                address == wanted && (wantedPort ?? port) == port
            case .name(let wanted, let onlyBelow, let wantedPort):
                ((!onlyBelow && name == wanted) || name.hasSuffix("." + wanted)) && (wantedPort ?? port) == port
            }
        }
    }

    private static func rule(_ entry: String) -> Rule? {
        if entry == "*" { return .everything }
        if let slash = entry.firstIndex(of: "/") {
            guard let network = IPAddress(String(entry[..<slash])),
                let prefix = Int(entry[entry.index(after: slash)...]), (0...network.bytes.count * 8).contains(prefix)
            else { return nil }
            return .network(network, prefix: prefix)
        }
        if let address = IPAddress(entry) { return .address(address, port: nil) }
        var (name, port) = (entry, Int?.none)
        if let colon = entry.lastIndex(of: ":") {
            guard let number = Int(entry[entry.index(after: colon)...]), (1...65535).contains(number) else {
                return nil
            }
            (name, port) = (String(entry[..<colon]), number)
            if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
            if let address = IPAddress(name) { return .address(address, port: port) }
        }
        if name.hasPrefix("*.") { name.removeFirst() }
        let onlyBelow = name.hasPrefix(".")
        if onlyBelow { name.removeFirst() }
        return name.isEmpty ? nil : .name(name, onlyBelow: onlyBelow, port: port)
    }
}
