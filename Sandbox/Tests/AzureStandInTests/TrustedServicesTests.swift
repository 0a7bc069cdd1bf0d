import ClusterModel
import Testing

@testable import AzureStandIn

/// What lets the newer experience of KMS reach a vault, and who may.
struct TrustedServicesTests {
    private static let version = "2026-07-01"

    private func run(_ mode: String = "PlatformManaged", usesRoles: Bool = true, _ body: (Azure) async throws -> Void)
        async throws
    {
        var world = WorldDescription()
        world.mode = mode
        world.vaults[0].usesRoles = usesRoles
        try await Azure.run(world, body)
    }

    private func put(_ azure: Azure, _ mode: String) async throws -> Answer {
        try await azure.putKMS(
            [
                "enabled": true, "keyId": "https://kv-demo.vault.azure.net/keys/kms",
                "keyVaultNetworkAccess": .string(mode), "keyVaultResourceId": .string(azure.vaultPath),
            ], version: Self.version)
    }

    private func patch(_ azure: Azure, _ properties: JSON) async throws -> JSON {
        let answer = await azure.send(
            "PATCH", "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)", ["properties": properties])
        #expect(answer.status == 200)
        return try answer.json()["properties"] ?? [:]
    }

    private func message(_ azure: Azure) async throws -> String {
        do {
            _ = try await azure.standIn.keyMaterial(keyID: azure.keyID(), over: .trustedServices)
            return ""
        } catch let refusal as VaultRefusal { return refusal.message }
    }

    @Test func `a closed vault lets trusted services in only if it was told to in words`() async throws {
        try await run { azure async throws in
            #expect(try await message(azure) == "")
            _ = try await patch(azure, ["publicNetworkAccess": "Disabled"])
            #expect(try await message(azure).contains("bypass is not set to 'AzureServices'"))
            #expect(try await put(azure, "Private").status == 400)
            let shown = try await patch(
                azure, ["networkAcls": ["bypass": "AzureServices", "defaultAction": "Allow"]])
            #expect(shown["networkAcls"] == nil)
            #expect(try await message(azure) == "")
            let answer = try await put(azure, "Private")
            #expect(try await azure.finish(answer)["status"] == "Succeeded")
        }
    }

    @Test func `the firewall alone closes it, too`() async throws {
        try await run { azure async throws in
            let shown = try await patch(azure, ["networkAcls": ["bypass": "None", "defaultAction": "Deny"]])
            #expect(shown[path: ["networkAcls", "bypass"]] == "None")
            #expect(try await message(azure).contains("bypass is not set"))
            // What is left out of the rules is the default again: a PATCH takes whole members.
            _ = try await patch(azure, ["networkAcls": ["defaultAction": "Deny"]])
            #expect(try await message(azure) == "")
            #expect(try await put(azure, "Public").status == 400)
            #expect(try await put(azure, "Private").status == 200)
        }
    }

    @Test func `a PATCH of the rules can be made to merge`() async throws {
        try await run { azure async throws in
            await azure.fault(["name": "vault-patch-merges-rules"])
            _ = try await patch(azure, ["networkAcls": ["bypass": "None", "defaultAction": "Deny"]])
            let shown = try await patch(azure, ["networkAcls": ["defaultAction": "Allow"]])
            #expect(shown[path: ["networkAcls", "bypass"]] == "None")
        }
    }

    @Test func `a PUT without the rules drops them, or keeps them`() async throws {
        try await run { azure async throws in
            let target = "\(azure.vaultPath)?api-version=\(Azure.vaultVersion)"
            for keeps in [true, false] {
                if keeps { await azure.fault(["name": "vault-put-keeps-rules"]) } else { await azure.endFaults() }
                _ = try await patch(azure, ["networkAcls": ["bypass": "AzureServices", "defaultAction": "Allow"]])
                var body = try await azure.send("GET", target).json()
                body[path: ["properties", "publicNetworkAccess"]] = "Disabled"
                #expect(await azure.send("PUT", target, body).status == 200)
                #expect(try await message(azure).isEmpty == keeps)
            }
        }
    }

    @Test func `a perimeter lets no trusted services in, unless told so`() async throws {
        try await run { azure async throws in
            _ = try await patch(
                azure,
                [
                    "publicNetworkAccess": "SecuredByPerimeter",
                    "networkAcls": ["bypass": "AzureServices", "defaultAction": "Deny"],
                ])
            #expect(try await put(azure, "Private").status == 400)
            await azure.fault(["name": "perimeter-admits-services"])
            #expect(try await message(azure) == "")
            #expect(try await put(azure, "Private").status == 200)
        }
    }

    @Test func `for Private the network can be left to the operation`() async throws {
        try await run { azure async throws in
            _ = try await patch(azure, ["publicNetworkAccess": "Disabled"])
            await azure.fault(["name": "private-check-deferred"])
            let answer = try await put(azure, "Private")
            #expect(answer.status == 200)
            let end = try await azure.finish(answer)
            #expect(end[path: ["error", "code"]] == "InternalOperationError")
        }
    }

    /// Takes the identity's roles at the first vault away, but for these.
    private func leave(_ azure: Azure, roles: [String]) async throws {
        let identity = WorldDescription.identityObjectID
        _ = await azure.send("POST", "/sandbox/directory", ["removeAssignments": [["principalId": .string(identity)]]])
        for role in roles {
            let answer = await azure.send(
                "POST", "/sandbox/directory",
                [
                    "assignments": [
                        [
                            "principalId": .string(identity), "role": .string(role),
                            "scope": .string(azure.vaultPath),
                        ]
                    ]
                ])
            #expect(answer.status == 200)
        }
    }

    private static let cryptoUser = "12338af0-0e69-4776-bea7-57ae8d297424"
    private static let reader = "21090545-7ca7-4776-b22c-e363652d74d2"
    private static let contributor = "f25e0fa2-a7c8-4377-a976-54943a77a395"

    @Test(arguments: [
        ([cryptoUser], true, false), ([cryptoUser, reader], true, true), ([reader], false, false),
        ([cryptoUser, contributor], true, true),
    ])
    func `Public needs the key, Private the right to read the vault, too`(
        _ roles: [String], _ forPublic: Bool, _ forPrivate: Bool
    ) async throws {
        for (mode, isTaken) in [("Public", forPublic), ("Private", forPrivate)] {
            try await run { azure async throws in
                try await leave(azure, roles: roles)
                let answer = try await put(azure, mode)
                #expect(answer.status == (isTaken ? 200 : 400), "\(mode)")
                guard !isTaken else { return }
                #expect(try azure.code(answer) == "AzureKeyVaultKmsValidateIdentityPermissionCustomerError")
            }
        }
    }

    @Test func `access policies are enough for Public, and the strict form asks for more`() async throws {
        try await run(usesRoles: false) { azure async throws in
            try await leave(azure, roles: [])
            #expect(try await put(azure, "Private").status == 400)
            await azure.fault(["name": "new-kms-needs-contributor"])
            #expect(try await put(azure, "Public").status == 400)
            try await leave(azure, roles: [Self.reader])
            #expect(try await put(azure, "Private").status == 400)
            await azure.endFaults()
            #expect(try await azure.finish(put(azure, "Public"))["status"] == "Succeeded")
            #expect(try await put(azure, "Private").status == 200)
        }
    }
}
