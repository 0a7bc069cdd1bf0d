import Foundation

/// One version of a key and what makes it usable.
struct KeyVersion: Sendable {
    var version: String
    var isEnabled = true
    var expires: Int?
    var notBefore: Int?
    var created: Int
    var updated: Int
    var operations = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]
    var size = 2048
}

struct Key: Sendable {
    var name: String
    /// The newest is the last.
    var versions: [KeyVersion]
    var deletedAt: Date?

    var isDeleted: Bool { deletedAt != nil }
}

struct PrivateEndpointConnection: Sendable {
    var name: String
    var endpointID: String
    /// The managed cluster that made it.
    var cluster: ResourceID?
    /// `Pending`, `Approved`, `Rejected` or `Disconnected`.
    var status: String
    var description = ""
    /// While a change of it is carried out; it has an etag then (recorded 2024).
    var isUpdating = false
    var etag: String
}

/// How often and when the network setting of a vault was changed: what tests of the order of steps look at.
struct NetworkChange: Sendable {
    var time: Date
    var value: String
    var method: String
}

struct Vault: Sendable {
    var id: ResourceID
    var location: String
    var tags: JSON = [:]
    var tenantID: String
    /// `properties`, without what is made up at every answer.
    var properties: JSON
    var keys: [Key]
    var connections: [PrivateEndpointConnection] = []
    var history: [NetworkChange] = []
    var createdAt: Date
    var createdBy: String
    var modifiedAt: Date
    var modifiedBy: String
    var deletedAt: Date?

    var publicNetworkAccess: String { properties["publicNetworkAccess"]?.string ?? "Enabled" }
    var usesRoles: Bool { properties["enableRbacAuthorization"]?.bool ?? false }
    var host: String {
        let uri = properties["vaultUri"]?.string ?? ""
        return uri.replacingOccurrences(of: "https://", with: "").trimmingCharacters(in: ["/"]).lowercased()
    }
    /// Whether the vault was ever told in words to let Azure's own services in. An answer does not tell: rules that are
    /// the default are not shown.
    var namesTrustedServices: Bool { properties[path: ["networkAcls", "bypass"]]?.string == "AzureServices" }
    var isOpenToAll: Bool { publicNetworkAccess == "Enabled" && !deniesByFirewall }
    var deniesByFirewall: Bool { properties[path: ["networkAcls", "defaultAction"]]?.string == "Deny" }

    func key(_ name: String) -> Key? { keys.first { $0.name.lowercased() == name.lowercased() } }

    /// The access policies' permissions for keys of these principals and groups, in lower case.
    func keyPermissions(of objectIDs: Set<String>) -> Set<String> {
        let policies = properties["accessPolicies"]?.array ?? []
        let mine = policies.filter { objectIDs.contains($0["objectId"]?.string?.lowercased() ?? "") }
        let names = mine.flatMap { $0[path: ["permissions", "keys"]]?.array ?? [] }.compactMap(\.string)
        return Set(names.map { $0.lowercased() })
    }
}

extension Vault {
    /// The resource as `Microsoft.KeyVault` answers it (recorded 2023 and 2024).
    func resource() -> JSON {
        var shown = properties
        // Recorded: default firewall rules vanish from answers although the request had them.
        if let rules = shown["networkAcls"], Self.isDefault(rules) { shown["networkAcls"] = nil }
        if !connections.isEmpty { shown["privateEndpointConnections"] = .array(connections.map(shortForm)) }
        return [
            "id": .string(id.description), "name": .string(id.name), "type": "Microsoft.KeyVault/vaults",
            "location": .string(location), "tags": tags,
            "systemData": [
                "createdBy": .string(createdBy), "createdByType": "Application",
                "createdAt": .string(Timestamp.milliseconds(createdAt)),
                "lastModifiedBy": .string(modifiedBy), "lastModifiedByType": "Application",
                "lastModifiedAt": .string(Timestamp.milliseconds(modifiedAt)),
            ],
            "properties": shown,
        ]
    }

    private static func isDefault(_ rules: JSON) -> Bool {
        rules["defaultAction"]?.string ?? "Allow" == "Allow"
            && rules["bypass"]?.string ?? "AzureServices" == "AzureServices"
            && (rules["ipRules"]?.array ?? []).isEmpty
            && (rules["virtualNetworkRules"]?.array ?? []).isEmpty
    }

    func connectionID(_ connection: PrivateEndpointConnection) -> String {
        "\(id)/privateEndpointConnections/\(connection.name)"
    }

    private func shortForm(_ connection: PrivateEndpointConnection) -> JSON {
        ["id": .string(connectionID(connection)), "properties": Self.properties(of: connection)]
    }

    func resource(of connection: PrivateEndpointConnection) -> JSON {
        var shown: JSON = [
            "id": .string(connectionID(connection)), "name": .string(connection.name),
            "type": "Microsoft.KeyVault/vaults/privateEndpointConnections", "location": .string(location),
            "properties": Self.properties(of: connection),
        ]
        if connection.isUpdating { shown["etag"] = .string(connection.etag) }
        return shown
    }

    private static func properties(of connection: PrivateEndpointConnection) -> JSON {
        var state: JSON = ["status": .string(connection.status), "actionsRequired": "None"]
        if !connection.description.isEmpty { state["description"] = .string(connection.description) }
        return [
            "provisioningState": connection.isUpdating ? "Updating" : "Succeeded",
            "privateEndpoint": ["id": .string(connection.endpointID)],
            "privateLinkServiceConnectionState": state,
        ]
    }
}

/// Times as Azure's services write them.
enum Timestamp {
    static func milliseconds(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    static func seconds(_ date: Date) -> String { date.formatted(Date.ISO8601FormatStyle()) }

    /// .NET's seven digits, as operations have them.
    static func ticks(_ date: Date) -> String {
        let text = milliseconds(date)
        return text.dropLast() + "5818Z"
    }
}
