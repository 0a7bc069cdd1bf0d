import Foundation

extension StandIn {
    /// Keys through ARM: `keys`, `keys/{name}`, `keys/{name}/versions`, `keys/{name}/versions/{version}`.
    func armKeys(_ request: Request, _ rest: [String], _ vault: Vault) throws -> Answer {
        guard request.method == "GET" else {
            throw AzureError.arm(405, "HttpMethodNotAllowed", "The method is not allowed here.")
        }
        let isGone = faults.holds(.keyDeleted, at: .vault(vault)) != nil
        guard let name = rest.first else {
            let keys = vault.keys.filter { !$0.isDeleted && !isGone }
            let items = keys.map { listed($0, $0.versions.last, vault, isVersion: false) }
            return vaultAnswer(200, try page(items, of: request, at: configuration.baseURL, asked: "$top"))
        }
        guard let key = vault.key(name), !key.isDeleted, !isGone else {
            throw AzureError.arm(
                404, "KeyNotFound", "A key with (name/id) \(name) was not found in this key vault.")
        }
        switch rest.count {
        case 1: return vaultAnswer(200, resource(key, key.versions.last, vault, isVersion: false))
        case 2 where rest[1].lowercased() == "versions":
            let items = key.versions.sorted { $0.version < $1.version }
                .map { listed(key, $0, vault, isVersion: true) }
            return vaultAnswer(200, try page(items, of: request, at: configuration.baseURL, asked: "$top"))
        case 3 where rest[1].lowercased() == "versions":
            guard let version = key.versions.first(where: { $0.version == rest[2].lowercased() }) else {
                throw AzureError.arm(
                    404, "KeyNotFound", "A key with (name/id) \(name)/\(rest[2]) was not found in this key vault.")
            }
            return vaultAnswer(200, resource(key, version, vault, isVersion: true))
        default: throw AzureError.noSuchPath(request.path)
        }
    }

    private func resource(_ key: Key, _ version: KeyVersion?, _ vault: Vault, isVersion: Bool) -> JSON {
        let hasPort = vault.host.contains(":") || faults.holds(.armKeyURIHasPort, at: .vault(vault)) == nil
        let uri = "https://\(vault.host)\(hasPort ? "" : ":443")/keys/\(key.name)"
        let id = "\(vault.id)/keys/\(key.name)" + (isVersion ? "/versions/\(version?.version ?? "")" : "")
        return [
            "id": .string(id), "name": .string(isVersion ? version?.version ?? "" : key.name),
            "type": .string("Microsoft.KeyVault/vaults/keys" + (isVersion ? "/versions" : "")),
            "location": .string(vault.location), "tags": [:],
            "properties": [
                "attributes": version.map { attributes($0, in: vault) } ?? [:], "kty": "RSA",
                "keyOps": .array((version?.operations ?? []).map { .string($0) }),
                "keySize": .int(version?.size ?? 0), "keyUri": .string(uri),
                "keyUriWithVersion": .string("\(uri)/\(version?.version ?? "")"),
            ],
        ]
    }

    /// A key as lists show it: without its kind, size and operations (azure-rest-api-specs, examples listKeys and
    /// listKeyVersions of 2023-07-01).
    private func listed(_ key: Key, _ version: KeyVersion?, _ vault: Vault, isVersion: Bool) -> JSON {
        var shown = resource(key, version, vault, isVersion: isVersion)
        for name in ["kty", "keyOps", "keySize"] { shown[path: ["properties", name]] = nil }
        return shown
    }

    /// A page of a list, 25 items at most (REST reference, "Get Key Versions": `maxresults`), with the address of the
    /// next one; null at the end. How many ARM gives out at once is inferred.
    func page(_ items: [JSON], of request: Request, at base: String, asked name: String) throws -> JSON {
        let most = 25
        let given = request.parameter(name)
        let size = given.map { Int($0) ?? 0 } ?? most
        guard (1...most).contains(size) else {
            throw keyError(400, "BadParameter", "The value of '\(name)' must be between 1 and \(most).")
        }
        let start = min(items.count, request.parameter("$skiptoken").flatMap(Int.init) ?? 0)
        let rest = items.dropFirst(start)
        guard rest.count > size else { return ["value": .array(Array(rest)), "nextLink": nil] }
        let asked = given.map { "&\(name)=\($0)" } ?? ""
        let version = request.parameter("api-version") ?? ""
        return [
            "value": .array(Array(rest.prefix(size))),
            "nextLink": .string("\(base)\(request.path)?api-version=\(version)&$skiptoken=\(start + size)\(asked)"),
        ]
    }

    /// Attributes with what the faults of keys change of them.
    func attributes(_ version: KeyVersion, in vault: Vault, isDataPlane: Bool = false) -> JSON {
        let now = Int(configuration.now().timeIntervalSince1970)
        var out: JSON = [
            "enabled": .bool(version.isEnabled && faults.holds(.keyDisabled, at: .vault(vault)) == nil),
            "created": .int(version.created),
            "updated": .int(version.updated), "recoveryLevel": "Recoverable", "exportable": false,
        ]
        if isDataPlane { out["recoverableDays"] = 90 }
        if let expires = faults.holds(.keyExpired, at: .vault(vault)) != nil ? now - 60 : version.expires {
            out["exp"] = .int(expires)
        }
        if let start = version.notBefore { out["nbf"] = .int(start) }
        return out
    }
}
