import Foundation
import Testing

@testable import AzureStandIn

/// A key's versions, in Key Vault and in ARM.
struct KeyVersionsTests {
    private func versions(_ azure: Azure, next first: String, host: String) async throws -> [[JSON]] {
        var pages: [[JSON]] = []
        var next: String? = first
        while let target = next {
            let token = host.isEmpty ? azure.token : try await azure.vaultToken()
            let answer = await azure.send(
                "GET", target, headers: host.isEmpty ? [:] : ["Host": host], token: token)
            #expect(answer.status == 200)
            let page = try answer.json()
            pages.append(page["value"]?.array ?? [])
            next = page["nextLink"]?.string?.replacingOccurrences(of: "https://localhost:4711", with: "")
                .replacingOccurrences(of: "https://\(host)", with: "")
        }
        return pages
    }

    @Test func `a rotated key's new version is enabled and has no end`() async throws {
        try await Azure.run { azure async throws in
            _ = try await azure.data(
                "PATCH", "/keys/kms", ["attributes": ["exp": 2_000_000_000], "key_ops": ["encrypt", "decrypt"]])
            let rotated = try await azure.data("POST", "/keys/kms/rotate").json()
            #expect(rotated[path: ["attributes", "enabled"]] == true)
            #expect(rotated[path: ["attributes", "exp"]] == nil)
            #expect(rotated[path: ["key", "key_ops"]] == ["encrypt", "decrypt"])
            #expect(
                rotated[path: ["key", "kid"]]?.string
                    == azure.description.keyID(
                        vault: "kv-demo", suffix: ".vault.azure.net", number: 2))
        }
    }

    @Test func `versions come in pages, each with its attributes`() async throws {
        try await Azure.run { azure async throws in
            for _ in 0..<29 { _ = try await azure.data("POST", "/keys/kms/rotate") }
            let host = "kv-demo.vault.azure.net"
            let all = try await versions(azure, next: "/keys/kms/versions?api-version=7.4", host: host)
            #expect(all.map(\.count) == [25, 5])
            let small = try await versions(azure, next: "/keys/kms/versions?api-version=7.4&maxresults=12", host: host)
            #expect(small.map(\.count) == [12, 12, 6])
            let ids = Set(all.joined().compactMap { $0["kid"]?.string })
            #expect(ids.count == 30 && ids.contains(azure.keyID()))
            for item in all.joined() { #expect(item[path: ["attributes", "created"]]?.int != nil) }
            #expect(try await azure.data("GET", "/keys/kms/versions?maxresults=26&a=").status == 400)
            let managed = try await versions(
                azure, next: "\(azure.vaultPath)/keys/kms/versions?api-version=2023-07-01", host: "")
            #expect(managed.map(\.count) == [25, 5])
            let first = try #require(managed.first?.first)
            #expect(first["type"] == "Microsoft.KeyVault/vaults/keys/versions")
            #expect(first[path: ["properties", "attributes", "enabled"]] == true)
            #expect(first[path: ["properties", "kty"]] == nil && first[path: ["properties", "keyOps"]] == nil)
            let uri = try #require(first[path: ["properties", "keyUriWithVersion"]]?.string)
            #expect(ids.contains(uri))
            let one = try await azure.send("GET", "\(azure.vaultPath)/keys/kms?api-version=2023-07-01").json()
            #expect(one[path: ["properties", "kty"]] == "RSA")
            await azure.fault(["name": "arm-key-uri-has-port"])
            let port = try await azure.send("GET", "\(azure.vaultPath)/keys/kms?api-version=2023-07-01").json()
            #expect(port[path: ["properties", "keyUri"]] == "https://kv-demo.vault.azure.net:443/keys/kms")
        }
    }

    @Test func `a closed vault answers 403 to this machine, and ARM goes on`() async throws {
        try await Azure.run { azure async throws in
            _ = await azure.patchVault("Disabled")
            for (method, path) in [("GET", "/keys/kms"), ("GET", "/keys/kms/versions"), ("POST", "/keys/kms/rotate")] {
                let answer = try await azure.data(method, path)
                #expect(answer.status == 403)
                #expect(try answer.json()[path: ["error", "innererror", "code"]] == "ForbiddenByConnection")
            }
            let managed = await azure.send("GET", "\(azure.vaultPath)/keys/kms/versions?api-version=2023-07-01")
            #expect(managed.status == 200)
        }
    }
}
