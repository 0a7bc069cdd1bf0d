import Azure
import AzureAccount
import AzureResources
import JSON
import Preflight

/// The key, as ARM describes it.
extension PreflightScene {
    func readKey() async -> FactChange {
        let key: KeyIdentifier
        do {
            key = try KeyIdentifier(parsing: subject.keyID)
        } catch {
            return Self.everyKeyFact("\(error)")
        }
        let document: JSONValue
        do {
            document = try await Vaults(arm: arm).key(key, in: vaultID).document
        } catch {
            // A vault that is not there has no keys either, but that is another fact than a key that is gone.
            guard error.kind == .notFound, vault.value != nil else { return Self.everyKeyFact("\(error)") }
            return {
                Self.everyKeyFact("the key is not there")(&$0)
                $0.key.presence = .known(.gone)
            }
        }
        return Self.facts(of: document, key)
    }

    private static func facts(of document: JSONValue, _ key: KeyIdentifier) -> FactChange {
        let isThisOne = Fact<JSONValue>.known(document).then { document throws(Unreadable) in
            let uri = try document.text(
                "properties." + (key.version == nil ? "keyUri" : "keyUriWithVersion"), absent: "")
            guard uri.isEmpty || uri.lowercased() == key.description.lowercased() else {
                throw Unreadable("Azure described another key than \(key)")
            }
            return document
        }
        return {
            $0.key.presence = isThisOne.map { _ in .present }
            $0.key.enabled = isThisOne.then { document throws(Unreadable) in
                guard try document.member("properties.attributes.enabled") != nil else {
                    throw Unreadable("Azure does not tell whether the key is enabled")
                }
                return try document.flag("properties.attributes.enabled", absent: false)
            }
            $0.key.expires = isThisOne.then { try $0.time("properties.attributes.exp") }
            $0.key.notBefore = isThisOne.then { try $0.time("properties.attributes.nbf") }
            $0.key.operations = isThisOne.then { try $0.texts("properties.keyOps", absentIsEmpty: false) }
            $0.key.type = isThisOne.then { try $0.text("properties.kty") }
        }
    }

    private static func everyKeyFact(_ reason: String) -> FactChange {
        {
            $0.key.presence = .unreadable(reason)
            $0.key.enabled = .unreadable(reason)
            $0.key.expires = .unreadable(reason)
            $0.key.notBefore = .unreadable(reason)
            $0.key.operations = .unreadable(reason)
            $0.key.type = .unreadable(reason)
        }
    }
}
