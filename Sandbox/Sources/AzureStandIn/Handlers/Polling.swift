import Foundation

extension StandIn {
    /// The signed address of an operation: about 3.2 KB, which clients must use as it is.
    func operationURL(_ operation: Operation) -> String {
        "\(configuration.baseURL)/subscriptions/\(operation.cluster.subscription)/providers/Microsoft.ContainerService"
            + "/locations/\(description.location)/operations/\(operation.id)?\(Self.signedQuery(operation))"
    }

    private static func signedQuery(_ operation: Operation) -> String {
        let ticks = 621_355_968_000_000_000 + Int(operation.started.timeIntervalSince1970 * 10_000_000)
        let certificate = filler(operation.id + "c", length: 2_600)
        let signature = filler(operation.id + "s", length: 342)
        let hash = filler(operation.id + "h", length: 43)
        return "api-version=2025-03-01&t=\(ticks)&c=MIIH\(certificate)&s=\(signature)&h=\(hash)"
    }

    private static func filler(_ seed: String, length: Int) -> String {
        var text = ""
        var round = 0
        while text.count < length {
            text += Base64URL.encode(KeyMaterial.derive("\(seed)\(round)"))
            round += 1
        }
        return String(text.prefix(length))
    }

    func poll(_ request: Request, id: String) throws -> Answer {
        try APIVersions.check(
            request, provider: "Microsoft.ContainerService", type: "locations/operations",
            location: description.location)
        let place = world.operations[id].map { Place.cluster($0.cluster) } ?? Place()
        if faults.take(.poll502, at: place) != nil {
            throw AzureError.arm(
                502, "BadGatewayConnection",
                "The network connectivity issue encountered for 'Microsoft.ContainerService'; cannot fulfill the request."
            )
        }
        if faults.take(.poll504, at: place) != nil {
            throw AzureError.arm(
                504, "GatewayTimeout",
                "The gateway did not receive a response from 'Microsoft.ContainerService' within the specified time period."
            )
        }
        if faults.take(.pollLost, at: place) != nil { return .lost }
        try throttle(.operationStatus(description.subscriptionID))
        guard faults.take(.poll404, at: place) == nil, let operation = world.operations[id] else {
            throw AzureError.arm(404, "NotFound", "The entity was not found.")
        }
        try requireSignature(request, operation)
        var answer = Answer(200, body(of: operation)).with("content-type", "application/json")
        if configuration.timeScale < 1, operation.ended == nil {
            // Azure sends none (or 30); a sandbox in a hurry must say that it is.
            answer = answer.with("retry-after", String(max(1, Int((30 * configuration.timeScale).rounded()))))
        }
        return answer
    }

    /// A cut or rebuilt address is refused (inferred: the signature is there to be checked).
    private func requireSignature(_ request: Request, _ operation: Operation) throws {
        let query = request.target.split(separator: "?", maxSplits: 1).last.map(String.init) ?? ""
        guard query == Self.signedQuery(operation) else {
            throw AzureError.arm(
                403, "AuthorizationFailed", "The signature of the operation's address does not match.")
        }
    }

    private func body(of operation: Operation) -> JSON {
        var body: JSON = [
            "name": .string(operation.id), "status": .string(operation.status),
            "startTime": .string(Timestamp.ticks(operation.started)),
        ]
        let place = Place.cluster(operation.cluster)
        if operation.ended == nil {
            if faults.take(.pollUnknownStatus, at: place) != nil { body["status"] = "BlueGreenDrainingNodes" }
            if faults.take(.pollEarlyEndTime, at: place) != nil {
                body["status"] = "InProgress"
                body["endTime"] = .string(Timestamp.ticks(configuration.now()))
            }
        }
        if let ended = operation.ended { body["endTime"] = .string(Timestamp.ticks(ended)) }
        if let error = operation.error { body["error"] = error }
        return body
    }

    /// `operations/latest`, which preview api-versions have.
    func operation(_ id: ResourceID, _ name: String) throws -> Answer {
        guard let index = world.clusterIndex(id) else { throw AzureError.notFound(id) }
        let wanted = name == "latest" ? world.clusters[index].lastOperation : name
        guard let wanted, let operation = world.operations[wanted] else {
            throw AzureError.aks(404, "NotFound", "The operation was not found.")
        }
        var body = body(of: operation)
        body["id"] = .string("\(id.asAKSWritesIt)/operations/\(operation.id)")
        if operation.ended != nil { body["percentComplete"] = 1.0 }
        return Answer(200, body)
    }
}
