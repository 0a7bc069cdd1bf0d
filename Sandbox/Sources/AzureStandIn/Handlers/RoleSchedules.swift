import Foundation

extension StandIn {
    /// Who holds which role now, as Privileged Identity Management lists it: permanent assignments have no end.
    func roleSchedules(_ request: Request, _ scope: String, _ caller: Principal) throws -> Answer {
        let filter = request.parameter("$filter") ?? ""
        // `asTarget()` is the caller, by itself or in groups (azure-rest-api-specs, RoleAssignmentScheduleInstances).
        let principals = filter.contains("asTarget()") ? world.identities(of: caller.objectID) : holders(filter)
        let found = world.assignments.filter {
            $0.covers(scope) && (principals?.contains($0.principalID.lowercased()) ?? true)
        }
        return Answer(200, ["value": .array(found.map(instance))])
    }

    private func instance(_ assignment: RoleAssignment) -> JSON {
        let authorization = "\(assignment.scope)/providers/Microsoft.Authorization"
        let role = definitionID(assignment.roleID)
        return [
            "id": .string("\(authorization)/roleAssignmentScheduleInstances/\(assignment.name)"),
            "name": .string(assignment.name), "type": "Microsoft.Authorization/roleAssignmentScheduleInstances",
            "properties": [
                "scope": .string(assignment.scope), "roleDefinitionId": .string(role),
                "principalId": .string(assignment.principalID),
                "principalType": .string(assignment.principalKind.rawValue), "status": "Provisioned",
                "originRoleAssignmentId": .string("\(authorization)/roleAssignments/\(assignment.name)"),
                "roleAssignmentScheduleId": .string("\(authorization)/roleAssignmentSchedules/\(assignment.name)"),
                "startDateTime": .string(assignment.created), "createdOn": .string(assignment.created),
                "assignmentType": "Assigned",
                "memberType": .string(assignment.principalKind == .group ? "Group" : "Direct"),
                "expandedProperties": [
                    "scope": ["id": .string(assignment.scope)],
                    "roleDefinition": [
                        "id": .string(role), "type": "BuiltInRole",
                        "displayName": .string(world.role(assignment.roleID)?.name ?? ""),
                    ],
                    "principal": [
                        "id": .string(assignment.principalID), "type": .string(assignment.principalKind.rawValue),
                    ],
                ],
            ],
        ]
    }
}
