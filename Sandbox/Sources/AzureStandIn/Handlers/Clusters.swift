import ClusterModel
import Foundation

extension StandIn {
    /// `managedClusters` below a group or a whole subscription.
    func clusters(_ request: Request, _ path: [String], _ caller: Principal) async throws -> Answer {
        let isList = path[2] == "providers" ? path.count == 5 : path.count == 7
        try APIVersions.check(
            request, provider: "Microsoft.ContainerService", type: "managedClusters", location: description.location,
            newest: description.newestVersion, isList: isList)
        let version = Self.version(of: request)
        if isList {
            let group = path[2] == "providers" ? nil : path[3]
            try throttle(.list(request.segments[1], group: group))
            let shown = try readable(
                allClusters.filter { group == nil || $0.id.group.lowercased() == group }, caller,
                "Microsoft.ContainerService/managedClusters/read", in: Self.listScope(request), id: \.id.description)
            return Answer(200, ["value": .array(shown.map { listed($0, version) })])
        }
        guard path.count >= 8 else { throw AzureError.noSuchPath(request.path) }
        let id = ResourceID(
            subscription: request.segments[1], group: request.segments[3],
            type: "Microsoft.ContainerService/managedClusters", name: request.segments[7])
        if path.count > 8 { return try await clusterAction(request, id, Array(path.dropFirst(8)), caller) }
        switch request.method {
        case "GET":
            try authorize(caller, "Microsoft.ContainerService/managedClusters/read", id.description)
            return try getCluster(id, version)
        case "PUT":
            return try await putCluster(request, id, version, caller)
        default:
            throw AzureError.arm(405, "HttpMethodNotAllowed", "The method is not allowed here.")
        }
    }

    /// The subscription or group whose resources a list names.
    static func listScope(_ request: Request) -> String {
        let isOfGroup = request.segments.count > 3 && request.segments[2].lowercased() == "resourcegroups"
        return "/" + request.segments.prefix(isOfGroup ? 4 : 2).joined(separator: "/")
    }

    static func version(of request: Request) -> String { (request.parameter("api-version") ?? "").lowercased() }

    /// A list leaves out how the API server is reached (Azure/AKS#5224).
    private func listed(_ cluster: Cluster, _ version: String) -> JSON {
        var shown = shownResource(cluster, version)
        shown[path: ["properties", "apiServerAccessProfile"]] = nil
        return shown
    }

    private func getCluster(_ id: ResourceID, _ version: String) throws -> Answer {
        try throttleOrFault(.getCluster(id), id)
        if faults.take(.get503, at: .cluster(id)) != nil {
            throw AzureError.arm(503, "ServerTimeout", "The request timed out. Please try again.")
        }
        guard let cluster = allClusters.first(where: { $0.id == id }) else { throw AzureError.notFound(id) }
        return Answer(200, shownResource(cluster, version))
            .with("content-type", "application/json").with("x-ms-operation-identifier", operationIdentifier)
            .with("x-ms-ratelimit-remaining-subscription-global-reads", "16499")
    }

    var operationIdentifier: String { "tenantId=\(world.tenantID),objectId=,appId=/\(description.location)/" }

    /// Throttling by bucket, and the two faults that play it.
    func throttleOrFault(_ limit: RequestLimit, _ id: ResourceID) throws {
        let place = Place.cluster(id)
        if let fault = faults.take(.throttled, at: place) { throw AzureError.throttled(after: Int(fault.seconds(7))) }
        if faults.take(.throttledBare, at: place) != nil {
            throw AzureError.arm(429, "Throttled", "The request is throttled. Please try again later.")
        }
        try throttle(limit)
    }

    /// The clusters, with the one that a fault adds.
    var allClusters: [Cluster] {
        let mine = world.clusters.filter { !$0.isDeleted }
        guard let fault = faults.holds(.otherClusterOnVault) else { return mine }
        var plan = description.plans[0]
        plan.name = fault.parameters["cluster"]?.string ?? "other"
        plan.start = .legacyPublic
        var other = description.managedCluster(
            plan, fqdn: "other.invalid", suffix: configuration.vaultSuffix, hasBackend: false)
        other.etag = "0a1b2c3d-0000-4000-8000-000000000000"
        return mine + [other]
    }

    /// The resource as a GET shows it, with what faults change of it.
    func shownResource(_ cluster: Cluster, _ version: String) -> JSON {
        var shown = cluster
        let place = Place.cluster(cluster.id)
        if !shown.isKMSOn, shown.kms != nil {
            if faults.holds(.getDropsKeyID, at: place) != nil {
                shown.kms = ["enabled": false]
            } else if faults.holds(.getKeepsKeyID, at: place) != nil {
                let before = original.clusters.first { $0.id == cluster.id }?.kms ?? [:]
                shown.kms = before.merging(shown.kms ?? [:])
            }
        }
        if faults.holds(.newKMSExperience, at: place) != nil {
            shown.resource[path: Cluster.newKMSPath] = ["infrastructureEncryption": "Enabled"]
        }
        if let fault = faults.holds(.nodePoolOperation, at: place), shown.provisioningState == "Succeeded" {
            var pools = shown.resource[path: ["properties", "agentPoolProfiles"]]?.array ?? []
            if !pools.isEmpty { pools[0]["provisioningState"] = fault.parameters["state"] ?? "Updating" }
            shown.resource[path: ["properties", "agentPoolProfiles"]] = .array(pools)
        }
        return shown.answer(to: version, withETags: description.hasETags)
    }

    private func clusterAction(
        _ request: Request, _ id: ResourceID, _ rest: [String], _ caller: Principal
    ) async throws -> Answer {
        guard let index = world.clusterIndex(id) else { throw AzureError.notFound(id) }
        try throttle(rest[0] == "operations" ? .operationStatus(id.subscription) : .other(id.subscription))
        // As it was asked for: `rest` is in lower case.
        let action = "Microsoft.ContainerService/managedClusters/\(request.segments[8])/action"
        switch (request.method, rest[0]) {
        case ("POST", "listclusterusercredential"), ("POST", "listclustermonitoringusercredential"):
            try authorize(caller, action, id.description)
            try requireUnlocked(id, kind: "cluster")
            return await credential(id, name: "clusterUser", isAdmin: false)
        case ("POST", "listclusteradmincredential"):
            try authorize(caller, action, id.description)
            try requireUnlocked(id, kind: "cluster")
            guard world.clusters[index].resource[path: ["properties", "disableLocalAccounts"]]?.bool != true else {
                throw AzureError.aks(
                    400, "BadRequest",
                    "Getting static credential is not allowed because this cluster is set to disable local accounts.")
            }
            return await credential(id, name: "clusterAdmin", isAdmin: true)
        case ("POST", "abort"):
            try authorize(caller, action, id.description)
            return try abortCluster(index, Self.version(of: request))
        case ("POST", "runcommand"):
            try authorize(caller, "Microsoft.ContainerService/managedClusters/runcommand/action", id.description)
            try requireUnlocked(id, kind: "cluster")
            return try runCommand(request, id)
        case ("GET", "commandresults") where rest.count == 2:
            try authorize(
                caller, "Microsoft.ContainerService/managedClusters/commandResults/read", id.description)
            return try commandResult(request, id, rest[1])
        case (_, "maintenanceconfigurations") where rest.count <= 2:
            return try maintenance(
                request, index, name: request.segments.count > 9 ? request.segments[9] : nil, caller)
        case ("GET", "agentpools"):
            try authorize(caller, "Microsoft.ContainerService/managedClusters/agentPools/read", id.description)
            let shown = shownResource(world.clusters[index], Self.version(of: request))
            let pools = shown[path: ["properties", "agentPoolProfiles"]]?.array ?? []
            guard rest.count > 1 else { return Answer(200, ["value": .array(pools.map { poolResource($0, of: id) })]) }
            guard let pool = pools.first(where: { $0["name"]?.string?.lowercased() == rest[1] }) else {
                throw AzureError.aks(404, "NotFound", "Could not find the agent pool '\(rest[1])'.")
            }
            return Answer(200, poolResource(pool, of: id))
        case ("GET", "upgradeprofiles"):
            try authorize(caller, "Microsoft.ContainerService/managedClusters/upgradeProfiles/read", id.description)
            return Answer(200, upgrades(world.clusters[index]))
        case ("GET", "operations"):
            // Azure lists no action for it; this one follows from the path (inferred).
            try authorize(caller, "Microsoft.ContainerService/managedClusters/operations/read", id.description)
            return try operation(id, rest.count > 1 ? rest[1] : "latest")
        case ("GET", "operationresults"):
            return Answer(204)
        default:
            throw AzureError.noSuchPath(request.path)
        }
    }

    /// No newer version is offered.
    private func upgrades(_ cluster: Cluster) -> JSON {
        let properties = cluster.resource["properties"]
        let profiles = (properties?["agentPoolProfiles"]?.array ?? []).map { pool -> JSON in
            ["name": pool["name"] ?? "", "kubernetesVersion": pool["orchestratorVersion"] ?? "", "osType": "Linux"]
        }
        return [
            "id": .string("\(cluster.id.asAKSWritesIt)/upgradeprofiles/default"), "name": "default",
            "type": "Microsoft.ContainerService/managedClusters/upgradeprofiles",
            "properties": [
                "controlPlaneProfile": [
                    "kubernetesVersion": properties?["kubernetesVersion"] ?? "", "osType": "Linux",
                ],
                "agentPoolProfiles": .array(profiles),
            ],
        ]
    }

    private func poolResource(_ pool: JSON, of id: ResourceID) -> JSON {
        var properties = pool
        properties["name"] = nil
        let name = pool["name"]?.string ?? ""
        return [
            "id": .string("\(id.asAKSWritesIt)/agentPools/\(name)"), "name": .string(name),
            "type": "Microsoft.ContainerService/managedClusters/agentPools", "properties": properties,
        ]
    }

    private func credential(_ id: ResourceID, name: String, isAdmin: Bool) async -> Answer {
        let text = await kubeconfig(of: id, isAdmin: isAdmin)
        let value = Data(text.utf8).base64EncodedString()
        return Answer(200, ["kubeconfigs": [["name": .string(name), "value": .string(value)]]])
            .with("content-type", "application/json")
    }

    /// The kubeconfig that AKS gives out: one cluster, one user, one context. az itself makes `-admin` of its name.
    func kubeconfig(of id: ResourceID, isAdmin: Bool) async -> String {
        guard let index = world.clusterIndex(id), let backend = plane(id).backend else {
            return "apiVersion: v1\nkind: Config\n"
        }
        let (name, group) = (world.clusters[index].id.name, world.clusters[index].id.group)
        let authority = Data(await backend.caPEM.utf8).base64EncodedString()
        let user = "cluster\(isAdmin ? "Admin" : "User")_\(group)_\(name)"
        let token = isAdmin ? await backend.adminToken : await backend.operatorToken
        let credential = isAdmin || description.access == .local ? "token: \(token)" : Self.kubelogin(world.tenantID)
        return """
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: \(authority)
                server: \(await backend.serverURL)
              name: \(name)
            contexts:
            - context:
                cluster: \(name)
                user: \(user)
              name: \(name)
            current-context: \(name)
            kind: Config
            preferences: {}
            users:
            - name: \(user)
              user:
                \(credential)

            """
    }

    /// What ARM gives out for a cluster with Entra integration (Azure/kubelogin "AKS"; the ids are those of AKS's own
    /// server and client applications).
    private static func kubelogin(_ tenant: String) -> String {
        """
        exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  args:
                  - get-token
                  - --environment
                  - AzurePublicCloud
                  - --server-id
                  - \(serverApplication)
                  - --client-id
                  - 80faf920-1908-4b52-b5ef-a8e7bedfc67a
                  - --tenant-id
                  - \(tenant)
                  - --login
                  - devicecode
                  command: kubelogin
                  env: null
                  installHint: kubelogin is not installed
                  provideClusterInfo: false
        """
    }
}
