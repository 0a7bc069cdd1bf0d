import Foundation

/// What becomes of a key: new versions, deletion, recovery.
extension StandIn {
    /// A further version of the same kind as the newest, enabled and without an end: those come from the key's rotation
    /// policy (REST reference, "Rotate Key"), of which the sandbox has none.
    func rotateKey(_ index: Int, _ name: String) throws -> Answer {
        let key = try existing(world.vaults[index], name)
        guard let at = world.vaults[index].keys.firstIndex(where: { $0.name == key.name }),
            let newest = key.versions.last
        else { throw keyError(404, "KeyNotFound", "A key with (name/id) \(name) was not found in this key vault.") }
        let now = Int(configuration.now().timeIntervalSince1970)
        var version = KeyVersion(
            version: WorldDescription.keyVersion(
                vault: world.vaults[index].id.name, key: key.name, number: key.versions.count + 1), created: now,
            updated: now)
        version.operations = newest.operations
        version.size = newest.size
        world.vaults[index].keys[at].versions.append(version)
        return try bundle(world.vaults[index], name, "")
    }

    /// Soft: whatever is encrypted with it cannot be read from now on, until it is recovered.
    func deleteKey(_ index: Int, _ name: String) throws -> Answer {
        let key = try existing(world.vaults[index], name)
        guard let at = world.vaults[index].keys.firstIndex(where: { $0.name == key.name }) else {
            throw keyError(404, "KeyNotFound", "A key with (name/id) \(name) was not found in this key vault.")
        }
        let shown = try bundle(world.vaults[index], name, "").json()
        world.vaults[index].keys[at].deletedAt = configuration.now()
        return Answer(200, deleted(world.vaults[index].keys[at], world.vaults[index], shown))
    }

    /// `deletedkeys`, `deletedkeys/{name}` and `deletedkeys/{name}/recover`.
    func deletedKeys(_ request: Request, _ path: [String], _ index: Int, _ caller: Principal) throws -> Answer {
        let vault = world.vaults[index]
        guard path.count > 1 else {
            try authorizeData(caller, "read", vault)
            let all = vault.keys.filter(\.isDeleted).map { deleted($0, vault, listItem($0, vault)) }
            return Answer(200, ["value": .array(all)])
        }
        guard let at = vault.keys.firstIndex(where: { $0.name.lowercased() == path[1] && $0.isDeleted }) else {
            throw keyError(404, "KeyNotFound", "Deleted Key not found: \(path[1])")
        }
        var revived = vault
        revived.keys[at].deletedAt = nil
        switch (request.method, path.count) {
        case ("GET", 2):
            try authorizeData(caller, "read", vault)
            return Answer(200, deleted(vault.keys[at], vault, try bundle(revived, path[1], "").json()))
        case ("POST", 3) where path[2] == "recover":
            try authorizeData(caller, "recover/action", vault)
            world.vaults[index] = revived
            return try bundle(revived, path[1], "")
        case ("DELETE", 2):
            try authorizeData(caller, "purge/action", vault)
            guard vault.properties["enablePurgeProtection"]?.bool != true else {
                throw forbidden(
                    "ForbiddenByPolicy", "Operation \"purge\" is not allowed because purge protection is enabled.")
            }
            world.vaults[index].keys.remove(at: at)
            return Answer(204)
        default: throw keyError(404, "NotFound", "Resource not found.")
        }
    }

    func deletedButRecoverable(_ name: String) -> AzureError {
        AzureError(
            status: 409,
            body: [
                "error": [
                    "code": "Conflict",
                    "message": .string(
                        "Key \(name) is currently in a deleted but recoverable state, and its name cannot be reused; in "
                            + "this state, the key can only be recovered or purged."),
                    "innererror": ["code": "ObjectIsDeletedButRecoverable"],
                ]
            ])
    }

    private func deleted(_ key: Key, _ vault: Vault, _ shown: JSON) -> JSON {
        let time = Int((key.deletedAt ?? configuration.now()).timeIntervalSince1970)
        return shown.merging([
            "recoveryId": .string("https://\(vault.host)/deletedkeys/\(key.name)"), "deletedDate": .int(time),
            "scheduledPurgeDate": .int(time + 90 * 86_400),
        ])
    }
}
