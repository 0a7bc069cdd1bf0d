import AzureStandIn
import Foundation
import Testing

/// Key Vault's data plane as `az keyvault key` uses it.
struct KeyLifecycleTests {
    @Test func `a rotated key has a newer version, and the old one stays`() async throws {
        try await Azure.run { azure async throws in
            let rotated = try await azure.data("POST", "/keys/kms/rotate")
            #expect(rotated.status == 200)
            let kid = try rotated.json()[path: ["key", "kid"]]?.string
            #expect(kid != azure.keyID())
            #expect(try await azure.data("GET", "/keys/kms").json()[path: ["key", "kid"]]?.string == kid)
            let old = azure.keyID().split(separator: "/").last.map(String.init) ?? ""
            #expect(try await azure.data("GET", "/keys/kms/\(old)").status == 200)
            #expect(try await azure.data("GET", "/keys/kms/versions").json()["value"]?.array?.count == 2)
            #expect(try await azure.data("POST", "/keys/none/rotate").status == 404)
        }
    }

    @Test func `attributes are set of the newest version where none is named`() async throws {
        try await Azure.run { azure async throws in
            let set = try await azure.data(
                "PATCH", "/keys/kms", ["attributes": ["enabled": false, "exp": 2_000_000_000]])
            #expect(set.status == 200)
            let shown = try await azure.data("GET", "/keys/kms").json()
            #expect(shown[path: ["attributes", "enabled"]] == false)
            #expect(shown[path: ["attributes", "exp"]] == 2_000_000_000)
            #expect(try await azure.data("PATCH", "/keys/kms/none", [:]).status == 404)
        }
    }

    @Test func `a deleted key decrypts nothing until it is recovered, and is not purged`() async throws {
        try await Azure.run { azure async throws in
            let deleted = try await azure.data("DELETE", "/keys/kms")
            #expect(try deleted.json()["recoveryId"] == "https://kv-demo.vault.azure.net/deletedkeys/kms")
            #expect(try await azure.data("GET", "/keys/kms").status == 404)
            #expect(try await azure.data("GET", "/deletedkeys").json()["value"]?.array?.count == 1)
            #expect(try await azure.data("GET", "/deletedkeys/kms").status == 200)
            await #expect(throws: (any Error).self) {
                try await azure.standIn.keyMaterial(keyID: azure.keyID(), over: .publicEndpoint)
            }
            let again = try await azure.data("POST", "/keys/kms/create", ["kty": "RSA"])
            #expect(again.status == 409)
            let purged = try await azure.data("DELETE", "/deletedkeys/kms")
            #expect(purged.status == 403)
            #expect(try await azure.data("POST", "/deletedkeys/kms/recover").status == 200)
            #expect(try await azure.data("GET", "/deletedkeys/kms").status == 404)
            _ = try await azure.standIn.keyMaterial(keyID: azure.keyID(), over: .publicEndpoint)
        }
    }

    @Test func `a token for ARM and one that has ended are refused`() async throws {
        let clock = Clock()
        try await Azure.run(tokenSeconds: 100, now: { clock.now }) { azure async throws in
            let host = ["Host": "kv-demo.vault.azure.net"]
            let wrong = await azure.send("GET", "/keys/kms?api-version=7.5", headers: host)
            #expect(wrong.status == 401)
            #expect(
                try wrong.json()[path: ["error", "message"]]?.string?.hasPrefix("AKV10022: Invalid audience") == true)
            let token = try await azure.vaultToken()
            #expect(await azure.send("GET", "/keys/kms?api-version=7.5", headers: host, token: token).status == 200)
            clock.advance(101)
            let ended = await azure.send("GET", "/keys/kms?api-version=7.5", headers: host, token: token)
            #expect(ended.status == 401)
            #expect(ended.header("www-authenticate")?.contains("authorization=") == true)
        }
    }

    @Test func `a caller without a role for keys is refused by Rbac`() async throws {
        try await Azure.run { azure async throws in
            let scope = "/subscriptions/\(azure.description.subscriptionID)/providers/Microsoft.Authorization"
            let name = "a1f0c1de-0003-4a00-8000-000000000000"
            #expect(await azure.send("DELETE", "\(scope)/roleAssignments/\(name)?api-version=2022-04-01").status == 200)
            let refused = try await azure.data("GET", "/keys/kms")
            #expect(refused.status == 403)
            #expect(try refused.json()[path: ["error", "innererror", "code"]] == "ForbiddenByRbac")
        }
    }
}

extension Azure {
    func vaultToken() async throws -> String {
        let form =
            "grant_type=client_credentials&client_id=\(description.clientID)"
            + "&client_secret=\(description.clientSecret)&scope=https%3A%2F%2Fvault.azure.net%2F.default"
        let answer = await standIn.respond(
            to: Request(method: "POST", target: "/\(description.tenantID)/oauth2/v2.0/token", body: Array(form.utf8)))
        return try #require(try answer.json()["access_token"]?.string)
    }

    /// A request to the first vault's own endpoint.
    func data(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> Answer {
        await send(
            method, path + "?api-version=7.6-preview.2", body, headers: ["Host": "kv-demo.vault.azure.net"],
            token: try await vaultToken())
    }
}
