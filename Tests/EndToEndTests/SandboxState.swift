import JSON

/// What the sandbox shows of itself.
struct SandboxState: Sendable {
    let document: JSONValue

    /// PUTs that treated a cluster on the newer experience of KMS as one on the older.
    var legacyPuts: Int64 { document["legacyPutsOnNewExperience"]?.integer ?? -1 }
    var plaintext: Int64 { document[path: "storedSecrets", "plaintext"]?.integer ?? -1 }
    var encrypted: Int64 { document[path: "storedSecrets", "encrypted"]?.integer ?? -1 }
    /// How many Secrets each key encrypted.
    var encryptedByKey: [String: Int64] {
        (document[path: "storedSecrets", "encryptedByKey"]?.object ?? [:]).compactMapValues(\.integer)
    }

    private var cluster: JSONValue? { document["clusters"]?.array?.first }
    var provisioningState: String { cluster?[path: "properties", "provisioningState"]?.string ?? "" }
    var kms: JSONValue? { cluster?[path: "properties", "securityProfile", "azureKeyVaultKms"] }
    var kmsEnabled: Bool { kms?["enabled"]?.bool ?? false }
    /// Public or Private.
    var kmsMode: String { kms?["keyVaultNetworkAccess"]?.string ?? "" }
    var kmsKeyID: String { kms?["keyId"]?.string ?? "" }
    var kmsVaultID: String { kms?["keyVaultResourceId"]?.string ?? "" }

    func vault(_ index: Int = 0) -> JSONValue? { document["vaults"]?.array?[index] }
    func vaultAccess(_ index: Int = 0) -> String {
        vault(index)?[path: "properties", "publicNetworkAccess"]?.string ?? ""
    }
    /// (time, value) of each setting of a vault's network access.
    func vaultHistory(_ index: Int = 0) -> [(time: String, value: String)] {
        (vault(index)?["history"]?.array ?? []).map {
            ($0["time"]?.string ?? "", $0["publicNetworkAccess"]?.string ?? "")
        }
    }
    /// Start, end and status of each update of a cluster, in order.
    var operations: [(start: String, end: String, status: String)] {
        (document["operations"]?.array ?? []).map {
            ($0["startTime"]?.string ?? "", $0["endTime"]?.string ?? "", $0["status"]?.string ?? "")
        }
    }
}
