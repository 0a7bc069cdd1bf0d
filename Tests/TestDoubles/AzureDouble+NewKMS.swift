import HTTP
import JSON

/// The new KMS experience, as azure-rest-api-specs 2026-07-01 and the live tests of aks-preview show it: whose key is
/// used is told by the profile, the key of a vault is named without a version, and there is no way back.
extension AzureDouble.State {
    package var isNew: Bool {
        cluster[path: "properties", "securityProfile", "kubernetesResourceObjectEncryptionProfile"] != nil
    }

    /// The prefix in etcd under which API servers write: another for each key and version.
    package var storedForm: String {
        let key = kms?["keyId"]?.string ?? ""
        guard isNew else {
            guard isKMSOn else { return KubeDouble.plaintext }
            return key == keyID ? KubeDouble.encrypted : "k8s:enc:kms:v2:\(key.suffix(8)):"
        }
        return isKMSOn ? "k8s:enc:kms:v2:customer\(keyVersions.count):" : "k8s:enc:kms:v2:platform:"
    }

    /// What ARM refuses; "you can't disable the feature" (AKS documentation, limitations).
    func refusal(of security: JSONValue) -> HTTPResponse? {
        let next = security["azureKeyVaultKms"]
        let isOn = next?["enabled"]?.bool == true
        let staysNew = security["kubernetesResourceObjectEncryptionProfile"] != nil
        if isNew, !staysNew { return AzureDouble.error(400, "BadRequest", "the feature cannot be disabled") }
        let mode = kms?["keyVaultNetworkAccess"]?.string ?? "Public"
        let isDirect =
            staysNew && isOn && isKMSOn && (!isNew || mode != next?["keyVaultNetworkAccess"]?.string ?? "Public")
        if refusesDirectChange, isDirect { return AzureDouble.error(400, "BadRequest", "not while KMS is on") }
        return nil
    }

    /// PUT replaces the profile, and a stable version keeps what it does not have in the body.
    mutating func take(_ security: JSONValue) {
        for name in ["azureKeyVaultKms", "kubernetesResourceObjectEncryptionProfile"] {
            guard let value = security[name] else { continue }
            var properties = cluster["properties"] ?? .object([:])
            var profile = properties["securityProfile"] ?? .object([:])
            profile[name] = value
            properties["securityProfile"] = profile
            cluster["properties"] = properties
        }
    }

    /// `POST /keys/NAME/rotate` (Key Vault REST API).
    mutating func makeVersion() -> String {
        let number = "\(keyVersions.count + 1)"
        keyVersions.append(String(repeating: "0", count: 32 - number.count) + number)
        return "https://kv1.vault.azure.net/keys/kms/\(keyVersions.last ?? "")"
    }

    var shownKey: JSONValue {
        .object([
            "properties": .object([
                "attributes": .object(["enabled": .bool(true), "created": .integer(now - 86_400)]),
                "kty": .string("RSA"),
                "keyOps": .array([.string("encrypt"), .string("decrypt")]),
                "keyUriWithVersion": .string("https://kv1.vault.azure.net/keys/kms/\(keyVersions.last ?? "")"),
            ])
        ])
    }

    /// Rules that are Azure's default are left out (recorded of Microsoft.KeyVault).
    var shownVault: JSONValue {
        let rules = vault[path: "properties", "networkAcls"]
        guard rules?["defaultAction"]?.string == "Allow", rules?["bypass"]?.string == "AzureServices" else {
            return vault
        }
        var shown = vault
        var properties = shown["properties"] ?? .object([:])
        properties["networkAcls"] = nil
        shown["properties"] = properties
        return shown
    }
}
