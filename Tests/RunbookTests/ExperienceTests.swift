import Foundation
import JSON
import SystemRig
import Testing

/// The newer experience of KMS by hand. az itself has no option for it, and the extension that has one, aks-preview, is
/// not on PyPI: `az rest` sends what that extension would.
@Suite(.needsAz)
struct `The newer experience of KMS with the real az` {
    private static let version = "2026-07-01"

    /// GET, another security profile, PUT, and the end of the update.
    private func change(_ az: Az, _ sandbox: SandboxProcess, _ kms: JSONValue) async throws {
        let url =
            "/subscriptions/{subscriptionId}/resourceGroups/\(sandbox.resourceGroup)/providers"
            + "/Microsoft.ContainerService/managedClusters/\(sandbox.cluster)?api-version=\(Self.version)"
        let shown = try #require(try await az.json("rest", "--method", "get", "--url", url)?.object)
        var properties = shown["properties"]?.object ?? [:]
        var profile = properties["securityProfile"]?.object ?? [:]
        profile["azureKeyVaultKms"] = kms
        profile["kubernetesResourceObjectEncryptionProfile"] = .object(["infrastructureEncryption": .string("Enabled")])
        properties["securityProfile"] = .object(profile)
        let file = sandbox.folder + "/body.json"
        let body = JSONValue.object(shown.merging(["properties": .object(properties)]) { $1 })
        try Data(body.bytes()).write(to: URL(fileURLWithPath: file))
        let put = try await az.json("rest", "--method", "put", "--url", url, "--body", "@\(file)")
        #expect(put?[path: "properties", "provisioningState"]?.string == "Updating")
        try await az.json(
            "aks", "wait", "--updated", "--interval", "1", "-g", sandbox.resourceGroup, "-n", sandbox.cluster)
        #expect(try await sandbox.state().provisioningState == "Succeeded")
    }

    private func expectStored(_ key: String, _ sandbox: SandboxProcess) async throws {
        try await eventually(within: 60, "the controller has rewritten every Secret") {
            let state = try await sandbox.state()
            return state.plaintext == 0 && Set(state.encryptedByKey.keys) == [key]
        }
        #expect(try await sandbox.unreadable().isEmpty)
    }

    /// What our commands call the state.
    private func expectSeen(_ state: String, _ plugin: Plugin) async throws {
        let list = try await plugin.run(["list", "-o", "json"])
        #expect(list.json?["clusters"]?.array?.first?["encryption"]?.string == state, "\(list.testDescription)")
        let status = try await plugin.run(["status", "-o", "json"] + plugin.target)
        #expect(status.json?["encryption"]?.string == state, "\(status.testDescription)")
        let verify = try await plugin.run(["verify", "-o", "json"] + plugin.target)
        #expect(verify.exitCode == 0, "\(verify.testDescription)")
    }

    @Test func `a cluster goes from the legacy KMS to the platform's key, a customer's, and back`() async throws {
        try await inSandbox { sandbox, plugin in
            let az = try Az(sandbox)
            let here = ["-g", sandbox.resourceGroup, "-n", sandbox.cluster]
            let off = JSONValue.object(["enabled": .bool(false)])
            try await expectSeen("legacy-on", plugin)
            try await change(az, sandbox, off)
            try await expectStored("v2-plus:platform-managed", sandbox)
            try await expectSeen("platform-managed", plugin)

            let plain = sandbox.keyID.split(separator: "/").dropLast().joined(separator: "/")
                .replacing("https:/", with: "https://")
            let customer: [String: JSONValue] = [
                "enabled": .bool(true), "keyId": .string(plain), "keyVaultNetworkAccess": .string("Public"),
                "keyVaultResourceId": .string(sandbox.vaultID),
            ]
            try await change(az, sandbox, .object(customer))
            try await expectStored("v2-plus:\(sandbox.keyID)", sandbox)
            let shown = try await az.output(["aks", "show"] + here)
            #expect(shown?[path: "securityProfile", "azureKeyVaultKms", "keyId"]?.string == plain)
            // az asks an api-version that does not show it.
            #expect(shown?[path: "securityProfile", "kubernetesResourceObjectEncryptionProfile"] == nil)

            try await expectSeen("customer-key-public", plugin)

            try await change(az, sandbox, off)
            try await expectStored("v2-plus:platform-managed", sandbox)
            try await expectSeen("platform-managed", plugin)
            let legacy = try await az.run(
                ["aks", "update", "--enable-azure-keyvault-kms", "--azure-keyvault-kms-key-id", sandbox.keyID]
                    + ["--azure-keyvault-kms-key-vault-network-access", "Public"] + here)
            #expect(legacy.errors.contains("(BadRequest) A versioned key ID is not allowed"), "\(legacy.errors)")
        }
    }
}
