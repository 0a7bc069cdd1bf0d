import Foundation

extension StandIn {
    /// `vaults` below a group or a whole subscription.
    func vaults(_ request: Request, _ path: [String], _ caller: Principal) async throws -> Answer {
        try APIVersions.check(request, provider: "Microsoft.KeyVault", type: "vaults", location: description.location)
        let isList = path[2] == "providers" ? path.count == 5 : path.count == 7
        if isList {
            let group = path[2] == "providers" ? nil : path[3]
            let found = try readable(
                world.vaults.filter {
                    $0.deletedAt == nil && (group == nil || $0.id.group.lowercased() == group)
                }, caller, "Microsoft.KeyVault/vaults/read", in: Self.listScope(request), id: \.id.description)
            return vaultAnswer(200, ["value": .array(found.map { shown($0).resource() })])
        }
        guard path.count >= 8 else { throw AzureError.noSuchPath(request.path) }
        let id = ResourceID(
            subscription: request.segments[1], group: request.segments[3], type: "Microsoft.KeyVault/vaults",
            name: request.segments[7])
        guard let index = world.vaultIndex(id) else { throw AzureError.notFound(id) }
        if path.count > 8 { return try vaultChild(request, path, index, caller) }
        switch request.method {
        case "GET":
            try authorize(caller, "Microsoft.KeyVault/vaults/read", id.description)
            return vaultAnswer(200, shown(world.vaults[index]).resource())
        case "PATCH", "PUT": return try changeVault(request, index, caller)
        case "DELETE":
            try authorize(caller, "Microsoft.KeyVault/vaults/delete", id.description)
            try requireUnlocked(id, kind: "vault")
            world.vaults[index].deletedAt = configuration.now()
            return Answer(200)
        default: throw AzureError.arm(405, "HttpMethodNotAllowed", "The method is not allowed here.")
        }
    }

    /// The vault with its connections as a fault lets them be seen.
    func shown(_ vault: Vault) -> Vault {
        guard faults.holds(.privateEndpointPending, at: .vault(vault)) != nil else { return vault }
        var pending = vault
        for index in pending.connections.indices
        where pending.connections[index].status == "Approved" && isPending(pending.connections[index], in: vault) {
            pending.connections[index].status = "Pending"
        }
        return pending
    }

    private func isPending(_ connection: PrivateEndpointConnection, in vault: Vault) -> Bool {
        guard let cluster = connection.cluster else { return false }
        let place = Place(cluster: cluster.name, vault: vault.id.name)
        return faults.holds(.privateEndpointPending, at: place) != nil
    }

    func vaultAnswer(_ status: Int, _ body: JSON) -> Answer {
        Answer(status, body).with("x-ms-keyvault-service-version", "1.5.1700.0").with("x-aspnet-version", "4.0.30319")
    }

    /// PUT replaces `properties`, PATCH lays its members over them; both answer 200 at once.
    private func changeVault(_ request: Request, _ index: Int, _ caller: Principal) throws -> Answer {
        let vault = world.vaults[index]
        try authorize(caller, "Microsoft.KeyVault/vaults/write", vault.id.description)
        try requireUnlocked(vault.id, kind: "vault")
        let body = try request.json()
        let place = Place.vault(vault)
        if faults.take(.lostVaultAnswerBefore, at: place) != nil { return .lost }
        if faults.take(.vaultConflict, at: place) != nil {
            throw AzureError.arm(
                409, "ConflictError", "A conflict occurred that prevented the operation from completing. Please retry.")
        }
        var properties = try nextProperties(of: vault, from: body, replaces: request.method == "PUT")
        try checkVault(properties, of: vault)
        if faults.holds(.vaultPolicyDenies, at: place) != nil, properties["publicNetworkAccess"]?.string == "Enabled" {
            throw AzureError.disallowedByPolicy(vault.id.name, policy: "sandbox-deny-public")
        }
        if faults.holds(.vaultPolicyKeepsClosed, at: place) != nil { properties["publicNetworkAccess"] = "Disabled" }
        if faults.take(.vaultChangeIgnored, at: place) != nil { properties = vault.properties }
        setVault(index, properties, tags: body["tags"], method: request.method, caller: caller.name)
        if faults.take(.lostVaultAnswer, at: place) != nil { return .lost }
        return vaultAnswer(200, shown(world.vaults[index]).resource())
            .with("x-ms-ratelimit-remaining-subscription-writes", "799")
    }

    private func nextProperties(of vault: Vault, from body: JSON, replaces: Bool) throws -> JSON {
        let given = body["properties"] ?? [:]
        guard given.object != nil else { throw AzureError.invalidBody }
        guard replaces else {
            // A PATCH takes whole members: what it names replaces what was there.
            var next = vault.properties
            for (name, value) in given.object ?? [:] where !Self.vaultReadOnly.contains(name) {
                let isMerged = name == "networkAcls" && faults.holds(.vaultPatchMergesRules, at: .vault(vault)) != nil
                next[name] = isMerged ? (vault.properties[name] ?? [:]).merging(value) : value
            }
            return next
        }
        guard given["tenantId"]?.string != nil, given["sku"]?.object != nil else {
            throw AzureError.arm(400, "BadRequest", "The parameters 'tenantId' and 'sku' are required.")
        }
        var next = given
        for name in Self.vaultReadOnly { next[name] = vault.properties[name] }
        next["enableSoftDelete"] = true
        // Recorded 2023: Azure fills this one in.
        if next["enabledForDeployment"] == nil { next["enabledForDeployment"] = false }
        if vault.properties["enablePurgeProtection"]?.bool == true { next["enablePurgeProtection"] = true }
        if next["publicNetworkAccess"] == nil { next["publicNetworkAccess"] = "Enabled" }
        if next["networkAcls"] == nil, faults.holds(.vaultPutKeepsRules, at: .vault(vault)) != nil {
            next["networkAcls"] = vault.properties["networkAcls"]
        }
        return next
    }

    private static let vaultReadOnly = [
        "vaultUri", "provisioningState", "privateEndpointConnections", "hsmPoolResourceId",
    ]

    private func checkVault(_ properties: JSON, of vault: Vault) throws {
        guard properties["tenantId"]?.string?.lowercased() == world.tenantID.lowercased() else {
            throw AzureError.arm(400, "BadRequest", "The tenant of the vault '\(vault.id.name)' is not valid.")
        }
        let access = properties["publicNetworkAccess"]
        guard let access = access?.string?.lowercased(),
            ["enabled", "disabled", "securedbyperimeter"].contains(access)
        else {
            throw AzureError.arm(
                400, "BadRequest",
                "The value of the property 'publicNetworkAccess' is invalid. It must be 'Enabled' or 'Disabled'.")
        }
    }

    /// Firewall rules with what a request left out.
    private static func whole(_ rules: JSON) -> JSON {
        let defaults: JSON = [
            "bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": [],
        ]
        let given = (rules.object ?? [:]).filter { $0.value != .null }
        return defaults.merging(.object(given))
    }

    /// Keeps the change of the network setting, with its time, whoever made it.
    func setVault(_ index: Int, _ properties: JSON, tags: JSON?, method: String, caller: String) {
        let before = world.vaults[index].publicNetworkAccess
        var next = properties
        if let value = next["publicNetworkAccess"]?.string {
            let canonical = ["Enabled", "Disabled", "SecuredByPerimeter"].first {
                $0.lowercased() == value.lowercased()
            }
            next["publicNetworkAccess"] = .string(canonical ?? value)
        }
        if let rules = next["networkAcls"], rules.object != nil { next["networkAcls"] = Self.whole(rules) }
        world.vaults[index].properties = next
        if let tags, tags.object != nil { world.vaults[index].tags = tags }
        world.vaults[index].modifiedAt = configuration.now()
        world.vaults[index].modifiedBy = caller
        let after = world.vaults[index].publicNetworkAccess
        world.vaults[index].history.append(
            NetworkChange(time: configuration.now(), value: after, method: method))
        guard before != after else { return }
        if after == "Enabled" { reach(.vaultOpened, in: world.vaults[index]) }
        if after == "Disabled" { reach(.vaultClosed, in: world.vaults[index]) }
    }

    private func vaultChild(_ request: Request, _ path: [String], _ index: Int, _ caller: Principal) throws -> Answer {
        let vault = world.vaults[index]
        switch path[8] {
        case "keys":
            let scope = vault.id.description + (path.count > 9 ? "/keys/\(path[9])" : "")
            try authorize(caller, "Microsoft.KeyVault/vaults/keys/read", scope)
            return try armKeys(request, Array(request.segments.dropFirst(9)), vault)
        case "privateendpointconnections":
            if request.method == "GET" {
                try authorize(
                    caller, "Microsoft.KeyVault/vaults/privateEndpointConnections/read", vault.id.description)
            }
            if path.count == 9 {
                return vaultAnswer(200, ["value": .array(shown(vault).connections.map { vault.resource(of: $0) })])
            }
            return try privateConnection(request, name: path[9], index, caller)
        case "privatelinkresources":
            return vaultAnswer(
                200,
                [
                    "value": [
                        [
                            "id": .string("\(vault.id)/privateLinkResources/vault"), "name": "vault",
                            "type": "Microsoft.KeyVault/vaults/privateLinkResources",
                            "properties": [
                                "groupId": "vault", "requiredMembers": ["default"],
                                "requiredZoneNames": ["privatelink.vaultcore.azure.net"],
                            ],
                        ]
                    ]
                ])
        default: throw AzureError.noSuchPath(request.path)
        }
    }

    /// Reading, approving, rejecting and deleting a private endpoint connection (recorded 2024).
    private func privateConnection(_ request: Request, name: String, _ index: Int, _ caller: Principal) throws -> Answer
    {
        let vault = world.vaults[index]
        guard let at = vault.connections.firstIndex(where: { $0.name.lowercased() == name }) else {
            throw AzureError.arm(404, "ResourceNotFound", "The private endpoint connection '\(name)' was not found.")
        }
        switch request.method {
        case "GET":
            let answer = vaultAnswer(200, vault.resource(of: shown(vault).connections[at]))
            guard vault.connections[at].isUpdating, configuration.timeScale < 1 else { return answer }
            return answer.with("retry-after", "1")
        case "PUT":
            try authorize(
                caller, "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action", vault.id.description)
            let state = try request.json()[path: ["properties", "privateLinkServiceConnectionState"]] ?? [:]
            world.vaults[index].connections[at].status = state["status"]?.string ?? "Approved"
            world.vaults[index].connections[at].description = state["description"]?.string ?? ""
            world.vaults[index].connections[at].etag = UUID().uuidString.lowercased()
            world.vaults[index].connections[at].isUpdating = true
            enqueue(.connection(vault.id, vault.connections[at].name))
            let version = request.parameter("api-version") ?? ""
            return vaultAnswer(200, world.vaults[index].resource(of: world.vaults[index].connections[at]))
                .with(
                    "azure-asyncoperation",
                    "\(configuration.baseURL)\(request.path)?api-version=\(version)&kv-operation=e30")
        case "DELETE":
            try authorize(caller, "Microsoft.KeyVault/vaults/privateEndpointConnections/delete", vault.id.description)
            world.vaults[index].connections.remove(at: at)
            return Answer(200)
        default: throw AzureError.arm(405, "HttpMethodNotAllowed", "The method is not allowed here.")
        }
    }

    /// The end of a change of a connection, which is in force from its beginning.
    func settleConnection(_ id: ResourceID, _ name: String) async throws {
        try await configuration.pace(10)
        guard let index = world.vaultIndex(id),
            let at = world.vaults[index].connections.firstIndex(where: { $0.name == name })
        else { return }
        world.vaults[index].connections[at].isUpdating = false
    }

    /// Private endpoints as far as the vaults' connections tell of them.
    func privateEndpoints(_ request: Request, _ path: [String]) throws -> Answer {
        let all: [JSON] = world.vaults.flatMap { vault in
            shown(vault).connections.map { connection in
                [
                    "id": .string(connection.endpointID),
                    "name": .string(connection.endpointID.split(separator: "/").last.map(String.init) ?? ""),
                    "type": "Microsoft.Network/privateEndpoints", "location": .string(vault.location),
                    "properties": [
                        "provisioningState": "Succeeded",
                        "privateLinkServiceConnections": [
                            [
                                "properties": [
                                    "privateLinkServiceId": .string(vault.id.description), "groupIds": ["vault"],
                                    "privateLinkServiceConnectionState": ["status": .string(connection.status)],
                                ]
                            ]
                        ],
                    ],
                ]
            }
        }
        try APIVersions.check(
            request, provider: "Microsoft.Network", type: "privateEndpoints", location: description.location)
        let isOfSubscription = path[2] == "providers"
        let mine = all.filter {
            isOfSubscription || ResourceID($0["id"]?.string ?? "")?.group.lowercased() == path[3]
        }
        guard path.count > 7 else { return Answer(200, ["value": .array(mine)]) }
        guard let one = mine.first(where: { $0["name"]?.string?.lowercased() == path[7] }) else {
            throw AzureError.arm(404, "ResourceNotFound", "The private endpoint '\(path[7])' was not found.")
        }
        return Answer(200, one)
    }

    func deletedVaults(_ request: Request, _ path: [String], _ caller: Principal) throws -> Answer {
        let kind = path.last == "deletedvaults" ? "deletedVaults" : "locations/deletedVaults"
        try authorize(caller, "Microsoft.KeyVault/\(kind)/read", Self.listScope(request))
        try APIVersions.check(
            request, provider: "Microsoft.KeyVault", type: "deletedVaults", location: description.location)
        let deleted: [JSON] = world.vaults.compactMap { vault in
            guard let time = vault.deletedAt else { return nil }
            return [
                "id": .string(
                    "/subscriptions/\(vault.id.subscription)/providers/Microsoft.KeyVault/locations/\(vault.location)/deletedVaults/\(vault.id.name)"
                ),
                "name": .string(vault.id.name), "type": "Microsoft.KeyVault/deletedVaults",
                "properties": [
                    "vaultId": .string(vault.id.description), "location": .string(vault.location), "tags": [:],
                    "deletionDate": .string(Timestamp.seconds(time)),
                    "scheduledPurgeDate": .string(Timestamp.seconds(time.addingTimeInterval(90 * 86_400))),
                    "purgeProtectionEnabled": .bool(vault.properties["enablePurgeProtection"]?.bool ?? false),
                ],
            ]
        }
        guard path.last != "deletedvaults" else { return Answer(200, ["value": .array(deleted)]) }
        guard let one = deleted.first(where: { $0["name"]?.string?.lowercased() == path.last }) else {
            throw AzureError.arm(404, "DeletedVaultNotFound", "The deleted vault '\(path.last ?? "")' was not found.")
        }
        return Answer(200, one)
    }
}
