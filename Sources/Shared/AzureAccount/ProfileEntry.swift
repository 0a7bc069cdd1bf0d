import JSON

/// One subscription of azureProfile.json.
package struct ProfileEntry: Sendable, Hashable {
    /// The `id`; that of the tenant in an entry without subscriptions.
    package let subscriptionID: String
    /// The display name.
    package let name: String
    /// The tenant whose tokens the subscription takes.
    package let tenantID: String
    /// The cloud to which it belongs.
    package let environmentName: String
    /// Whether it is the active one of az.
    package let isDefault: Bool
    /// How az signs in for it.
    package let credential: Credential

    /// How az signs in for it.
    package enum Credential: Sendable, Hashable {
        case user(name: String)
        case servicePrincipal(clientID: String)
        case managedIdentity(ManagedIdentityID)
        case cloudShell
    }

    /// nil for an entry that lacks what every entry has.
    init?(_ document: JSONValue) {
        guard let id = document["id"]?.string, let tenant = document["tenantId"]?.string,
            let user = document["user"], let userName = user["name"]?.string
        else { return nil }
        subscriptionID = id
        tenantID = tenant
        name = document["name"]?.string ?? ""
        environmentName = document["environmentName"]?.string ?? "AzureCloud"
        isDefault = document["isDefault"]?.bool == true
        if user["cloudShellID"]?.bool == true {
            credential = .cloudShell
        } else if let identity = ManagedIdentityID(userName: userName, info: user["assignedIdentityInfo"]?.string) {
            credential = .managedIdentity(identity)
        } else if user["type"]?.string == "servicePrincipal" {
            credential = .servicePrincipal(clientID: userName)
        } else {
            credential = .user(name: userName)
        }
    }

    /// Whether it stands for a tenant without subscriptions.
    package var isTenantLevel: Bool { subscriptionID.lowercased() == tenantID.lowercased() }
}

/// Which managed identity of a machine is meant.
package enum ManagedIdentityID: Sendable, Hashable {
    case systemAssigned
    case client(String)
    case object(String)
    case resource(String)

    /// Reads az's way of naming them: `MSI`, `MSIClient-<id>`, `MSIObject-<id>`, `MSIResource-<id>`.
    init?(userName: String, info: String?) {
        guard userName == "systemAssignedIdentity" || userName == "userAssignedIdentity" else { return nil }
        guard let info, let dash = info.firstIndex(of: "-") else {
            guard userName == "systemAssignedIdentity" else { return nil }
            self = .systemAssigned
            return
        }
        let id = String(info[info.index(after: dash)...])
        switch info[..<dash] {
        case "MSIClient": self = .client(id)
        case "MSIObject": self = .object(id)
        case "MSIResource": self = .resource(id)
        default: return nil
        }
    }
}
