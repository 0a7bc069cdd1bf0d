package import Azure
package import JSON
import Text

/// A key vault as ARM describes it. What is missing reads as Azure's default.
package struct Vault: Sendable, Hashable {
    /// All that ARM told.
    package let document: JSONValue
    /// The vault's id.
    package let id: AzureResourceID

    /// Refuses a document that is not a vault with properties.
    package init(_ document: JSONValue) throws(JSONError) {
        guard let text = document["id"]?.string,
            let id = try? AzureResourceID(parsing: text, type: "Microsoft.KeyVault/vaults")
        else { throw JSONError("the document has no id of a vault") }
        guard document["properties"]?.object != nil else { throw JSONError("the vault has no properties") }
        self.document = document
        self.id = id
    }

    private var properties: JSONValue { document["properties"] ?? .object([:]) }

    /// Its name.
    package var name: String { document["name"]?.string ?? id.name }
    /// Its region.
    package var location: String? { document["location"]?.string }
    /// The tenant whose tokens it takes; must be the cluster's.
    package var tenantID: String? { properties["tenantId"]?.string }
    /// With or without a slash at the end, as ARM gives it.
    package var vaultURI: String? { properties["vaultUri"]?.string }

    /// Host of the data plane, with the port if it is not 443; nil when ARM gives no URI.
    package var authority: String? { vaultURI.flatMap(Origin.init(ofHTTPS:))?.authority }

    /// Whether the vault owns the host in a key's id.
    package func owns(_ key: KeyIdentifier) -> Bool { authority == key.vaultAuthority }

    /// Nil for a value that is not known; absent means Enabled.
    package var access: VaultAccess? { VaultAccess(anyCase: shownAccess) }
    /// `publicNetworkAccess` as ARM writes it.
    package var shownAccess: String {
        properties["publicNetworkAccess"]?.string ?? VaultAccess.enabled.rawValue
    }

    /// Whether only the addresses and subnets of its rules get in. Azure leaves the rules out when they are Allow with
    /// the bypass for its services.
    package var firewallDenies: Bool {
        properties[path: "networkAcls", "defaultAction"]?.string?.lowercased() == "deny"
    }

    /// `networkAcls.bypass` as ARM writes it; nil where it shows no rules.
    package var shownBypass: String? { properties[path: "networkAcls", "bypass"]?.string?.onOneLine(limit: 64) }

    /// Whether trusted services pass the firewall.
    package var trust: ServiceTrust {
        guard let shownBypass else { return .byDefault }
        return shownBypass.lowercased() == "azureservices" ? .explicit : .none
    }

    /// Whether the rule that a setting sets holds, as far as ARM shows it: it leaves rules out that are its default.
    package func holds(_ setting: VaultSetting) -> Bool {
        switch setting {
        case .open: access == .enabled
        case .closed: access == .disabled
        case .trustServices: trust != .none
        case .denyNetworks: firewallDenies && trust == .explicit
        case .allowNetworks: !firewallDenies && trust != .none
        }
    }

    /// What identities may do on the data plane of a vault without RBAC, as ARM gives it; else they do not count.
    package var accessPolicies: [JSONValue] { properties["accessPolicies"]?.array ?? [] }

    /// Approved and others.
    package var privateEndpointConnections: [PrivateEndpointConnection] {
        (properties["privateEndpointConnections"]?.array ?? []).map { PrivateEndpointConnection($0) }
    }
}

extension PrivateEndpointConnection {
    /// Reads a connection; what is missing, or of another type than documented, reads as empty.
    init(_ document: JSONValue) {
        let properties = document["properties"]
        self.init(
            id: document["id"]?.string ?? "",
            status: properties?[path: "privateLinkServiceConnectionState", "status"]?.string ?? "",
            endpoint: properties?[path: "privateEndpoint", "id"]?.string.flatMap {
                try? AzureResourceID(parsing: $0)
            })
    }
}

/// Where the private endpoint of one cluster stands at a vault.
package enum ClusterEndpointState: Sendable, Hashable {
    /// AKS has made none, or it was removed.
    case none
    case pending
    case approved
    case rejected
}

extension Vault {
    /// The connections of private endpoints that AKS made for a cluster.
    package func connections(of cluster: ManagedCluster) -> [PrivateEndpointConnection] {
        guard let group = cluster.nodeResourceGroup else { return [] }
        return privateEndpointConnections.filter { $0.isInNodeGroup(group, of: cluster.id) }
    }

    /// Where the cluster's own private endpoint stands; those of applications and of other clusters say nothing of it.
    ///
    /// AKS makes a new endpoint each time when KMS is turned on as Private, and one of an earlier private period may be
    /// left with its connection still approved (Azure/AKS#3542). Connections carry no time, so which of several is in
    /// use cannot be told: one that waits is taken for the new one, because a vault that is closed behind it is out of
    /// reach.
    package func endpointState(of cluster: ManagedCluster) -> ClusterEndpointState {
        let states = connections(of: cluster).map { $0.status.lowercased() }
        if states.contains("pending") { return .pending }
        if states.contains("approved") { return .approved }
        return states.contains("rejected") ? .rejected : .none
    }
}

/// A version of a key, as ARM shows it; the vault's firewall need not be passed for it.
package struct VaultKey: Sendable, Hashable {
    /// All that ARM told.
    package let document: JSONValue

    package init(_ document: JSONValue) { self.document = document }

    private var attributes: JSONValue? { document[path: "properties", "attributes"] }

    /// Nil when ARM does not tell.
    package var isEnabled: Bool? { attributes?["enabled"]?.bool }
    /// Seconds since 1970.
    package var expires: Int64? { attributes?["exp"]?.integer }
    /// When this version was made, in seconds since 1970.
    package var created: Int64? { attributes?["created"]?.integer }
    /// The id with the version, which ARM shows as `keyUriWithVersion`; nil when it does not.
    package var id: KeyIdentifier? {
        document[path: "properties", "keyUriWithVersion"]?.string.flatMap {
            try? KeyIdentifier(parsingVersioned: $0)
        }
    }
}

/// A vault that was deleted and can still be recovered.
package struct DeletedVault: Sendable, Hashable {
    /// All that ARM told.
    package let document: JSONValue

    package init(_ document: JSONValue) { self.document = document }

    /// The id that it had.
    package var vaultID: String? { document[path: "properties", "vaultId"]?.string }
}
