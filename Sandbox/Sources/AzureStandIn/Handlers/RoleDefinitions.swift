import Foundation

/// `Microsoft.Authorization/roleDefinitions`, custom ones too (learn.microsoft.com, REST reference "Role Definitions"
/// of api-version 2022-04-01, and "Azure custom roles"; texts of refusals: inferred).
extension StandIn {
    func roleDefinitions(
        _ request: Request, _ scope: String, _ rest: [String], _ caller: Principal
    ) throws -> Answer {
        switch (request.method, rest.count) {
        case ("GET", 1): return listRoles(request, scope)
        case ("GET", _):
            guard let role = world.role(rest[1]) else {
                throw AzureError.arm(
                    404, "RoleDefinitionDoesNotExist",
                    "The specified role definition with ID '\(rest[1])' does not exist.")
            }
            return Answer(200, resource(role))
        case ("PUT", 2): return try putRole(request, id: rest[1], caller)
        case ("DELETE", 2): return try deleteRole(id: rest[1], caller)
        default: throw AzureError.noSuchPath(request.path)
        }
    }

    private func listRoles(_ request: Request, _ scope: String) -> Answer {
        let wanted = Filter(request.parameter("$filter") ?? "")
        let custom = world.customRoles.filter { $0.custom?.isSeen(at: scope) ?? true }
        let found = (RoleDefinition.builtIn + custom).filter {
            wanted.accepts("roleName", $0.name) && wanted.accepts("type", Self.type(of: $0))
        }
        return Answer(200, ["value": .array(found.map(resource))])
    }

    private func putRole(_ request: Request, id: String, _ caller: Principal) throws -> Answer {
        let body = try request.json()["properties"] ?? [:]
        let scopes = (body["assignableScopes"]?.array ?? []).compactMap(\.string)
        guard let name = body["roleName"]?.string, !name.isEmpty, !scopes.isEmpty,
            let permissions = body["permissions"]?.array, permissions.count == 1, UUID(uuidString: id) != nil
        else { throw AzureError.arm(400, "InvalidRoleDefinition", "The role definition is not valid.") }
        for scope in scopes { try authorize(caller, "Microsoft.Authorization/roleDefinitions/write", scope) }
        let old = world.customRoles.firstIndex { $0.id == id }
        try refuse(name, id: id, replaces: old != nil)
        func texts(_ member: String) -> [String] { (permissions[0][member]?.array ?? []).compactMap(\.string) }
        let now = Timestamp.ticks(configuration.now())
        let role = RoleDefinition(
            id: id, name: name, actions: texts("actions"), notActions: texts("notActions"),
            dataActions: texts("dataActions"), notDataActions: texts("notDataActions"),
            custom: CustomRole(
                description: body["description"]?.string ?? "", scopes: scopes,
                created: old.flatMap { world.customRoles[$0].custom?.created } ?? now, updated: now,
                createdBy: caller.objectID))
        if let old { world.customRoles[old] = role } else { world.customRoles.append(role) }
        return Answer(201, resource(role))
    }

    /// Azure's own roles cannot be changed, and a name is given once in a tenant.
    private func refuse(_ name: String, id: String, replaces: Bool) throws {
        if !replaces, world.role(id) != nil {
            throw AzureError.arm(403, "RoleDefinitionUpdateNotAllowed", "A built-in role cannot be changed.")
        }
        let isTaken = (RoleDefinition.builtIn + world.customRoles).contains {
            $0.id != id && $0.name.lowercased() == name.lowercased()
        }
        if isTaken {
            throw AzureError.arm(
                409, "RoleDefinitionWithSameNameExists", "A custom role with the name '\(name)' exists already.")
        }
    }

    private func deleteRole(id: String, _ caller: Principal) throws -> Answer {
        guard let index = world.customRoles.firstIndex(where: { $0.id == id }) else { return Answer(204) }
        let role = world.customRoles[index]
        for scope in role.custom?.scopes ?? [] {
            try authorize(caller, "Microsoft.Authorization/roleDefinitions/delete", scope)
        }
        guard !world.assignments.contains(where: { $0.roleID == id }) else {
            throw AzureError.arm(
                400, "RoleDefinitionHasAssignments",
                "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments).")
        }
        world.customRoles.remove(at: index)
        return Answer(200, resource(role))
    }

    private static func type(of role: RoleDefinition) -> String { role.custom == nil ? "BuiltInRole" : "CustomRole" }

    private func resource(_ role: RoleDefinition) -> JSON {
        var properties: JSON = [
            "roleName": .string(role.name), "type": .string(Self.type(of: role)),
            "description": .string(role.custom?.description ?? role.name),
            "assignableScopes": .array((role.custom?.scopes ?? ["/"]).map { .string($0) }),
            "permissions": [permission(role)],
        ]
        if let custom = role.custom {
            properties["createdOn"] = .string(custom.created)
            properties["updatedOn"] = .string(custom.updated)
            properties["createdBy"] = .string(custom.createdBy)
            properties["updatedBy"] = .string(custom.createdBy)
        }
        return [
            "id": .string(definitionID(role.id)), "name": .string(role.id),
            "type": "Microsoft.Authorization/roleDefinitions", "properties": properties,
        ]
    }
}
