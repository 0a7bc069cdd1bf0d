import Foundation

extension StandIn {
    /// Microsoft Graph as far as az asks it about who holds a role: users, service principals, names behind object ids.
    func graph(_ request: Request) throws -> Answer {
        guard let text = request.bearerToken, let token = tokens[text], token.expires > configuration.now() else {
            throw AzureError.arm(401, "InvalidAuthenticationToken", "Access token is empty or invalid.")
        }
        let path = request.segments.dropFirst().map { $0.lowercased() }
        switch (request.method, path.first ?? "", path.count) {
        case ("POST", "directoryobjects", 2) where path[1] == "getbyids":
            let wanted = try request.json()["ids"]?.array?.compactMap(\.string) ?? []
            return Answer(200, ["value": .array(wanted.compactMap(directoryObject))])
        case ("GET", "users", 1):
            let wanted = graphFilter(request)
            return Answer(
                200, ["value": .array(users.filter { wanted == nil || $0["userPrincipalName"]?.string == wanted })])
        case ("GET", "serviceprincipals", 1):
            let wanted = graphFilter(request)
            return Answer(
                200,
                [
                    "value": .array(
                        servicePrincipals.filter { principal in
                            wanted == nil
                                || principal["servicePrincipalNames"]?.array?.contains { $0.string == wanted } == true
                        })
                ])
        case ("GET", "groups", 1): return Answer(200, ["value": .array(groups)])
        case ("GET", "groups", 2): return try found(request.segments[2], in: groups, request)
        case ("GET", _, 3) where path[2].hasPrefix("transitivememberof"): return try transitiveGroups(request)
        case ("POST", _, 3) where path[2] == "getmembergroups":
            let ids = try groupIDs(of: request.segments[2], request)
            return Answer(200, ["value": .array(ids.map { .string($0) })])
        case ("GET", "me", 1) where token.principal.kind == .user:
            return try found(token.principal.objectID, in: users, request)
        case ("GET", "users", 2): return try found(request.segments[2], in: users, request)
        case ("GET", "serviceprincipals", 2): return try found(request.segments[2], in: servicePrincipals, request)
        default: throw missing(request)
        }
    }

    /// The groups that somebody is in, directly or through groups (Graph reference, "List transitiveMemberOf").
    private func transitiveGroups(_ request: Request) throws -> Answer {
        let ids = try groupIDs(of: request.segments[2], request)
        return Answer(200, ["value": .array(groups.filter { ids.contains($0["id"]?.string ?? "") })])
    }

    private func groupIDs(of name: String, _ request: Request) throws -> [String] {
        guard let object = (users + servicePrincipals + groups).first(where: { $0["id"]?.string == name.lowercased() })
        else { throw missing(request) }
        let mine = world.identities(of: object["id"]?.string ?? "")
        return world.directoryGroups.map(\.objectID).filter { mine.contains($0.lowercased()) && $0 != name }
    }

    private var groups: [JSON] {
        world.directoryGroups.map {
            [
                "@odata.type": "#microsoft.graph.group", "id": .string($0.objectID), "displayName": .string($0.name),
                "securityEnabled": true,
            ]
        }
    }

    /// The text that `userPrincipalName eq '…'` or `servicePrincipalNames/any(c:c eq '…')` asks for.
    private func graphFilter(_ request: Request) -> String? {
        guard let filter = request.parameter("$filter") else { return nil }
        let parts = filter.components(separatedBy: "'")
        return parts.count > 1 ? parts[1] : ""
    }

    private func found(_ name: String, in all: [JSON], _ request: Request) throws -> Answer {
        let wanted = name.lowercased()
        let found = all.first {
            $0["id"]?.string?.lowercased() == wanted || $0["userPrincipalName"]?.string?.lowercased() == wanted
        }
        guard let found else { throw missing(request) }
        return Answer(200, found)
    }

    private func missing(_ request: Request) -> AzureError {
        AzureError.arm(
            404, "Request_ResourceNotFound", "Resource '\(request.segments.last ?? "")' does not exist.")
    }

    private func directoryObject(_ id: String) -> JSON? {
        (users + servicePrincipals + groups).first { $0["id"]?.string == id }
    }

    private var users: [JSON] {
        world.principals.filter { $0.kind == .user }.map {
            [
                "@odata.type": "#microsoft.graph.user", "id": .string($0.objectID), "displayName": .string($0.name),
                "userPrincipalName": .string($0.name), "mail": .string($0.name),
            ]
        }
    }

    /// Applications and managed identities.
    private var servicePrincipals: [JSON] {
        let applications = world.principals.filter { $0.kind == .servicePrincipal }.map {
            Self.servicePrincipal($0.objectID, "sandbox", .string($0.name), type: "Application")
        }
        let identities = world.identities.map { id, identity in
            Self.servicePrincipal(
                identity[path: ["properties", "principalId"]]?.string ?? "", id.name,
                identity[path: ["properties", "clientId"]], type: "ManagedIdentity")
        }
        return applications + identities
    }

    private static func servicePrincipal(_ id: String, _ name: String, _ client: JSON?, type: JSON) -> JSON {
        [
            "@odata.type": "#microsoft.graph.servicePrincipal", "id": .string(id), "displayName": .string(name),
            "appId": client ?? "", "servicePrincipalNames": [client ?? ""], "servicePrincipalType": type,
        ]
    }
}
