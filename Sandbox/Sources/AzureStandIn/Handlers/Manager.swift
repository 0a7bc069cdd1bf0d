import Foundation

extension StandIn {
    /// ARM's front door: who calls, then which provider.
    func manage(_ request: Request) async throws -> Answer {
        let caller = try caller(request)
        let path = request.segments.map { $0.lowercased() }
        switch (path.first, path.count) {
        case ("tenants", 1):
            try APIVersions.checkManager(request)
            return Answer(200, ["value": [tenant]])
        case ("subscriptions", 1):
            try APIVersions.checkManager(request)
            return Answer(200, ["value": .array(isAnywhere(caller) ? world.subscriptions.map(resource) : [])])
        case ("subscriptions", _):
            return try await manageSubscription(request, path, caller)
        case ("providers", _) where path.count >= 6 && path[1] == "microsoft.management":
            let scope = "/" + request.segments.prefix(4).joined(separator: "/")
            return try authorization(request, path, scope: scope, rest: Array(path.dropFirst(6)), caller)
        case ("providers", _) where path.count >= 3 && path[1] == "microsoft.authorization":
            return try authorization(request, path, scope: "", rest: Array(path.dropFirst(2)), caller)
        default:
            throw AzureError.noSuchPath(request.path)
        }
    }

    /// Whether the caller has a role somewhere: a subscription is listed for whoever has one in it.
    private func isAnywhere(_ caller: Principal) -> Bool {
        let mine = world.identities(of: caller.objectID)
        return world.assignments.contains { mine.contains($0.principalID.lowercased()) }
    }

    private var tenant: JSON {
        [
            "id": .string("/tenants/\(world.tenantID)"), "tenantId": .string(world.tenantID), "countryCode": "NL",
            "displayName": "Sandbox", "domains": [.string(world.tenantDomain)], "tenantCategory": "Home",
            "defaultDomain": .string(world.tenantDomain), "tenantType": "AAD",
        ]
    }

    private func resource(_ subscription: Subscription) -> JSON {
        [
            "id": .string("/subscriptions/\(subscription.id)"), "authorizationSource": "RoleBased",
            "managedByTenants": [], "subscriptionId": .string(subscription.id), "tenantId": .string(world.tenantID),
            "displayName": .string(subscription.name), "state": "Enabled",
            "subscriptionPolicies": [
                "locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01",
                "spendingLimit": "Off",
            ],
        ]
    }

    private func manageSubscription(_ request: Request, _ path: [String], _ caller: Principal) async throws -> Answer {
        guard let subscription = world.subscription(path[1]) else {
            throw AzureError.subscriptionNotFound(request.segments[1])
        }
        // Extension resources hang below any scope.
        if let at = path.lastIndex(of: "microsoft.authorization"), at >= 1, path[at - 1] == "providers" {
            if path.count > at + 1 {
                let scope = "/" + request.segments.prefix(at - 1).joined(separator: "/")
                return try authorization(request, path, scope: scope, rest: Array(path.dropFirst(at + 1)), caller)
            }
        }
        if path.count == 2 {
            try APIVersions.checkManager(request)
            // Nobody has a role in the subscriptions that hold nothing.
            if subscription.id.lowercased() == description.subscriptionID.lowercased() {
                try authorize(caller, "Microsoft.Resources/subscriptions/read", Self.listScope(request))
            }
            return Answer(200, resource(subscription))
        }
        guard subscription.id.lowercased() == description.subscriptionID.lowercased() else {
            return try emptySubscription(request, path)
        }
        switch path[2] {
        case "resources": return try resources(request, group: nil, caller)
        case "providers": return try await providers(request, path, caller)
        case "resourcegroups": return try await manageGroup(request, path, caller)
        case "locations":
            try APIVersions.checkManager(request)
            return Answer(
                200,
                ["value": [["name": .string(description.location), "displayName": .string(description.location)]]])
        default: throw AzureError.noSuchPath(request.path)
        }
    }

    /// Lists are empty and whatever is named is not there.
    private func emptySubscription(_ request: Request, _ path: [String]) throws -> Answer {
        guard request.method == "GET", request.parameter("api-version") != nil else {
            throw AzureError.noSuchPath(request.path)
        }
        switch (path[2], path.count) {
        case ("resources", 3), ("resourcegroups", 3), ("providers", 5): return Answer(200, ["value": []])
        case ("resourcegroups", _): throw AzureError.groupNotFound(request.segments[3])
        default: throw AzureError.noSuchPath(request.path)
        }
    }

    private func manageGroup(_ request: Request, _ path: [String], _ caller: Principal) async throws -> Answer {
        if path.count == 3 {
            try APIVersions.checkManager(request)
            return Answer(200, ["value": .array(world.groups.map(resource))])
        }
        guard let group = world.group(path[3]) else { throw AzureError.groupNotFound(request.segments[3]) }
        if path.count == 4 {
            try APIVersions.checkManager(request)
            if request.method == "HEAD" { return Answer(204) }
            return Answer(200, resource(group))
        }
        if path[4] == "resources" { return try resources(request, group: group.name, caller) }
        guard path.count >= 7, path[4] == "providers" else { throw AzureError.noSuchPath(request.path) }
        return try await groupProvider(request, path, caller)
    }

    private func groupProvider(_ request: Request, _ path: [String], _ caller: Principal) async throws -> Answer {
        switch (path[5], path[6]) {
        case ("microsoft.containerservice", "managedclusters"):
            return try await clusters(request, path, caller)
        case ("microsoft.keyvault", "vaults"):
            return try await vaults(request, path, caller)
        case ("microsoft.managedidentity", "userassignedidentities"):
            guard path.count == 8 else {
                return Answer(200, ["value": .array(Array(world.identities.values))])
            }
            let id = ResourceID(
                subscription: path[1], group: path[3], type: "Microsoft.ManagedIdentity/userAssignedIdentities",
                name: request.segments[7])
            guard let identity = world.identities[id] else { throw AzureError.notFound(id) }
            return Answer(200, identity)
        case ("microsoft.network", "privateendpoints"):
            return try privateEndpoints(request, path)
        case ("microsoft.policyinsights", "checkpolicyrestrictions"):
            return try policyRestrictions(request, caller)
        default:
            throw AzureError.noSuchPath(request.path)
        }
    }

    private func resource(_ group: ResourceGroup) -> JSON {
        [
            "id": .string("/subscriptions/\(description.subscriptionID)/resourceGroups/\(group.name)"),
            "name": .string(group.name), "type": "Microsoft.Resources/resourceGroups",
            "location": .string(group.location), "tags": group.tags, "properties": ["provisioningState": "Succeeded"],
        ]
    }

    /// `/resources` with `$filter=resourceType eq '…' and name eq '…'`.
    private func resources(_ request: Request, group: String?, _ caller: Principal) throws -> Answer {
        try APIVersions.checkManager(request)
        let wanted = Filter(request.parameter("$filter") ?? "")
        let clusters = allClusters.map { (id: $0.id, location: $0.location, tags: $0.resource["tags"] ?? [:]) }
        let vaults = world.vaults.filter { $0.deletedAt == nil }.map {
            (id: $0.id, location: $0.location, tags: $0.tags)
        }
        let identities = world.identities.keys.map { (id: $0, location: description.location, tags: JSON.object([:])) }
        let all = (clusters + vaults + identities).filter { item in
            (group == nil || item.id.group.lowercased() == group?.lowercased())
                && wanted.accepts("resourceType", item.id.type) && wanted.accepts("name", item.id.name)
                && wanted.accepts("resourceGroup", item.id.group)
                // What the caller may not read is left out, without a refusal.
                && world.may(caller.objectID, "\(item.id.type)/read", at: item.id.description)
        }
        let values: [JSON] = all.map {
            [
                "id": .string($0.id.description), "name": .string($0.id.name), "type": .string($0.id.type),
                "location": .string($0.location), "tags": $0.tags,
            ]
        }
        return Answer(200, ["value": .array(values)])
    }

    /// Providers' metadata, operations of AKS, and lists over a subscription.
    private func providers(_ request: Request, _ path: [String], _ caller: Principal) async throws -> Answer {
        if path.count <= 4 {
            try APIVersions.checkManager(request)
            try authorize(caller, "Microsoft.Resources/subscriptions/providers/read", Self.listScope(request))
            let all = Array(Set(APIVersions.types.map(\.provider))).sorted()
            if path.count == 3 { return Answer(200, ["value": .array(all.map(provider))]) }
            guard let name = all.first(where: { $0.lowercased() == path[3] }) else {
                throw AzureError.arm(
                    404, "InvalidResourceNamespace", "The resource namespace '\(request.segments[3])' is invalid.")
            }
            return Answer(200, provider(name))
        }
        switch (path[3], path[4]) {
        case ("microsoft.containerservice", "locations") where path.count >= 8 && path[6] == "operations":
            return try poll(request, id: path[7])
        case ("microsoft.containerservice", "managedclusters"):
            return try await clusters(request, path, caller)
        case ("microsoft.keyvault", "vaults"):
            return try await vaults(request, path, caller)
        case ("microsoft.keyvault", "deletedvaults"), ("microsoft.keyvault", "locations"):
            return try deletedVaults(request, path, caller)
        case ("microsoft.keyvault", "deletedmanagedhsms"), ("microsoft.keyvault", "managedhsms"):
            return Answer(200, ["value": []])
        case ("microsoft.managedidentity", "userassignedidentities") where path.count == 5:
            return Answer(200, ["value": .array(Array(world.identities.values))])
        case ("microsoft.policyinsights", "checkpolicyrestrictions"):
            return try policyRestrictions(request, caller)
        case ("microsoft.network", "privateendpoints") where path.count == 5:
            return try privateEndpoints(request, path)
        case ("microsoft.compute", "diskencryptionsets"):
            try APIVersions.check(
                request, provider: "Microsoft.Compute", type: "diskEncryptionSets", location: description.location)
            try authorize(caller, "Microsoft.Compute/diskEncryptionSets/read", Self.listScope(request))
            return Answer(200, ["value": []])
        default:
            throw AzureError.noSuchPath(request.path)
        }
    }

    private func provider(_ name: String) -> JSON {
        let state = world.unregisteredProviders.contains(name.lowercased()) ? "NotRegistered" : "Registered"
        let types: [JSON] = APIVersions.types.filter { $0.provider == name }.map {
            let versions = APIVersions.offered(name, $0.type, newest: description.newestVersion)
            return [
                "resourceType": .string($0.type), "locations": [.string(description.location)],
                "apiVersions": .array(versions.map { .string($0) }),
                "defaultApiVersion": .string(versions.first { !APIVersions.isPreview($0) } ?? ""),
                "capabilities": "SupportsTags, SupportsLocation",
            ]
        }
        return [
            "id": .string("/subscriptions/\(description.subscriptionID)/providers/\(name)"),
            "namespace": .string(name), "registrationState": .string(state),
            "registrationPolicy": "RegistrationRequired", "resourceTypes": .array(types),
        ]
    }

    /// What a policy would do to a vault: the dry run of Microsoft.PolicyInsights.
    private func policyRestrictions(_ request: Request, _ caller: Principal) throws -> Answer {
        try authorize(
            caller, "Microsoft.PolicyInsights/checkPolicyRestrictions/read", Self.listScope(request))
        var restrictions: [JSON] = []
        let field = "Microsoft.KeyVault/vaults/publicNetworkAccess"
        if faults.holds(.vaultPolicyDenies) != nil {
            restrictions.append([
                "field": .string(field),
                "restrictions": [
                    ["result": "Deny", "values": ["Enabled"], "policy": ["policyAssignmentId": "sandbox-deny-public"]]
                ],
            ])
        }
        if faults.holds(.vaultPolicyKeepsClosed) != nil {
            restrictions.append([
                "field": .string(field),
                "restrictions": [
                    [
                        "result": "Required", "values": ["Disabled"],
                        "policy": ["policyAssignmentId": "sandbox-modify-public"],
                    ]
                ],
            ])
        }
        return Answer(
            200, ["fieldRestrictions": .array(restrictions), "contentEvaluationResult": ["policyEvaluations": []]])
    }

    func metadata(_ request: Request) throws -> Answer {
        let base = configuration.baseURL
        return Answer(
            200,
            [
                "name": "KMSVaultSandbox", "portal": .string(base), "media": .string(base),
                "authentication": [
                    "loginEndpoint": .string(base), "tenant": "common", "identityProvider": "AAD",
                    "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
                ],
                "graphAudience": .string(base + "/"), "graph": .string(base + "/"),
                "resourceManager": .string(base + "/"), "microsoftGraphResourceId": .string(base + "/"),
                "suffixes": [
                    "keyVaultDns": .string(String(configuration.vaultSuffix.dropFirst())), "storage": "core.sandbox",
                ],
            ])
    }
}

/// ARM's `$filter`, as far as equality goes.
struct Filter {
    private var equal: [String: String] = [:]

    init(_ text: String) {
        let words = text.replacingOccurrences(of: "(", with: " ").replacingOccurrences(of: ")", with: " ")
        for part in words.components(separatedBy: " and ") {
            let sides = part.components(separatedBy: " eq ")
            guard sides.count == 2 else { continue }
            let name = sides[0].trimmingCharacters(in: .whitespaces).lowercased()
            equal[name] = sides[1].trimmingCharacters(in: CharacterSet(charactersIn: " '")).lowercased()
        }
    }

    func accepts(_ name: String, _ value: String) -> Bool {
        equal[name.lowercased()].map { $0 == value.lowercased() } ?? true
    }

    func value(_ name: String) -> String? { equal[name.lowercased()] }
}
