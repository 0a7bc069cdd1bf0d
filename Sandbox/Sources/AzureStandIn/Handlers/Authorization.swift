import Foundation

extension StandIn {
    /// `Microsoft.Authorization` at any scope: assignments, definitions, permissions, locks.
    func authorization(
        _ request: Request, _ path: [String], scope: String, rest: [String], _ caller: Principal
    ) throws -> Answer {
        let type = Self.canonical[rest[0]] ?? rest[0]
        try APIVersions.check(
            request, provider: "Microsoft.Authorization", type: type, location: description.location)
        let last = request.segments.last ?? ""
        // Built-in roles at the root are there for everyone who is signed in (inferred).
        if request.method == "GET", !scope.isEmpty {
            try authorize(caller, "Microsoft.Authorization/\(type)/read", scope)
        }
        switch (rest[0], request.method) {
        case ("roleassignments", "GET") where rest.count == 1: return listAssignments(request, scope)
        case ("roleassignments", "GET"):
            guard let found = world.assignments.first(where: { $0.name == last.lowercased() }) else {
                throw AzureError.arm(404, "RoleAssignmentNotFound", "The role assignment '\(last)' is not found.")
            }
            return Answer(200, resource(found))
        case ("roleassignments", "PUT"): return try assign(request, scope, name: last, caller)
        case ("roleassignments", "DELETE"):
            try authorize(caller, "Microsoft.Authorization/roleAssignments/delete", scope)
            guard let index = world.assignments.firstIndex(where: { $0.name == last.lowercased() }) else {
                return Answer(204)
            }
            return Answer(200, resource(world.assignments.remove(at: index)))
        case ("roledefinitions", _): return try roleDefinitions(request, scope, rest, caller)
        case ("roleassignmentscheduleinstances", "GET") where rest.count == 1:
            return try roleSchedules(request, scope, caller)
        case ("policyassignments", "GET") where rest.count == 1:
            return Answer(200, ["value": .array(policyAssignments)])
        case ("denyassignments", "GET") where rest.count == 1:
            return Answer(200, ["value": .array(denials(at: scope, request).map(resource))])
        case ("permissions", "GET"): return Answer(200, ["value": .array(permissions(caller, scope))])
        case ("locks", "GET"): return Answer(200, ["value": .array(shownLocks(at: scope))])
        case ("locks", "PUT"): return try putLock(request, scope, name: last, caller)
        case ("locks", "DELETE"):
            try authorize(caller, "Microsoft.Authorization/locks/delete", scope)
            world.locks.removeAll { $0.name == last && $0.scope.lowercased() == scope.lowercased() }
            return Answer(200)
        default: throw AzureError.noSuchPath(request.path)
        }
    }

    private static let canonical = [
        "roleassignments": "roleAssignments", "roledefinitions": "roleDefinitions", "permissions": "permissions",
        "locks": "locks", "policyassignments": "policyAssignments",
        "roleassignmentscheduleinstances": "roleAssignmentScheduleInstances", "denyassignments": "denyAssignments",
    ]

    /// Assignments that hold at a scope, narrowed by `principalId eq`, `assignedTo(…)` or `atScope()`.
    private func listAssignments(_ request: Request, _ scope: String) -> Answer {
        let filter = request.parameter("$filter") ?? ""
        let wanted = holders(filter)
        let onlyAbove = filter.contains("atScope()")
        let found = world.assignments.filter { item in
            let isBelow = item.scope.lowercased().hasPrefix(scope.lowercased() + "/")
            return (item.covers(scope) || (isBelow && !onlyAbove))
                && (wanted?.contains(item.principalID.lowercased()) ?? true)
        }
        return Answer(200, ["value": .array(found.map(resource))])
    }

    /// Whose assignments a filter asks for: `principalId eq` means the principal alone, `assignedTo()` its groups as
    /// well (Azure RBAC documentation, "List role assignments using REST"); nil: everybody's.
    func holders(_ filter: String) -> Set<String>? {
        if let range = filter.range(of: "assignedTo('") {
            return world.identities(of: String(filter[range.upperBound...].prefix { $0 != "'" }))
        }
        return Filter(filter).value("principalId").map { [$0] }
    }

    /// The deny assignments at a scope and above it.
    private func denials(at scope: String, _ request: Request) -> [DenyAssignment] {
        let wanted = holders(request.parameter("$filter") ?? "")
        return world.denials.filter { denial in
            isAtOrBelow(denial.scope, scope)
                && (wanted.map { $0.contains { denial.principals.contains($0) || denial.principals.isEmpty } } ?? true)
        }
    }

    private func resource(_ denial: DenyAssignment) -> JSON {
        let everybody: JSON = [
            ["id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined", "displayName": "All Principals"]
        ]
        let principals = JSON.array(denial.principals.sorted().map { ["id": .string($0), "type": "ServicePrincipal"] })
        return [
            "id": .string("\(denial.scope)/providers/Microsoft.Authorization/denyAssignments/\(denial.name)"),
            "name": .string(denial.name), "type": "Microsoft.Authorization/denyAssignments",
            "properties": [
                "denyAssignmentName": .string(denial.name), "scope": .string(denial.scope),
                "doNotApplyToChildScopes": false, "isSystemProtected": true, "excludePrincipals": [],
                "principals": denial.principals.isEmpty ? everybody : principals,
                "permissions": [
                    [
                        "actions": .array(denial.actions.map { .string($0) }),
                        "notActions": .array(denial.notActions.map { .string($0) }),
                        "dataActions": .array(denial.dataActions.map { .string($0) }), "notDataActions": [],
                    ]
                ],
            ],
        ]
    }

    private func resource(_ assignment: RoleAssignment) -> JSON {
        [
            "id": .string("\(assignment.scope)/providers/Microsoft.Authorization/roleAssignments/\(assignment.name)"),
            "name": .string(assignment.name), "type": "Microsoft.Authorization/roleAssignments",
            "properties": [
                "roleDefinitionId": .string(definitionID(assignment.roleID)),
                "principalId": .string(assignment.principalID),
                "principalType": .string(assignment.principalKind.rawValue), "scope": .string(assignment.scope),
                "condition": nil, "conditionVersion": nil, "createdOn": .string(assignment.created),
                "updatedOn": .string(assignment.created), "createdBy": .string(assignment.createdBy),
                "updatedBy": .string(assignment.createdBy),
                "delegatedManagedIdentityResourceId": nil, "description": nil,
            ],
        ]
    }

    func definitionID(_ role: String) -> String {
        "/subscriptions/\(description.subscriptionID)/providers/Microsoft.Authorization/roleDefinitions/\(role)"
    }

    private func assign(_ request: Request, _ scope: String, name: String, _ caller: Principal) throws -> Answer {
        try authorize(caller, "Microsoft.Authorization/roleAssignments/write", scope)
        let body = try request.json()["properties"] ?? [:]
        guard let principal = body["principalId"]?.string,
            let role = body["roleDefinitionId"]?.string?.split(separator: "/").last.map({ $0.lowercased() }),
            world.role(role) != nil
        else {
            throw AzureError.arm(400, "RoleDefinitionDoesNotExist", "The specified role definition does not exist.")
        }
        if let custom = world.role(role)?.custom, !custom.covers(scope) {
            throw AzureError.arm(
                400, "RoleAssignmentScopeNotAssignableToRoleDefinition",
                "The scope '\(scope)' is not among the assignable scopes of the role definition.")
        }
        guard let kind = directoryKind(of: principal) else {
            throw AzureError.arm(
                400, "PrincipalNotFound",
                "Principal \(principal.replacingOccurrences(of: "-", with: "")) does not exist in the directory "
                    + "\(world.tenantID). Check that you have the correct principal ID.")
        }
        let exists = world.assignments.contains {
            $0.principalID == principal && $0.roleID == role && $0.scope.lowercased() == scope.lowercased()
        }
        guard !exists else {
            throw AzureError.arm(409, "RoleAssignmentExists", "The role assignment already exists.")
        }
        let assignment = RoleAssignment(
            name: name.lowercased(), principalID: principal,
            principalKind: kind,
            roleID: role, scope: scope, created: Timestamp.ticks(configuration.now()), createdBy: caller.objectID)
        world.assignments.append(assignment)
        return Answer(201, resource(assignment))
    }

    /// What an object of the directory is; managed identities are service principals.
    private func directoryKind(of objectID: String) -> Principal.Kind? {
        if world.directoryGroups.contains(where: { $0.objectID == objectID }) { return .group }
        if let principal = world.principals.first(where: { $0.objectID == objectID }) { return principal.kind }
        let isIdentity = world.identities.values.contains {
            $0[path: ["properties", "principalId"]]?.string == objectID
        }
        return isIdentity ? .servicePrincipal : nil
    }

    func permission(_ role: RoleDefinition) -> JSON {
        [
            "actions": .array(role.actions.map { .string($0) }),
            "notActions": .array(role.notActions.map { .string($0) }),
            "dataActions": .array(role.dataActions.map { .string($0) }),
            "notDataActions": .array(role.notDataActions.map { .string($0) }),
        ]
    }

    private func permissions(_ caller: Principal, _ scope: String) -> [JSON] {
        guard faults.holds(.authorizationLost, at: .scope(scope)) == nil else {
            return [["actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []]]
        }
        return world.roles(of: caller.objectID, at: scope).map(permission)
    }

    /// The policies that faults put in force.
    private var policyAssignments: [JSON] {
        let named: [(FaultName, String)] = [
            (.vaultPolicyDenies, "sandbox-deny-public"), (.vaultPolicyKeepsClosed, "sandbox-modify-public"),
            (.clusterPolicyDenies, "sandbox-deny-kms-change"),
        ]
        let scope = "/subscriptions/\(description.subscriptionID)"
        return named.filter { faults.holds($0.0) != nil }.map { _, name in
            [
                "id": .string("\(scope)/providers/Microsoft.Authorization/policyAssignments/\(name)"),
                "name": .string(name), "type": "Microsoft.Authorization/policyAssignments",
                "properties": [
                    "displayName": .string(name), "scope": .string(scope), "enforcementMode": "Default",
                    "policyDefinitionId": .string(
                        "\(scope)/providers/Microsoft.Authorization/policyDefinitions/\(name)"),
                ],
            ]
        }
    }

    /// The locks at a scope, above it and below it.
    private func shownLocks(at scope: String) -> [JSON] {
        let wanted = scope.lowercased()
        return locks.filter {
            let mine = $0.scope.lowercased()
            return mine == wanted || wanted.hasPrefix(mine + "/") || mine.hasPrefix(wanted + "/")
        }.map(resource)
    }

    private func resource(_ lock: Lock) -> JSON {
        [
            "id": .string("\(lock.scope)/providers/Microsoft.Authorization/locks/\(lock.name)"),
            "name": .string(lock.name), "type": "Microsoft.Authorization/locks",
            "properties": ["level": .string(lock.level)],
        ]
    }

    private func putLock(_ request: Request, _ scope: String, name: String, _ caller: Principal) throws -> Answer {
        try authorize(caller, "Microsoft.Authorization/locks/write", scope)
        let level = try request.json()[path: ["properties", "level"]]?.string ?? ""
        guard ["ReadOnly", "CanNotDelete"].contains(level) else {
            throw AzureError.arm(400, "InvalidLockLevel", "The lock level '\(level)' is not valid.")
        }
        world.locks.removeAll { $0.name == name && $0.scope.lowercased() == scope.lowercased() }
        let lock = Lock(name: name, level: level, scope: scope)
        world.locks.append(lock)
        return Answer(201, resource(lock))
    }
}
