import Azure
import AzureResources
import JSON
import Preflight

/// Whether the rules on the API server's subnet let it reach a private endpoint.
extension PreflightScene {
    func readNetworkRules() async -> FactChange {
        guard question.target == .privateAccess else { return { $0.cluster.blockingNetworkRules = .notApplicable } }
        let subnet = cluster.then { try $0.document.text("properties.apiServerAccessProfile.subnetId", absent: "") }
        let rules = await subnet.thenRead { subnet -> [String] in
            // A network that AKS manages has AKS's own rules.
            if subnet.isEmpty { return [] }
            let id = try AzureResourceID(parsing: subnet, type: "Microsoft.Network/virtualNetworks/subnets")
            let document = try await arm.get(id.urlPath, apiVersion: PreflightAPIVersions.network)
            let group = try document.text("properties.networkSecurityGroup.id", absent: "")
            if group.isEmpty { return [] }
            let groupID = try AzureResourceID(parsing: group, type: "Microsoft.Network/networkSecurityGroups")
            let rules = try await arm.get(groupID.urlPath, apiVersion: PreflightAPIVersions.network)
            return try NetworkRule.blocking(try rules.items("properties.securityRules").map { try NetworkRule($0) })
        }
        return { $0.cluster.blockingNetworkRules = rules }
    }
}

/// An outbound security rule, as far as traffic to a private endpoint on port 443 is concerned.
struct NetworkRule {
    let name: String
    let priority: Int64
    let isOutbound: Bool
    let allows: Bool
    let coversPort: Bool
    /// The destination prefixes: addresses or service tags.
    let destinations: [String]

    init(_ rule: JSONValue) throws(Unreadable) {
        name = try rule.text("name")
        guard let priority = try rule.number("properties.priority") else {
            throw Unreadable("the network rule \(name) has no priority")
        }
        self.priority = priority
        isOutbound = try rule.text("properties.direction").lowercased() == "outbound"
        allows = try rule.text("properties.access").lowercased() == "allow"
        let isTCP = ["tcp", "*"].contains(try rule.text("properties.protocol").lowercased())
        let ports = try rule.all("properties.destinationPortRange", "properties.destinationPortRanges")
        coversPort = isTCP && ports.contains(where: Self.holds443)
        destinations = try rule.all("properties.destinationAddressPrefix", "properties.destinationAddressPrefixes")
    }

    /// The rules that stop the traffic. In order of priority the first that fits decides; without any, traffic inside
    /// the network is allowed.
    /// - Throws: when a rule denies some addresses of which the endpoint may be one.
    static func blocking(_ rules: [NetworkRule]) throws(Unreadable) -> [String] {
        for rule in rules.sorted(by: { $0.priority < $1.priority }) where rule.isOutbound && rule.coversPort {
            if rule.destinations.contains(where: isWholeNetwork) { return rule.allows ? [] : [rule.name] }
            if !rule.allows, rule.destinations.contains(where: { $0.contains("/") || $0.contains(".") }) {
                throw Unreadable("the network rule \(rule.name) denies addresses of which the endpoint may be one")
            }
        }
        return []
    }

    private static func isWholeNetwork(_ prefix: String) -> Bool {
        ["*", "any", "virtualnetwork", "0.0.0.0/0"].contains(prefix.lowercased())
    }

    private static func holds443(_ range: String) -> Bool {
        if range == "*" { return true }
        let ends = range.split(separator: "-").map { Int($0) }
        guard let first = ends.first, let lower = first, let last = ends.last, let upper = last else { return true }
        return lower <= 443 && 443 <= upper
    }
}

extension JSONValue {
    /// A text and a list that stand for each other.
    fileprivate func all(_ one: String, _ many: String) throws(Unreadable) -> [String] {
        let text = try text(one, absent: "")
        return (text.isEmpty ? [] : [text]) + (try texts(many))
    }
}
