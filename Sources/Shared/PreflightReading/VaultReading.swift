import Azure
import AzureAccount
import AzureResources
import JSON
import Preflight

/// The keys, as ARM describes them, and the vault's own endpoint.
extension PreflightScene {
    func readKey() async -> FactChange {
        let key = await describe(subject.keyID, in: vaultID)
        await readings.take(key)
        return { $0.key = key }
    }

    /// The key that encrypts now, where that is another than the one to come.
    func readPresentKey() async -> FactChange {
        let known: ShownKMSProfile
        do {
            known = try kmsProfile(try cluster.known().document)
        } catch {
            let reason = "\(error)"
            return { $0.presentKey = .init(Self.unreadable(reason)) }
        }
        guard known.enabled else { return { $0.presentKey = .notApplicable } }
        let key = PreflightFacts.PresentKey(await describe(known.keyID, in: presentVault(known)))
        return { $0.presentKey = key }
    }

    /// The vault of the key in use, which need not be that of the key to come; nil if it does not show.
    private func presentVault(_ profile: ShownKMSProfile) -> AzureResourceID? {
        guard let key = try? KeyIdentifier(parsing: profile.keyID) else { return nil }
        if vault.value?.owns(key) == true { return vaultID }
        return try? AzureResourceID(parsing: profile.vaultID, type: "Microsoft.KeyVault/vaults")
    }

    /// Whether the vault's own endpoint, which makes versions of a key, lets this machine in.
    func readDoor() async -> FactChange {
        guard question.strategy.makesKeyVersion else { return { $0.vault.door = .notApplicable } }
        let door = await Fact<PreflightFacts.Door>.reading {
            let key = try KeyIdentifier(parsing: subject.keyID)
            let endpoint = VaultDoor(transport: arm.transport, tokens: arm.tokens, tenant: arm.tenant)
            switch await endpoint.look(key) {
            case .open: return .open
            case .closed, .firewalled: return .closed
            case .unknown: throw Unreadable("the endpoint of vault \(vaultID.name) gave no answer that tells")
            }
        }
        return { $0.vault.door = door }
    }

    private func describe(_ keyID: String, in place: AzureResourceID?) async -> PreflightFacts.Key {
        let key: KeyIdentifier
        do {
            key = try KeyIdentifier(parsing: keyID)
        } catch {
            return Self.unreadable("\(error)", keyID)
        }
        guard let place else { return Self.unreadable("the vault of the key does not show", keyID) }
        let document: JSONValue
        do {
            document = try await Vaults(arm: arm).key(key, in: place).document
        } catch {
            // A vault that is not there has no keys either, but that is another fact than a key that is gone.
            guard error.kind == .notFound, vault.value != nil else { return Self.unreadable("\(error)", keyID) }
            var gone = Self.unreadable("the key is not there", keyID)
            gone.presence = .known(.gone)
            return gone
        }
        return Self.facts(of: document, key, keyID)
    }

    private static func facts(of document: JSONValue, _ key: KeyIdentifier, _ keyID: String) -> PreflightFacts.Key {
        let isThisOne = Fact<JSONValue>.known(document).then { document throws(Unreadable) in
            let uri = try document.text(
                "properties." + (key.version == nil ? "keyUri" : "keyUriWithVersion"), absent: "")
            guard uri.isEmpty || uri.lowercased() == key.description.lowercased() else {
                throw Unreadable("Azure described another key than \(key)")
            }
            return document
        }
        var facts = PreflightFacts.Key()
        facts.id = .known(keyID)
        facts.presence = isThisOne.map { _ in .present }
        facts.enabled = isThisOne.then { document throws(Unreadable) in
            guard try document.member("properties.attributes.enabled") != nil else {
                throw Unreadable("Azure does not tell whether the key is enabled")
            }
            return try document.flag("properties.attributes.enabled", absent: false)
        }
        facts.expires = isThisOne.then { try $0.time("properties.attributes.exp") }
        facts.notBefore = isThisOne.then { try $0.time("properties.attributes.nbf") }
        facts.operations = isThisOne.then { try $0.texts("properties.keyOps", absentIsEmpty: false) }
        facts.type = isThisOne.then { try $0.text("properties.kty") }
        return facts
    }

    private static func unreadable(_ reason: String, _ keyID: String? = nil) -> PreflightFacts.Key {
        var key = PreflightFacts.Key()
        key.id = keyID.map { .known($0) } ?? .unreadable(reason)
        key.presence = .unreadable(reason)
        key.enabled = .unreadable(reason)
        key.expires = .unreadable(reason)
        key.notBefore = .unreadable(reason)
        key.operations = .unreadable(reason)
        key.type = .unreadable(reason)
        return key
    }
}
