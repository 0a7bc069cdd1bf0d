package import Azure
import HTTP
import JSON
import Text

/// The key vaults, through ARM.
package struct Vaults: Sendable {
    /// The client.
    package let arm: ARMClient

    package init(arm: ARMClient) { self.arm = arm }

    /// Reads a vault.
    package func get(_ id: AzureResourceID) async throws(ARMError) -> Vault {
        let call = ARMCall(.get, .path(id.urlPath, apiVersion: APIVersions.vaults, query: []))
        let document = try arm.document(of: try await arm.send(call), call)
        let vault: Vault
        do {
            vault = try Vault(document)
        } catch {
            throw ARMError(kind: .unreadableAnswer("\(error)"), action: call.action)
        }
        guard vault.id == id else {
            throw ARMError(kind: .unreadableAnswer("it describes another resource"), action: call.action)
        }
        return vault
    }

    /// Sets one field with PATCH, and gives the vault as it reads afterwards.
    ///
    /// The caller compares: an Azure Policy may leave the old value in place behind a status of 200. Nothing is sent
    /// if the value is there already. A perimeter's rule is never overwritten.
    package func setPublicNetworkAccess(
        of id: AzureResourceID, to access: VaultAccess
    ) async throws(ARMError) -> Vault {
        let call = ARMCall(
            .patch, .path(id.urlPath, apiVersion: APIVersions.vaults, query: []),
            body: .object(["properties": .object(["publicNetworkAccess": .string(access.rawValue)])]))
        let before = try await get(id)
        switch before.access {
        case .securedByPerimeter: throw ARMError(kind: .securedByPerimeter, action: call.action)
        case access: return before
        default: break
        }
        _ = try await arm.send(call)
        return try await get(id)
    }

    /// Sets one of the firewall's rules with PATCH, and gives the vault as it reads afterwards.
    ///
    /// Default action and bypass are both sent, so that what is Azure's default is set explicitly, and so are the rules
    /// that stand beside them: whether a PATCH keeps members of `networkAcls` that it does not have, no source tells.
    package func setFirewall(of id: AzureResourceID, to setting: VaultSetting) async throws(ARMError) -> Vault {
        let before = try await get(id)
        var rules = before.document[path: "properties", "networkAcls"] ?? .object([:])
        rules["bypass"] = .string("AzureServices")
        switch setting {
        case .denyNetworks: rules["defaultAction"] = .string("Deny")
        case .allowNetworks: rules["defaultAction"] = .string("Allow")
        case .trustServices, .open, .closed: rules["defaultAction"] = .string(before.firewallDenies ? "Deny" : "Allow")
        }
        let call = ARMCall(
            .patch, .path(id.urlPath, apiVersion: APIVersions.vaults, query: []),
            body: .object(["properties": .object(["networkAcls": rules])]))
        guard before.access != .securedByPerimeter else {
            throw ARMError(kind: .securedByPerimeter, action: call.action)
        }
        _ = try await arm.send(call)
        return try await get(id)
    }

    /// Reads a version of a key through ARM; without a version the newest one.
    package func key(_ key: KeyIdentifier, in vault: AzureResourceID) async throws(ARMError) -> VaultKey {
        let path =
            vault.urlPath + "/keys/\(percentEncoded(key.name))"
            + (key.version.map { "/versions/\(percentEncoded($0))" } ?? "")
        return VaultKey(try await arm.get(path, apiVersion: APIVersions.vaults))
    }

    /// Vaults of a name in a subscription, by the list of resources; a right to read the vault is enough.
    package func ids(named name: String, subscription: String) async throws(ARMError) -> [AzureResourceID] {
        guard name.utf8.allSatisfy({ isASCIIAlphanumeric($0) || $0 == UInt8(ascii: "-") }) else { return [] }
        let items = try await arm.list(
            "/subscriptions/\(percentEncoded(subscription))/resources", apiVersion: APIVersions.resources,
            query: [("$filter", "resourceType eq 'Microsoft.KeyVault/vaults' and name eq '\(name)'")])
        return items.compactMap { item in
            item["id"]?.string.flatMap { try? AzureResourceID(parsing: $0, type: "Microsoft.KeyVault/vaults") }
        }
    }
}
