import AzureStandIn
import ClusterModel
import Foundation
import Testing

/// Several clusters that only remember, in one Azure.
struct Fleet {
    let azure: Azure
    let members: [String: MemoryCluster]

    static func run(
        _ description: WorldDescription, throttles: Bool = false, now: (@Sendable () -> Date)? = nil,
        _ body: (Fleet) async throws -> Void
    ) async throws {
        try await Azure.run(description, throttles: throttles, now: now ?? { Date() }) { azure async throws in
            var members = [description.cluster: azure.cluster]
            for plan in description.plans.dropFirst() {
                let cluster = MemoryCluster(access: azure.standIn.access(of: plan.name))
                try await azure.standIn.attach(cluster, to: plan.name)
                members[plan.name] = cluster
            }
            try await body(Fleet(azure: azure, members: members))
        }
    }

    /// `demo`, `demo-2`, …
    static func world(_ count: Int, sharing: Int = 1, mode: String = "Public") -> WorldDescription {
        var description = WorldDescription()
        description.mode = mode
        description.addClusters(upTo: count, sharing: sharing)
        return description
    }

    func member(_ name: String) throws -> MemoryCluster { try #require(members[name]) }

    func path(_ name: String) -> String {
        let plan = azure.description.plans.first { $0.name == name }
        return "/subscriptions/\(azure.description.subscriptionID)/resourceGroups/\(plan?.resourceGroup ?? "")"
            + "/providers/Microsoft.ContainerService/managedClusters/\(name)"
    }

    func get(_ name: String) async throws -> JSON {
        try await azure.send("GET", "\(path(name))?api-version=\(Azure.version)").json()
    }

    func kms(_ name: String) async throws -> JSON {
        try await get(name)[path: ["properties", "securityProfile", "azureKeyVaultKms"]] ?? [:]
    }

    func put(_ kms: JSON, of name: String) async throws -> Answer {
        var body = try await get(name)
        body[path: ["properties", "securityProfile", "azureKeyVaultKms"]] = kms
        return await azure.send("PUT", "\(path(name))?api-version=\(Azure.version)", body)
    }

    /// Turns KMS off and waits; the status of the operation.
    func turnOff(_ name: String) async throws -> String? {
        let kms: JSON = try await kms(name).merging(["enabled": false])
        return try await azure.finish(try await put(kms, of: name))["status"]?.string
    }

    /// Turns it on with the key of before.
    func turnOn(_ name: String, _ mode: String, vault: String) async throws -> String? {
        let kms: JSON = try await kms(name).merging([
            "enabled": true, "keyVaultNetworkAccess": .string(mode),
            "keyVaultResourceId": .string(mode == "Private" ? azure.vaultPath(vault) : ""),
        ])
        return try await azure.finish(try await put(kms, of: name))["status"]?.string
    }

    func state(_ name: String) async throws -> JSON {
        try await azure.send("GET", "/sandbox/state?cluster=\(name)").json()
    }

    func vaults() async throws -> [String: JSON] {
        let all = try await state(azure.description.cluster)["vaults"]?.array ?? []
        return Dictionary(all.map { ($0["name"]?.string ?? "", $0) }) { $1 }
    }
}
