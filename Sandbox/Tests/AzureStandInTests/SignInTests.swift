import AzureStandIn
import Foundation
import Testing

struct SignInTests {
    private func token(_ azure: Azure, tenant: String? = nil, _ fields: [String: String]) async -> Answer {
        let path =
            tenant == "adfs" ? "/adfs/oauth2/token" : "/\(tenant ?? azure.description.tenantID)/oauth2/v2.0/token"
        let allowed = CharacterSet.alphanumerics
        let form = fields.map { "\($0.key)=\($0.value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")" }
            .joined(separator: "&")
        return await azure.standIn.respond(to: Request(method: "POST", target: path, body: Array(form.utf8)))
    }

    private func secret(_ azure: Azure, scope: String = "https://management.core.windows.net//.default") -> [String:
        String]
    {
        [
            "grant_type": "client_credentials", "client_id": azure.description.clientID,
            "client_secret": azure.description.clientSecret, "scope": scope,
        ]
    }

    @Test func `a service principal gets a token that ARM takes`() async throws {
        try await Azure.run { azure async throws in
            let answer = await token(azure, secret(azure))
            #expect(answer.status == 200)
            let body = try answer.json()
            #expect(body["token_type"]?.string == "Bearer")
            let text = try #require(body["access_token"]?.string)
            #expect(text.split(separator: ".").count == 3)
            let listed = await azure.send("GET", "/subscriptions?api-version=2022-12-01", token: text)
            #expect(listed.status == 200)
        }
    }

    @Test func `discovery names the token endpoint of the tenant and of adfs`() async throws {
        try await Azure.run { azure async throws in
            let tenant = await azure.send("GET", "/\(azure.description.tenantID)/v2.0/.well-known/openid-configuration")
            #expect(try tenant.json()["token_endpoint"]?.string?.hasSuffix("/oauth2/v2.0/token") == true)
            let adfs = await azure.send("GET", "/adfs/.well-known/openid-configuration")
            #expect(try adfs.json()["token_endpoint"]?.string == "https://localhost:4711/adfs/oauth2/token")
        }
    }

    @Test func `a wrong secret, an unknown client and a missing scope are told apart`() async throws {
        try await Azure.run { azure async throws in
            let wrong = await token(azure, secret(azure).merging(["client_secret": "x"]) { $1 })
            #expect(wrong.status == 401)
            #expect(try wrong.json()["error"]?.string == "invalid_client")
            let unknown = await token(azure, secret(azure).merging(["client_id": "x"]) { $1 })
            #expect(try unknown.json()["error"]?.string == "unauthorized_client")
            let bare = await token(azure, secret(azure, scope: ""))
            #expect(try bare.json()["error_codes"] == [90014])
            let tenant = await token(azure, tenant: "nobody", secret(azure))
            #expect(try tenant.json()["error_codes"] == [90002])
            let discovery = await azure.send("GET", "/nobody/v2.0/.well-known/openid-configuration")
            #expect(discovery.status == 400)
            #expect(try discovery.json()["error"] == "invalid_tenant")
        }
    }

    @Test func `a user signs in by password and goes on by refresh token`() async throws {
        try await Azure.run { azure async throws in
            let first = await token(
                azure, tenant: "adfs",
                [
                    "grant_type": "password", "username": azure.description.userName,
                    "password": azure.description.userPassword, "client_id": "c",
                    "scope": "https://management.core.windows.net//.default offline_access openid profile",
                ])
            #expect(first.status == 200)
            let refresh = try #require(try first.json()["refresh_token"]?.string)
            #expect(try first.json()["id_token"]?.string?.isEmpty == false)
            #expect(try first.json()["client_info"]?.string?.isEmpty == false)
            let second = await token(
                azure, tenant: "adfs",
                [
                    "grant_type": "refresh_token", "refresh_token": refresh,
                    "scope": "https://management.core.windows.net//.default",
                ])
            #expect(second.status == 200)
            let forged = await token(
                azure, tenant: "adfs", ["grant_type": "refresh_token", "refresh_token": "x", "scope": "a://b/.default"])
            #expect(try forged.json()["error"]?.string == "invalid_grant")
        }
    }

    @Test func `ARM refuses no token, a made-up one, and one for another audience`() async throws {
        try await Azure.run { azure async throws in
            let none = await azure.send("GET", "/subscriptions?api-version=2022-12-01", token: "")
            #expect(none.status == 401)
            #expect(none.header("www-authenticate")?.contains("authorization_uri=") == true)
            #expect(try azure.code(none) == "AuthenticationFailed")
            let forged = await azure.send("GET", "/subscriptions?api-version=2022-12-01", token: "a.b.c")
            #expect(try azure.code(forged) == "InvalidAuthenticationToken")
            let other = await token(azure, secret(azure, scope: "https://vault.azure.net/.default"))
            let text = try other.json()["access_token"]?.string
            let wrong = await azure.send("GET", "/subscriptions?api-version=2022-12-01", token: text)
            #expect(try azure.code(wrong) == "InvalidAuthenticationTokenAudience")
        }
    }

    @Test func `a token ends when its time is over`() async throws {
        let clock = Clock()
        try await Azure.run(tokenSeconds: 100, now: { clock.now }) { azure async throws in
            clock.advance(99)
            #expect(await azure.send("GET", "/subscriptions?api-version=2022-12-01").status == 200)
            clock.advance(2)
            let late = await azure.send("GET", "/subscriptions?api-version=2022-12-01")
            #expect(late.status == 401)
            #expect(try azure.code(late) == "ExpiredAuthenticationToken")
        }
    }

    @Test func `a claims challenge ends the tokens of before and not those of after`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "token-rejected-claims-challenge"])
            try await azure.eventually("the token is refused") {
                await azure.send("GET", "/subscriptions?api-version=2022-12-01").status == 401
            }
            let refused = await azure.send("GET", "/subscriptions?api-version=2022-12-01")
            let challenge = try #require(refused.header("www-authenticate"))
            #expect(challenge.contains("error=\"insufficient_claims\""))
            #expect(challenge.contains("claims=\""))
            let next = await token(azure, secret(azure))
            let text = try next.json()["access_token"]?.string
            #expect(await azure.send("GET", "/subscriptions?api-version=2022-12-01", token: text).status == 200)
        }
    }

    @Test func `tokens can be made to expire soon and the endpoint to fail`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "token-expires-soon", "seconds": 5])
            #expect(try await token(azure, secret(azure)).json()["expires_in"] == 5)
            await azure.fault(["name": "token-endpoint-down", "times": 2])
            #expect(await token(azure, secret(azure)).status == 503)
            #expect(await token(azure, secret(azure)).status == 503)
            #expect(await token(azure, secret(azure)).status == 200)
        }
    }
}
