import JSON

extension JSONValue {
    /// A managed cluster's document without the members that Azure marks as read-only: what a PUT may send back.
    ///
    /// Source: the members with `visibility=["read"]` in the models of azure-mgmt-containerservice 41.8.0 (API version
    /// 2026-08-01), which az leaves out of its updates, too.
    var withoutReadOnlyMembers: JSONValue {
        without(["id", "name", "type", "systemData", "eTag"])
            .changing("identity", \.writableIdentity)
            .changing("properties", \.writableProperties)
    }

    /// User-assigned identities are named by their ids alone; what Azure tells of them is read-only.
    private var writableIdentity: JSONValue {
        without(["principalId", "tenantId"])
            .changing("userAssignedIdentities") { $0.eachMember { _ in .object([:]) } }
    }

    private var writableProperties: JSONValue {
        let outbound: (JSONValue) -> JSONValue = { $0.without(["effectiveOutboundIPs"]) }
        return without([
            "provisioningState", "powerState", "maxAgentPools", "currentKubernetesVersion", "fqdn", "privateFQDN",
            "azurePortalFQDN", "resourceUID",
        ])
        .changing("agentPoolProfiles") { $0.eachItem(\.writablePool) }
        .changing("networkProfile") {
            $0.changing("loadBalancerProfile", outbound).changing("natGatewayProfile", outbound)
        }
        .changing("addonProfiles") { $0.eachMember { $0.without(["identity"]) } }
        .changing("ingressProfile") { $0.changing("webAppRouting") { $0.without(["identity"]) } }
        .changing("oidcIssuerProfile") { $0.without(["issuerURL"]) }
        .changing("podIdentityProfile") {
            $0.changing("userAssignedIdentities") {
                $0.eachItem { $0.without(["provisioningState", "provisioningInfo"]) }
            }
        }
        .changing("status") { $0.without(["provisioningError"]) }
    }

    private var writablePool: JSONValue {
        without(["eTag", "currentOrchestratorVersion", "provisioningState"])
            .changing("status") { $0.without(["provisioningError"]) }
            .changing("localDNSProfile") { $0.without(["state"]) }
    }
}

extension JSONValue {
    func without(_ members: [String]) -> JSONValue {
        var result = self
        for member in members { result[member] = nil }
        return result
    }

    /// With a member changed; the same where there is none.
    func changing(_ member: String, _ change: (JSONValue) -> JSONValue) -> JSONValue {
        guard let value = self[member] else { return self }
        var result = self
        result[member] = change(value)
        return result
    }

    /// With each item of a list changed; the same if it is no list.
    fileprivate func eachItem(_ change: (JSONValue) -> JSONValue) -> JSONValue {
        array.map { .array($0.map(change)) } ?? self
    }

    /// With each member of an object changed; the same if it is no object.
    fileprivate func eachMember(_ change: (JSONValue) -> JSONValue) -> JSONValue {
        object.map { .object($0.mapValues(change)) } ?? self
    }
}
