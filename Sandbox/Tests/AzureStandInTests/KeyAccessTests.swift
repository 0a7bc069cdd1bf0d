import AzureStandIn
import ClusterModel
import Foundation
import Testing

struct KeyAccessTests {
    private func refusal(_ azure: Azure, over path: NetworkPath, key: String? = nil) async -> String? {
        do {
            _ = try await azure.standIn.keyMaterial(keyID: key ?? azure.keyID(), over: path)
            return nil
        } catch {
            return (error as? VaultRefusal)?.code ?? "\(error)"
        }
    }

    @Test func `two keys have different material, one key always the same`() async throws {
        try await Azure.run { azure async throws in
            let one = try await azure.standIn.keyMaterial(keyID: azure.keyID(), over: .publicEndpoint)
            let same = try await azure.standIn.keyMaterial(keyID: azure.keyID(), over: .publicEndpoint)
            #expect(one == same)
            #expect(one.count == 32)
            _ = await azure.send(
                "PATCH", "\(azure.vaultPath("kv-demo-private"))?api-version=\(Azure.vaultVersion)",
                ["properties": ["publicNetworkAccess": "Enabled"]])
            let other = try await azure.standIn.keyMaterial(
                keyID: azure.keyID("kv-demo-private"), over: .publicEndpoint)
            #expect(one != other)
        }
    }

    @Test func `a closed vault serves the private path only, and that only once it is approved`() async throws {
        try await Azure.run { azure async throws in
            #expect(await refusal(azure, over: .publicEndpoint) == nil)
            #expect(await refusal(azure, over: .privateEndpoint) == "ForbiddenByConnection")
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(try await azure.change(azure.privately) == "Succeeded")
            #expect(await refusal(azure, over: .privateEndpoint) == nil)
            _ = await azure.patchVault("Disabled")
            #expect(await refusal(azure, over: .publicEndpoint) == "ForbiddenByConnection")
            #expect(await refusal(azure, over: .privateEndpoint) == nil)
            await azure.fault(["name": "private-endpoint-pending"])
            #expect(await refusal(azure, over: .privateEndpoint) == "ForbiddenByConnection")
            let path = ["properties", "privateLinkServiceConnectionState", "status"]
            let list = "\(azure.vaultPath)/privateEndpointConnections?api-version=\(Azure.vaultVersion)"
            #expect(try await azure.send("GET", list).json()["value"]?.array?.first?[path: path] == "Pending")
            await azure.endFaults()
            #expect(try await azure.send("GET", list).json()["value"]?.array?.first?[path: path] == "Approved")
            #expect(await refusal(azure, over: .privateEndpoint) == nil)
        }
    }

    @Test(arguments: [
        ("key-disabled", "KeyDisabled"), ("key-expired", "KeyExpired"), ("key-deleted", "KeyNotFound"),
        ("identity-lost-permission", "ForbiddenByRbac"),
    ])
    func `what makes a key unusable is said and ends with the fault`(name: String, code: String) async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": .string(name)])
            #expect(await refusal(azure, over: .publicEndpoint) == code)
            await azure.endFaults()
            #expect(await refusal(azure, over: .publicEndpoint) == nil)
        }
    }

    @Test func `an expired key still decrypts, a disabled one does not`() async throws {
        try await Azure.run { azure async throws in
            for (name, decrypts) in [("key-expired", true), ("key-disabled", false)] {
                await azure.fault(["name": .string(name)])
                let material = try? await azure.standIn.keyMaterial(
                    keyID: azure.keyID(), over: .publicEndpoint, to: .decrypt)
                #expect((material != nil) == decrypts, "\(name)")
                await azure.endFaults()
            }
        }
    }

    @Test func `an unknown vault, key and version are refused`() async throws {
        try await Azure.run { azure async throws in
            #expect(
                await refusal(azure, over: .publicEndpoint, key: "https://no.vault.azure.net/keys/kms/1")
                    == "VaultNotFound")
            #expect(await refusal(azure, over: .publicEndpoint, key: "nonsense") == "VaultNotFound")
            #expect(
                await refusal(azure, over: .publicEndpoint, key: "https://kv-demo.vault.azure.net/keys/kms/00")
                    == "KeyNotFound")
        }
    }

    @Test func `enabling Private makes a new connection each time and old ones stay`() async throws {
        try await Azure.run { azure async throws in
            for _ in 0..<2 {
                #expect(try await azure.change(azure.off) == "Succeeded")
                #expect(try await azure.change(azure.privately) == "Succeeded")
            }
            let vault = try await azure.send("GET", "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)").json()
            let connections = vault[path: ["properties", "privateEndpointConnections"]]?.array ?? []
            #expect(connections.count == 2)
            let endpoint = connections.first?[path: ["properties", "privateEndpoint", "id"]]?.string
            #expect(endpoint?.contains("/resourceGroups/MC_rg-demo_demo_westeurope/") == true)
        }
    }

    @Test func `an identity that may not approve the connection fails the update`() async throws {
        try await Azure.run { azure async throws in
            #expect(try await azure.change(azure.off) == "Succeeded")
            await azure.fault(["name": "private-endpoint-denied"])
            let end = try await azure.finish(try await azure.putKMS(azure.privately))
            #expect(end["status"] == "Failed")
            #expect(end[path: ["error", "code"]] == "LinkedAuthorizationFailed")
        }
    }

    @Test func `a plugin that cannot reach its key fails the update`() async throws {
        try await Azure.run { azure async throws in
            #expect(try await azure.change(azure.off) == "Succeeded")
            await azure.fault(["name": "key-disabled"])
            let end = try await azure.finish(try await azure.putKMS(azure.privately))
            #expect(end[path: ["error", "code"]] == "InternalOperationError")
        }
    }

    @Test func `the data plane challenges, then refuses by connection`() async throws {
        try await Azure.run { azure async throws in
            let host = ["Host": "kv-demo.vault.azure.net"]
            let bare = await azure.send("GET", "/keys/kms?api-version=7.5", headers: host, token: "")
            #expect(bare.status == 401)
            #expect(bare.header("www-authenticate")?.contains("resource=\"https://vault.azure.net\"") == true)
            let form =
                "grant_type=client_credentials&client_id=\(azure.description.clientID)"
                + "&client_secret=\(azure.description.clientSecret)&scope=https%3A%2F%2Fvault.azure.net%2F.default"
            let signedIn = await azure.standIn.respond(
                to: Request(
                    method: "POST", target: "/\(azure.description.tenantID)/oauth2/v2.0/token", body: Array(form.utf8)))
            let token = try signedIn.json()["access_token"]?.string
            let open = await azure.send("GET", "/keys/kms?api-version=7.5", headers: host, token: token)
            #expect(open.status == 200)
            #expect(try open.json()[path: ["key", "kid"]]?.string == azure.keyID())
            _ = await azure.patchVault("Disabled")
            let closed = await azure.send("GET", "/keys/kms?api-version=7.5", headers: host, token: token)
            #expect(closed.status == 403)
            #expect(try closed.json()[path: ["error", "innererror", "code"]] == "ForbiddenByConnection")
        }
    }
}
