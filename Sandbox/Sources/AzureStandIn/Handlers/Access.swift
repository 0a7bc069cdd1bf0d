import Foundation

extension StandIn {
    /// Who calls, or ARM's refusal: 401 in one of its four shapes.
    func caller(_ request: Request) throws -> Principal {
        guard let text = request.bearerToken else {
            throw unauthorized(
                "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        }
        guard let token = tokens[text] else {
            throw unauthorized("InvalidAuthenticationToken", "The access token is invalid.")
        }
        guard Self.managementAudiences.contains(token.audience.trimmingSlash) else {
            throw unauthorized(
                "InvalidAuthenticationTokenAudience",
                "The access token has been obtained for wrong audience or resource '\(token.audience)'. It should exactly "
                    + "match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'."
            )
        }
        let now = configuration.now()
        guard token.expires > now else {
            throw unauthorized(
                "ExpiredAuthenticationToken",
                "The access token expiry UTC time '\(Timestamp.seconds(token.expires))' is earlier than current UTC time "
                    + "'\(Timestamp.seconds(now))'.")
        }
        if token.isRevoked { throw claimsChallenge(issuedBefore: now) }
        return token.principal
    }

    private static let managementAudiences: Set<String> = [
        "https://management.core.windows.net", "https://management.azure.com",
    ]

    private func unauthorized(_ code: String, _ message: String) -> AzureError {
        AzureError.arm(401, code, message).with(
            "www-authenticate",
            "Bearer authorization_uri=\"\(configuration.baseURL)/\(world.tenantID)\", error=\"invalid_token\", error_description=\"\(message)\""
        )
    }

    /// Continuous access evaluation: the token is good but must be fetched anew with these claims.
    private func claimsChallenge(issuedBefore now: Date) -> AzureError {
        let claims: JSON = [
            "access_token": ["nbf": ["essential": true, "value": .string(String(Int(now.timeIntervalSince1970)))]]
        ]
        let encoded = Data(claims.bytes).base64EncodedString()
        return AzureError.arm(
            401, "TokenIssuedBeforeRevocationTimestamp", "User session has been revoked. Please sign in again."
        ).with(
            "www-authenticate",
            "Bearer realm=\"\", authorization_uri=\"\(configuration.baseURL)/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"\(encoded)\""
        )
    }

    /// Azure's role-based access control over one action.
    func authorize(_ caller: Principal, _ action: String, _ scope: String) throws {
        let isRead = action.lowercased().hasSuffix("/read")
        let isLost = !isRead && faults.holds(.authorizationLost, at: .scope(scope)) != nil
        let isAllowed = world.may(caller.objectID, action, at: scope)
        guard isAllowed, !isLost else {
            throw AzureError.authorizationFailed(caller: caller, action: action, scope: scope)
        }
    }

    /// What a list of a subscription or group shows: all where the caller may read there, else what it may read below.
    /// One that may read nothing is refused (the refusals: hashicorp/terraform-provider-azurerm#2678; the choice:
    /// inferred).
    func readable<Item>(
        _ items: [Item], _ caller: Principal, _ action: String, in scope: String, id: (Item) -> String
    ) throws -> [Item] {
        func mayRead(_ scope: String) -> Bool { world.may(caller.objectID, action, at: scope) }
        if mayRead(scope) { return items }
        let mine = world.identities(of: caller.objectID)
        let below = world.assignments.filter {
            mine.contains($0.principalID.lowercased()) && isAtOrBelow(scope, $0.scope)
        }
        guard below.contains(where: { world.role($0.roleID)?.allows(action) ?? false }) else {
            throw AzureError.authorizationFailed(caller: caller, action: action, scope: scope)
        }
        return items.filter { mayRead(id($0)) }
    }

    /// A write of a cluster is checked against what it is linked to as well (learn.microsoft.com, "Troubleshoot Azure
    /// RBAC", LinkedAuthorizationFailed).
    func authorizeLinked(_ caller: Principal, _ action: String, _ scope: String, _ resource: JSON) throws {
        let identities = resource[path: ["identity", "userAssignedIdentities"]]?.object?.keys.sorted() ?? []
        var needed = identities.map { ($0, "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action") }
        var subnets = [resource[path: ["properties", "apiServerAccessProfile", "subnetId"]]?.string ?? ""]
        for pool in resource[path: ["properties", "agentPoolProfiles"]]?.array ?? [] {
            subnets += [pool["vnetSubnetID"]?.string ?? "", pool["podSubnetID"]?.string ?? ""]
        }
        needed += Set(subnets).subtracting([""]).sorted().map {
            ($0, "Microsoft.Network/virtualNetworks/subnets/join/action")
        }
        for (linked, wanted) in needed
        where !world.may(caller.objectID, wanted, at: linked) {
            throw AzureError.arm(
                403, "LinkedAuthorizationFailed",
                "The client '\(caller.name)' with object id '\(caller.objectID)' has permission to perform action "
                    + "'\(action)' on scope '\(scope)'; however, it does not have permission to perform action(s) "
                    + "'\(wanted)' on the linked scope(s) '\(linked)' (respectively) or the linked scope(s) are invalid."
            )
        }
    }

    /// Locks of the world and the fault that makes one.
    func requireUnlocked(_ id: ResourceID, kind: String) throws {
        if let lock = world.readOnlyLock(over: id.description) {
            throw AzureError.scopeLocked(id.description, lock: lock.scope)
        }
        if let fault = faults.holds(.scopeLocked, at: .scope(id.description)) {
            let on = fault.parameters["on"]?.string ?? "cluster"
            let group = "/subscriptions/\(id.subscription)/resourceGroups/\(id.group)"
            if on == "group" { throw AzureError.scopeLocked(id.description, lock: group) }
            if on == kind { throw AzureError.scopeLocked(id.description, lock: id.description) }
        }
    }

    /// All locks, with those that faults make.
    var locks: [Lock] {
        world.locks + faults.all(.scopeLocked).map(lock)
    }

    private func lock(of fault: ActiveFault) -> Lock {
        let cluster = (try? clusterID(named: fault.cluster)) ?? firstCluster
        let vault = vaultIndex(of: fault, cluster).map { world.vaults[$0].id.description }
        let group = "/subscriptions/\(cluster.subscription)/resourceGroups/\(cluster.group)"
        let scope =
            switch fault.parameters["on"]?.string ?? "cluster" {
            case "group": group
            case "vault": vault ?? group
            default: cluster.description
            }
        return Lock(name: "sandbox-lock", level: "ReadOnly", scope: scope)
    }
}

extension String {
    var trimmingSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
