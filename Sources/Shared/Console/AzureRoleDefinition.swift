package import JSON
package import Preflight

/// The custom role of Azure that gives the rights of a use: what `az role definition create --role-definition @FILE`
/// takes.
package struct AzureRoleDefinition: Sendable {
    package let use: RightsUse
    /// Ids of subscriptions or resource groups in which the role can be assigned.
    package let scopes: [String]
    package let neededOnly: Bool

    package init(for use: RightsUse, scopes: [String], neededOnly: Bool = false) {
        self.use = use
        self.scopes = scopes
        self.neededOnly = neededOnly
    }

    package var actions: [String] { actions(onData: false) }
    package var dataActions: [String] { actions(onData: true) }

    private func actions(onData: Bool) -> [String] {
        AzureRight.all.of(use, neededOnly: neededOnly).filter { $0.isOnData == onData }.map(\.action).sorted()
    }

    package var document: JSONValue {
        func list(_ items: [String]) -> JSONValue { .array(items.map(JSONValue.string)) }
        var role: [String: JSONValue] = [
            "Name": .string(RoleManifest.name(use)), "IsCustom": .bool(true),
            "Description": .string("What kubectl kms-vault needs for: \(use.commands.joined(separator: ", "))."),
            "Actions": list(actions), "NotActions": list([]), "AssignableScopes": list(scopes),
        ]
        if !dataActions.isEmpty {
            role["DataActions"] = list(dataActions)
            role["NotDataActions"] = list([])
        }
        return .object(role)
    }

    package var text: String { Console.text(of: document, pretty: true) }
}
