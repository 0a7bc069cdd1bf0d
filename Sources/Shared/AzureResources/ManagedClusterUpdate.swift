package import JSON

/// What an update sets in `securityProfile.azureKeyVaultKms`.
package enum KMSSetting: Sendable, Hashable {
    /// Turns KMS off; the key's id and the mode stay in the profile, as az leaves them.
    case off
    /// Turns KMS on over the vault's public endpoint.
    case onPublic(key: KeyIdentifier)
    /// Turns KMS on over a private endpoint, for which AKS needs the vault's id.
    case onPrivate(key: KeyIdentifier, vault: AzureResourceID)
}

extension ManagedCluster {
    /// The body of a PUT that changes the KMS profile and nothing else.
    ///
    /// It is the document that was read, without the members that Azure marks as read-only (those that az drops,
    /// too). Members that are not known here stay, so nothing is turned off by an update that did not know it.
    package func updateBody(settingKMS setting: KMSSetting) -> JSONValue {
        var body = document
        for member in ["id", "name", "type", "systemData", "eTag"] { body[member] = nil }
        body["identity"] = document["identity"].map(Self.writableIdentity)
        var properties = document["properties"] ?? .object([:])
        for member in Self.readOnlyProperties { properties[member] = nil }
        properties["agentPoolProfiles"] =
            properties["agentPoolProfiles"]?.array.map { pools in
                .array(pools.map { $0.without(["eTag", "currentOrchestratorVersion", "provisioningState"]) })
            } ?? properties["agentPoolProfiles"]
        properties.remove("effectiveOutboundIPs", at: ["networkProfile", "loadBalancerProfile"])
        properties.remove("issuerURL", at: ["oidcIssuerProfile"])
        properties.remove("identity", at: ["ingressProfile", "webAppRouting"])
        properties.remove("provisioningError", at: ["status"])
        if let addons = properties["addonProfiles"]?.object {
            properties["addonProfiles"] = .object(addons.mapValues { $0.without(["identity"]) })
        }
        var security = properties["securityProfile"] ?? .object([:])
        security["azureKeyVaultKms"] = kmsMember(setting)
        properties["securityProfile"] = security
        body["properties"] = properties
        return body
    }

    private static let readOnlyProperties = [
        "provisioningState", "powerState", "maxAgentPools", "currentKubernetesVersion", "fqdn", "privateFQDN",
        "azurePortalFQDN", "resourceUID",
    ]

    private func kmsMember(_ setting: KMSSetting) -> JSONValue {
        var profile = kms?.document ?? .object([:])
        switch setting {
        case .off:
            profile["enabled"] = .bool(false)
        case .onPublic(let key):
            profile["enabled"] = .bool(true)
            profile["keyId"] = .string(key.description)
            profile["keyVaultNetworkAccess"] = .string(KMSNetworkAccess.public.rawValue)
            profile["keyVaultResourceId"] = .string("")
        case .onPrivate(let key, let vault):
            profile["enabled"] = .bool(true)
            profile["keyId"] = .string(key.description)
            profile["keyVaultNetworkAccess"] = .string(KMSNetworkAccess.private.rawValue)
            profile["keyVaultResourceId"] = .string(vault.description)
        }
        return profile
    }

    /// User-assigned identities are named by their ids alone; what Azure tells of them is read-only.
    private static func writableIdentity(_ identity: JSONValue) -> JSONValue {
        var result = identity.without(["principalId", "tenantId"])
        if let assigned = result["userAssignedIdentities"]?.object {
            result["userAssignedIdentities"] = .object(assigned.mapValues { _ in .object([:]) })
        }
        return result
    }
}

extension JSONValue {
    func without(_ members: [String]) -> JSONValue {
        var result = self
        for member in members { result[member] = nil }
        return result
    }

    /// Removes a member of an object below this one, and makes nothing where the path ends early.
    mutating func remove(_ member: String, at path: [String]) {
        guard let first = path.first else {
            self[member] = nil
            return
        }
        guard var child = self[first] else { return }
        child.remove(member, at: Array(path.dropFirst()))
        self[first] = child
    }
}
