import ClusterModel
import Foundation

extension StandIn {
    /// The sandbox's own endpoint: faults, state, requests, the cluster. Nothing of it exists in Azure.
    func control(_ request: Request) async throws -> Answer {
        let path = request.segments.dropFirst().map { $0.lowercased() }
        switch (request.method, path.first ?? "") {
        case ("GET", "faults"): return Answer(200, faultList)
        case ("POST", "faults"): return try addFault(request)
        case ("DELETE", "faults"):
            let name = path.count > 1 ? path[1] : request.parameter("name")
            let stopped = planes.keys.filter { faults.holds(.controllerOff, at: .cluster($0)) != nil }
            let count = faults.remove(name)
            for id in stopped { startReencryption(id) }
            return Answer(200, ["removed": .int(count)])
        case ("GET", "state"): return Answer(200, await state(try clusterID(named: request.parameter("cluster"))))
        case ("GET", "requests"): return Answer(200, requestLog(request))
        case ("DELETE", "requests"):
            (log, answered) = ([], [:])
            return Answer(200, ["cleared": true])
        case ("POST", "cluster"): return try await clusterControl(request, path.count > 1 ? path[1] : "")
        case ("POST", "vaults"): return try vaultControl(request)
        case ("POST", "controller"): return try await controllerOrder(request)
        case ("POST", "directory"): return try directoryControl(request)
        default: throw AzureError.arm(404, "NotFound", "The sandbox has no '\(request.method) \(request.path)'.")
        }
    }

    private var faultList: JSON {
        let known: [JSON] = FaultName.allCases.map { name in
            [
                "name": .string(name.rawValue), "text": .string(name.doc.text), "source": .string(name.doc.source),
                "action": .bool(name.doc.isAction), "standing": .bool(name.doc.isStanding),
                "places": .array(name.places.map { .string($0) }),
            ]
        }
        return [
            "known": .array(known), "active": .array(faults.faults.map(\.json)),
            "moments": .array(Moment.allCases.map { .string($0.rawValue) }),
        ]
    }

    private func addFault(_ request: Request) throws -> Answer {
        let fault = try faults.add(try request.json(), check: checkPlace)
        if fault.isActive, fault.name.doc.isAction { enqueue(.action(fault)) }
        return Answer(201, fault.json)
    }

    /// What concerns one cluster is that of `id`.
    private func state(_ id: ResourceID) async -> JSON {
        var stored: JSON = nil
        var storageError: JSON = nil
        do {
            if let secrets = try await plane(id).backend?.storedSecrets() {
                stored = [
                    "plaintext": .int(secrets.plaintext), "encrypted": .int(secrets.encrypted),
                    "encryptedByKey": .object(secrets.encryptedByKey.mapValues { .int($0) }),
                ]
            }
        } catch {
            storageError = .string("\(error)")
        }
        let plane = plane(id)
        return [
            "cluster": .string(id.name),
            "clusters": .array(allClusters.map { shownResource($0, "9999-12-31-preview") }),
            "vaults": .array(world.vaults.map(shownVault)), "storedSecrets": stored, "storageError": storageError,
            "appliedProfile": plane.applied.map(Self.json) ?? nil,
            "controller": shownController(id),
            "legacyPutsOnNewExperience": .int(plane.legacyPutsOnNewExperience),
            "rolloutErrors": .array(plane.rolloutErrors.map { .string($0) }),
            "operations": .array(world.operations.values.sorted { $0.started < $1.started }.map(shownOperation)),
            "time": .string(Timestamp.milliseconds(configuration.now())), "timeScale": .double(configuration.timeScale),
        ]
    }

    private static func json(_ profile: KMSProfile) -> JSON {
        [
            "enabled": .bool(profile.enabled), "keyId": .string(profile.keyID),
            "networkPath": .string(profile.networkPath.rawValue), "plugin": .string(profile.plugin.rawValue),
        ]
    }

    private func shownVault(_ vault: Vault) -> JSON {
        var out = shown(vault).resource()
        out["history"] = .array(
            vault.history.map {
                [
                    "time": .string(Timestamp.milliseconds($0.time)), "publicNetworkAccess": .string($0.value),
                    "method": .string($0.method),
                ]
            })
        out["deleted"] = .bool(vault.deletedAt != nil)
        return out
    }

    private func shownOperation(_ operation: Operation) -> JSON {
        var out: JSON = [
            "name": .string(operation.id), "status": .string(operation.status),
            "startTime": .string(Timestamp.milliseconds(operation.started)),
            "cluster": .string(operation.cluster.name),
        ]
        if let ended = operation.ended { out["endTime"] = .string(Timestamp.milliseconds(ended)) }
        if let error = operation.error { out["error"] = error }
        return out
    }

    /// `?last=N` gives the newest N.
    private func requestLog(_ request: Request) -> JSON {
        let count = request.parameter("last").flatMap(Int.init) ?? log.count
        let lines: [JSON] = log.suffix(max(0, count)).map {
            [
                "time": .string(Timestamp.milliseconds($0.time)), "method": .string($0.method),
                "path": .string($0.path), "status": .int($0.status), "seconds": .double($0.seconds),
                "userAgent": .string($0.userAgent), "correlation": .string($0.runID),
            ]
        }
        let counts = Dictionary(uniqueKeysWithValues: answered.map { (String($0), JSON.int($1)) })
        return ["requests": .array(lines), "total": .int(log.count), "byStatus": .object(counts)]
    }

    private func clusterControl(_ request: Request, _ verb: String) async throws -> Answer {
        guard let backend = plane(try clusterID(named: request.parameter("cluster"))).backend else {
            throw AzureError.arm(409, "NoCluster", "No cluster is attached.")
        }
        let body = try request.json()
        switch verb {
        case "restart": try await backend.restart()
        case "settle": try await backend.settle()
        case "rollback": try await backend.rollBack(replica: body["replica"]?.int ?? 0)
        case "corrupt-secret":
            guard let namespace = body["namespace"]?.string, let name = body["name"]?.string else {
                throw AzureError.arm(400, "BadRequest", "Both `namespace` and `name` are needed.")
            }
            try await backend.corruptSecret(namespace: namespace, name: name)
        default: throw AzureError.arm(404, "NotFound", "The cluster cannot '\(verb)'.")
        }
        return Answer(200, ["done": .string(verb)])
    }

    /// Sets a vault's properties without Azure's rules: `{"name", "properties": {…}}`, and adds private endpoint
    /// connections that are not of this cluster: `"connections": [{"name", "resourceGroup", "status"}]`.
    private func vaultControl(_ request: Request) throws -> Answer {
        let body = try request.json()
        guard let index = world.vaults.firstIndex(where: { $0.id.name == body["name"]?.string }) else {
            throw AzureError.arm(404, "NotFound", "There is no vault '\(body["name"]?.string ?? "")'.")
        }
        if body["recover"]?.bool == true { world.vaults[index].deletedAt = nil }
        for wanted in body["connections"]?.array ?? [] {
            let endpoint = ResourceID(
                subscription: description.subscriptionID,
                group: wanted["resourceGroup"]?.string ?? description.resourceGroup,
                type: "Microsoft.Network/privateEndpoints", name: wanted["name"]?.string ?? "endpoint")
            world.vaults[index].connections.append(
                PrivateEndpointConnection(
                    name: "\(endpoint.name).\(UUID().uuidString.lowercased())", endpointID: endpoint.description,
                    cluster: nil, status: wanted["status"]?.string ?? "Approved",
                    etag: UUID().uuidString.lowercased()))
        }
        let properties = world.vaults[index].properties.merging(body["properties"] ?? [:])
        setVault(index, properties, tags: nil, method: "SANDBOX", caller: "sandbox")
        return Answer(200, shownVault(world.vaults[index]))
    }
}
