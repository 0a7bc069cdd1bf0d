import Foundation

extension StandIn {
    /// Groups, roles past all rules, and deny assignments, which nobody can make through ARM: `{"groups": [{"id",
    /// "name", "members"}], "assignments": [{"principalId", "role", "scope"}], "removeAssignments": [{"principalId"}],
    /// "denyAssignments": [{"name", "principals", "actions", "notActions", "dataActions", "scope"}]}`.
    func directoryControl(_ request: Request) throws -> Answer {
        let body = try request.json()
        for group in body["groups"]?.array ?? [] {
            let id = group["id"]?.string?.lowercased() ?? ""
            world.directoryGroups.removeAll { $0.objectID == id }
            world.directoryGroups.append(
                DirectoryGroup(
                    objectID: id, name: group["name"]?.string ?? id, members: Set(Self.texts(group["members"]))))
        }
        for removal in body["removeAssignments"]?.array ?? [] {
            world.assignments.removeAll { $0.principalID == removal["principalId"]?.string }
        }
        for wanted in body["assignments"]?.array ?? [] { try assign(wanted) }
        if let denials = body["denyAssignments"]?.array { world.denials = denials.map(Self.denial) }
        return Answer(
            200,
            [
                "groups": .int(world.directoryGroups.count), "assignments": .int(world.assignments.count),
                "denyAssignments": .int(world.denials.count),
            ])
    }

    /// - Parameter wanted: `role` is a role's id or name.
    private func assign(_ wanted: JSON) throws {
        let name = wanted["role"]?.string ?? ""
        guard
            let role = (RoleDefinition.builtIn + world.customRoles)
                .first(where: { $0.id == name.lowercased() || $0.name == name }),
            let principal = wanted["principalId"]?.string
        else { throw AzureError.arm(400, "BadRequest", "A principalId and a role that exists are needed.") }
        let isGroup = world.directoryGroups.contains { $0.objectID == principal.lowercased() }
        world.assignments.append(
            RoleAssignment(
                name: UUID().uuidString.lowercased(), principalID: principal,
                principalKind: isGroup ? .group : .servicePrincipal, roleID: role.id,
                scope: wanted["scope"]?.string ?? "/subscriptions/\(description.subscriptionID)"))
    }

    private static func denial(_ wanted: JSON) -> DenyAssignment {
        DenyAssignment(
            name: wanted["name"]?.string ?? "sandbox-deny", principals: Set(texts(wanted["principals"])),
            actions: texts(wanted["actions"]), notActions: texts(wanted["notActions"]),
            dataActions: texts(wanted["dataActions"]), scope: wanted["scope"]?.string ?? "/")
    }

    private static func texts(_ value: JSON?) -> [String] { (value?.array ?? []).compactMap(\.string) }
}
