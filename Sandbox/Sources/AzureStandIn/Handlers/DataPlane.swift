import Foundation

extension StandIn {
    static var unknownVault: Answer {
        // A name that does not resolve cannot be told over HTTP: the connection is lost instead.
        .lost
    }

    /// Key Vault's own endpoint as a client outside of the private network meets it.
    func dataPlane(_ request: Request, vault index: Int) throws -> Answer {
        let vault = world.vaults[index]
        let caller = try dataCaller(request)
        // The caller comes from outside: only the public endpoint serves it.
        if vault.publicNetworkAccess != "Enabled" {
            throw forbidden(
                "ForbiddenByConnection",
                Self.closedMessage + "\r\nCaller: appid=\(caller.name);oid=\(caller.objectID);"
                    + "iss=https://sts.windows.net/\(world.tenantID)/\r\nVault: \(vault.id.name);location=\(vault.location)"
            )
        }
        if vault.deniesByFirewall {
            throw forbidden(
                "ForbiddenByFirewall", "Client address is not authorized and caller is not a trusted service.")
        }
        let path = request.segments.map { $0.lowercased() }
        if path.first == "deletedkeys" { return try deletedKeys(request, path, index, caller) }
        guard path.first == "keys" else { throw keyError(404, "NotFound", "Resource not found.") }
        switch (request.method, path.count) {
        case ("GET", 1):
            try authorizeData(caller, "read", vault)
            let items = vault.keys.filter { !$0.isDeleted }.map { listItem($0, vault) }
            return Answer(200, try page(items, of: request, at: "https://\(vault.host)", asked: "maxresults"))
        case ("GET", 3) where path[2] == "versions":
            try authorizeData(caller, "read", vault, key: path[1])
            let key = try existing(vault, path[1])
            // In the order of their names, which tells nothing of their age: the order that Key Vault lists in is not
            // documented.
            let items = key.versions.sorted { $0.version < $1.version }.map { listItem(key, vault, $0) }
            return Answer(200, try page(items, of: request, at: "https://\(vault.host)", asked: "maxresults"))
        case ("GET", _) where path.count <= 3:
            try authorizeData(caller, "read", vault, key: path[1])
            return try bundle(vault, path[1], path.count > 2 ? path[2] : "")
        case ("POST", 3) where path[2] == "create":
            try authorizeData(caller, "create/action", vault, key: path[1])
            return try createKey(request, index, name: request.segments[1])
        case ("POST", 3) where path[2] == "rotate":
            try authorizeData(caller, "rotate/action", vault, key: path[1])
            return try rotateKey(index, path[1])
        case ("PATCH", 2), ("PATCH", 3):
            try authorizeData(caller, "update/action", vault, key: path[1])
            return try updateKey(request, index, path[1], path.count > 2 ? path[2] : "")
        case ("DELETE", 2):
            try authorizeData(caller, "delete", vault, key: path[1])
            return try deleteKey(index, path[1])
        default: throw keyError(404, "NotFound", "Resource not found.")
        }
    }

    private func dataCaller(_ request: Request) throws -> Principal {
        let challenge =
            "Bearer authorization=\"\(configuration.baseURL)/\(world.tenantID)\", resource=\"https://vault.azure.net\""
        guard let text = request.bearerToken else {
            throw keyError(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.")
                .with("www-authenticate", challenge)
        }
        guard let token = tokens[text], token.expires > configuration.now() else {
            throw keyError(401, "Unauthorized", "AKV10046: Unable to resolve the key used for signature validation.")
                .with("www-authenticate", challenge)
        }
        guard
            token.audience.trimmingSlash == "https://vault.azure.net"
                || token.audience.contains(configuration.vaultSuffix.dropFirst())
        else {
            throw keyError(
                401, "Unauthorized",
                "AKV10022: Invalid audience. Expected https://vault.azure.net, found: \(token.audience)."
            )
            .with("www-authenticate", challenge)
        }
        return token.principal
    }

    /// - Parameter key: the one that is asked for; nil for all of a vault's.
    func authorizeData(_ caller: Principal, _ verb: String, _ vault: Vault, key: String? = nil) throws {
        if vault.usesRoles {
            let scope = vault.id.description + (key.map { "/keys/\($0)" } ?? "")
            guard world.mayData(caller.objectID, "Microsoft.KeyVault/vaults/keys/\(verb)", at: scope) else {
                throw forbidden("ForbiddenByRbac", "Caller is not authorized to perform action on resource.")
            }
            return
        }
        let name = verb == "read" ? "get" : String(verb.prefix { $0 != "/" })
        let permissions = vault.keyPermissions(of: world.identities(of: caller.objectID))
        guard permissions.contains("all") || permissions.contains(name) else {
            throw forbidden("AccessDenied", "The user, group or application does not have keys \(name) permission.")
        }
    }

    func forbidden(_ inner: String, _ message: String) -> AzureError {
        AzureError(
            status: 403,
            body: [
                "error": ["code": "Forbidden", "message": .string(message), "innererror": ["code": .string(inner)]]
            ])
    }

    func keyError(_ status: Int, _ code: String, _ message: String) -> AzureError {
        .arm(status, code, message)
    }

    func existing(_ vault: Vault, _ name: String) throws -> Key {
        guard let key = vault.key(name), !key.isDeleted, faults.holds(.keyDeleted, at: .vault(vault)) == nil else {
            throw keyError(404, "KeyNotFound", "A key with (name/id) \(name) was not found in this key vault.")
        }
        return key
    }

    func listItem(_ key: Key, _ vault: Vault, _ version: KeyVersion? = nil) -> JSON {
        let base = "https://\(vault.host)/keys/\(key.name)"
        return [
            "kid": .string(version.map { "\(base)/\($0.version)" } ?? base),
            "attributes": (version ?? key.versions.last).map { attributes($0, in: vault, isDataPlane: true) } ?? [:],
        ]
    }

    func bundle(_ vault: Vault, _ name: String, _ wanted: String) throws -> Answer {
        let key = try existing(vault, name)
        guard let version = wanted.isEmpty ? key.versions.last : key.versions.first(where: { $0.version == wanted })
        else {
            throw keyError(
                404, "KeyNotFound", "A key with (name/id) \(name)/\(wanted) was not found in this key vault.")
        }
        let kid = "https://\(vault.host)/keys/\(key.name)/\(version.version)"
        let modulus = (0..<8).flatMap { KeyMaterial.derive("\(kid)/n/\($0)") }
        return Answer(
            200,
            [
                "key": [
                    "kid": .string(kid), "kty": "RSA", "key_ops": .array(version.operations.map { .string($0) }),
                    "n": .string(Base64URL.encode(modulus)), "e": "AQAB",
                ],
                "attributes": attributes(version, in: vault, isDataPlane: true), "tags": [:],
            ])
    }

    private func createKey(_ request: Request, _ index: Int, name: String) throws -> Answer {
        let body = try request.json()
        let now = Int(configuration.now().timeIntervalSince1970)
        let at = world.vaults[index].keys.firstIndex { $0.name.lowercased() == name.lowercased() }
        if let at, world.vaults[index].keys[at].isDeleted { throw deletedButRecoverable(name) }
        let number = (at.map { world.vaults[index].keys[$0].versions.count } ?? 0) + 1
        var version = KeyVersion(
            version: WorldDescription.keyVersion(vault: world.vaults[index].id.name, key: name, number: number),
            created: now, updated: now)
        version.size = body["key_size"]?.int ?? 2048
        version.operations = body["key_ops"]?.array?.compactMap(\.string) ?? version.operations
        take(body["attributes"] ?? [:], into: &version)
        if let at {
            world.vaults[index].keys[at].versions.append(version)
        } else {
            world.vaults[index].keys.append(Key(name: name, versions: [version]))
        }
        return try bundle(world.vaults[index], name, "")
    }

    private func updateKey(_ request: Request, _ index: Int, _ name: String, _ wanted: String) throws -> Answer {
        let body = try request.json()
        _ = try existing(world.vaults[index], name)
        guard let at = world.vaults[index].keys.firstIndex(where: { $0.name.lowercased() == name }),
            let version = world.vaults[index].keys[at].versions.lastIndex(where: {
                wanted.isEmpty || $0.version == wanted
            })
        else {
            throw keyError(
                404, "KeyNotFound", "A key with (name/id) \(name)/\(wanted) was not found in this key vault.")
        }
        take(body["attributes"] ?? [:], into: &world.vaults[index].keys[at].versions[version])
        if let operations = body["key_ops"]?.array?.compactMap(\.string) {
            world.vaults[index].keys[at].versions[version].operations = operations
        }
        world.vaults[index].keys[at].versions[version].updated = Int(configuration.now().timeIntervalSince1970)
        return try bundle(world.vaults[index], name, wanted)
    }

    private func take(_ attributes: JSON, into version: inout KeyVersion) {
        if let enabled = attributes["enabled"]?.bool { version.isEnabled = enabled }
        if let expires = attributes["exp"]?.int { version.expires = expires }
        if let start = attributes["nbf"]?.int { version.notBefore = start }
    }
}
