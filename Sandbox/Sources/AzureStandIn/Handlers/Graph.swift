import Foundation

extension StandIn {
    /// Microsoft Graph as far as `az role assignment list` asks it: the names behind object ids.
    func graph(_ request: Request) throws -> Answer {
        guard let text = request.bearerToken, tokens[text] != nil else {
            throw AzureError.arm(401, "InvalidAuthenticationToken", "Access token is empty or invalid.")
        }
        guard request.method == "POST", request.segments.last?.lowercased() == "getbyids" else {
            throw AzureError.arm(404, "Request_ResourceNotFound", "Resource '\(request.path)' does not exist.")
        }
        let wanted = try request.json()["ids"]?.array?.compactMap(\.string) ?? []
        let found = wanted.compactMap { id -> JSON? in
            if let principal = world.principals.first(where: { $0.objectID == id }) { return entry(principal) }
            let identity = world.identities.first { $0.value[path: ["properties", "principalId"]]?.string == id }
            return identity.map { Self.servicePrincipal(id, $0.key.name, $0.value[path: ["properties", "clientId"]]) }
        }
        return Answer(200, ["value": .array(found)])
    }

    private func entry(_ principal: Principal) -> JSON {
        guard principal.kind == .user else {
            return Self.servicePrincipal(principal.objectID, "sandbox", .string(principal.name))
        }
        return [
            "@odata.type": "#microsoft.graph.user", "id": .string(principal.objectID),
            "displayName": .string(principal.name), "userPrincipalName": .string(principal.name),
        ]
    }

    private static func servicePrincipal(_ id: String, _ name: String, _ client: JSON?) -> JSON {
        [
            "@odata.type": "#microsoft.graph.servicePrincipal", "id": .string(id), "displayName": .string(name),
            "appId": client ?? "", "servicePrincipalNames": [client ?? ""],
        ]
    }
}
