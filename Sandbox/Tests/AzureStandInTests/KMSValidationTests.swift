import AzureStandIn
import ClusterModel
import Testing

struct KMSValidationTests {
    /// The message of a refused PUT of a KMS profile, with KMS turned off before.
    private func refusal(_ azure: Azure, _ kms: JSON) async throws -> (code: String?, message: String?) {
        if try await azure.kms()?["enabled"] == true {
            #expect(try await azure.change(azure.off) == "Succeeded")
        }
        let answer = try await azure.putKMS(kms)
        #expect(answer.status == 400)
        let body = try answer.json()
        return (body["code"]?.string, body["message"]?.string)
    }

    @Test func `network access must be said`() async throws {
        try await Azure.run { azure async throws in
            let got = try await refusal(azure, ["enabled": true, "keyId": .string(azure.keyID())])
            #expect(got.code == "BadRequest")
            #expect(got.message == "KeyVault network access is unspecified for Azure Key Vault KMS.")
        }
    }

    @Test func `Private needs the vault's resource id`() async throws {
        try await Azure.run { azure async throws in
            var kms = azure.privately
            kms["keyVaultResourceId"] = ""
            let got = try await refusal(azure, kms)
            #expect(got.message == "KeyVault resource ID is empty when KeyVault network access is Private.")
        }
    }

    @Test func `Public takes no resource id`() async throws {
        try await Azure.run { azure async throws in
            var kms = azure.publicly
            kms["keyVaultResourceId"] = .string(azure.vaultPath)
            #expect(try await refusal(azure, kms).code == "BadRequest")
        }
    }

    @Test func `Private needs VNet integration`() async throws {
        var description = WorldDescription()
        description.isVNetIntegrated = false
        try await Azure.run(description) { azure async throws in
            let got = try await refusal(azure, azure.privately)
            #expect(got.message == "Vnet integration should be enabled when KeyVault network access is Private.")
        }
    }

    @Test func `the vault must own the key`() async throws {
        try await Azure.run { azure async throws in
            var kms = azure.privately
            kms["keyVaultResourceId"] = .string(azure.vaultPath("kv-demo-private"))
            #expect(try await refusal(azure, kms).message?.contains("does not match") == true)
        }
    }

    @Test func `a versionless or mistyped key is refused`() async throws {
        try await Azure.run { azure async throws in
            for key in ["https://kv-demo.vault.azure.net/keys/kms", "kms", "", "https://a/secrets/b/c"] {
                var kms = azure.publicly
                kms["keyId"] = .string(key)
                #expect(try await refusal(azure, kms).code == "BadRequest", "\(key)")
            }
        }
    }

    @Test func `an identity without the right is refused for Public`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "identity-lost-permission"])
            let got = try await refusal(azure, azure.publicly)
            #expect(got.code == "AzureKeyVaultKmsValidateIdentityPermissionCustomerError")
        }
    }

    @Test func `a closed vault cannot be checked for Public`() async throws {
        try await Azure.run { azure async throws in
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(await azure.patchVault("Disabled").status == 200)
            let got = try await refusal(azure, azure.publicly)
            #expect(got.code == "AzureKeyVaultKmsValidateIdentityPermissionCustomerError")
        }
    }

    @Test func `the mode of one vault does not change while KMS is on`() async throws {
        try await Azure.run { azure async throws in
            let answer = try await azure.putKMS(azure.privately)
            #expect(answer.status == 400)
            #expect(try azure.code(answer) == "BadRequest")
            #expect(try await azure.kms()?["keyVaultNetworkAccess"] == "Public")
        }
    }

    @Test func `another vault may come with another mode in one step`() async throws {
        try await Azure.run { azure async throws in
            let kms: JSON = [
                "enabled": true, "keyId": .string(azure.keyID("kv-demo-private")), "keyVaultNetworkAccess": "Private",
                "keyVaultResourceId": .string(azure.vaultPath("kv-demo-private")),
            ]
            #expect(try await azure.change(kms) == "Succeeded")
            #expect(await azure.cluster.profiles.last?.networkPath == .privateEndpoint)
        }
    }

    @Test func `a system-assigned identity cannot have KMS`() async throws {
        try await Azure.run { azure async throws in
            #expect(try await azure.change(azure.off) == "Succeeded")
            var body = try await azure.getCluster()
            body["identity"] = ["type": "SystemAssigned"]
            body[path: ["properties", "securityProfile", "azureKeyVaultKms"]] = azure.publicly
            let answer = await azure.send("PUT", "\(azure.clusterPath)?api-version=\(Azure.version)", body)
            #expect(answer.status == 400)
        }
    }

    @Test func `both directions of the documented order succeed`() async throws {
        try await Azure.run { azure async throws in
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(try await azure.change(azure.privately) == "Succeeded")
            #expect(await azure.patchVault("Disabled").status == 200)
            #expect(try await azure.change(azure.privately.merging(["enabled": false])) == "Succeeded")
            #expect(await azure.patchVault("Enabled").status == 200)
            #expect(try await azure.change(azure.publicly) == "Succeeded")
            let paths = await azure.cluster.profiles.map { "\($0.enabled) \($0.networkPath.rawValue)" }
            #expect(paths == ["true Public", "false Public", "true Private", "false Private", "true Public"])
        }
    }
}
