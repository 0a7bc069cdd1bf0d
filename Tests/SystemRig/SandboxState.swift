package import JSON

/// What the sandbox shows of itself.
package struct SandboxState: Sendable {
    package let document: JSONValue

    /// PUTs that treated a cluster on the newer experience of KMS as one on the older.
    package var legacyPuts: Int64 { document["legacyPutsOnNewExperience"]?.integer ?? -1 }
    package var plaintext: Int64 { document[path: "storedSecrets", "plaintext"]?.integer ?? -1 }
    package var encrypted: Int64 { document[path: "storedSecrets", "encrypted"]?.integer ?? -1 }
    /// How many Secrets each key encrypted.
    package var encryptedByKey: [String: Int64] {
        (document[path: "storedSecrets", "encryptedByKey"]?.object ?? [:]).compactMapValues(\.integer)
    }

    /// The one that was asked for.
    private var cluster: JSONValue? { document["clusters"]?.array?.first { $0["name"] == document["cluster"] } }
    package var provisioningState: String { cluster?[path: "properties", "provisioningState"]?.string ?? "" }
    package var kms: JSONValue? { cluster?[path: "properties", "securityProfile", "azureKeyVaultKms"] }
    package var kmsEnabled: Bool { kms?["enabled"]?.bool ?? false }
    /// Public or Private.
    package var kmsMode: String { kms?["keyVaultNetworkAccess"]?.string ?? "" }
    package var kmsKeyID: String { kms?["keyId"]?.string ?? "" }
    package var kmsVaultID: String { kms?["keyVaultResourceId"]?.string ?? "" }

    package func vault(_ index: Int = 0) -> JSONValue? { document["vaults"]?.array?[index] }
    package func vaultAccess(_ index: Int = 0) -> String {
        vault(index)?[path: "properties", "publicNetworkAccess"]?.string ?? ""
    }
    /// (time, value) of each setting of a vault's network access.
    package func vaultHistory(_ index: Int = 0) -> [(time: String, value: String)] {
        (vault(index)?["history"]?.array ?? []).map {
            ($0["time"]?.string ?? "", $0["publicNetworkAccess"]?.string ?? "")
        }
    }
    /// Start, end and status of each update of a cluster, in order.
    package var operations: [(start: String, end: String, status: String)] {
        (document["operations"]?.array ?? []).map {
            ($0["startTime"]?.string ?? "", $0["endTime"]?.string ?? "", $0["status"]?.string ?? "")
        }
    }
}
