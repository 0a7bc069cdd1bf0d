import Foundation
import Glibc
import JSON
import SystemRig
import Testing

/// What administrators ask of Azure around a switch: the real az must take the sandbox's answers, and say its refusals.
@Suite(.needsAz)
struct `Administration with the real az` {
    @Test func `accounts, groups and resources are shown`() async throws {
        try await inSandbox { sandbox, _ in
            let az = try Az(sandbox)
            let subscription = try #require(sandbox.variables["SUBSCRIPTION_ID"])
            #expect(try await az.json("account", "show")?["id"]?.string == subscription)
            try await az.json("account", "set", "--subscription", subscription)
            let refused = try await az.refusal("account", "set", "--subscription", "nowhere")
            #expect(refused.contains("The subscription of 'nowhere' doesn't exist"))
            let token = try #require(try await az.json("account", "get-access-token")?.object)
            #expect(
                Set(token.keys) == [
                    "accessToken", "expiresOn", "expires_on", "subscription", "tenant", "tokenType",
                ])
            let groups = try await az.json("group", "list", "--query", "[].name")?.array?.compactMap(\.string) ?? []
            #expect(groups.contains(sandbox.resourceGroup) && groups.count == 2)
            #expect(try await az.refusal("group", "show", "-n", "none").contains("(ResourceGroupNotFound)"))
            let vault = try await az.json("resource", "show", "--ids", sandbox.vaultID)
            #expect(vault?[path: "properties", "publicNetworkAccess"]?.string == "Enabled")
            let group = try await az.json(
                "rest", "--method", "get", "--url",
                "/subscriptions/{subscriptionId}/resourceGroups/\(sandbox.resourceGroup)?api-version=2024-11-01")
            #expect(group?["name"]?.string == sandbox.resourceGroup)
            let unknown = try await az.refusal(
                "rest", "--method", "get", "--url", "\(sandbox.vaultID)?api-version=1999-01-01")
            #expect(unknown.contains("NoRegisteredProviderFound"))
        }
    }

    @Test func `clusters are listed, shown, reached, and run commands`() async throws {
        try await inSandbox { sandbox, plugin in
            let az = try Az(sandbox)
            let here = ["-g", sandbox.resourceGroup, "-n", sandbox.cluster]
            #expect(try await az.json("aks", "list", "--query", "[].name")?.array?.count == 1)
            let shown = try await az.output(["aks", "show"] + here)
            #expect(shown?[path: "securityProfile", "azureKeyVaultKms", "keyId"]?.string == sandbox.keyID)
            #expect(shown?["eTag"]?.string?.isEmpty == false)
            let missing = try await az.refusal("aks", "show", "-g", sandbox.resourceGroup, "-n", "none")
            #expect(
                missing.contains("(ResourceNotFound) The Resource 'Microsoft.ContainerService/managedClusters/none'"))
            let file = sandbox.folder + "/fetched"
            _ = try await az.output(["aks", "get-credentials", "-f", file] + here)
            _ = try await az.output(["aks", "get-credentials", "--admin", "-f", file] + here)
            let contexts = try await plugin.kubectl(["--kubeconfig", file, "config", "get-contexts", "-o", "name"])
            #expect(contexts.output.split(separator: "\n") == ["demo", "demo-admin"])
            let reached = try await plugin.kubectl(["--kubeconfig", file, "get", "namespace", "kube-system"])
            #expect(reached.exitCode == 0)

            let run = try await az.output(
                ["aks", "command", "invoke", "--command", "kubectl get secrets -n 'team-0' -o name"] + here)
            #expect(run?["exitCode"]?.integer == 0)
            #expect(run?["logs"]?.string?.contains("secret/secret-0\n") == true)
            let other = try await az.output(["aks", "command", "invoke", "--command", "helm list"] + here)
            #expect(other?["exitCode"]?.integer == 127)

            let named = ["-g", sandbox.resourceGroup, "--cluster-name", sandbox.cluster]
            #expect(try await az.output(["aks", "nodepool", "list"] + named)?.array?.count == 4)
            let pool = try await az.output(["aks", "nodepool", "show", "--name", "nodepool1"] + named)
            #expect(pool?["provisioningState"]?.string == "Succeeded")
            _ = try await az.output(
                ["aks", "maintenanceconfiguration", "add", "--name", "default", "--weekday", "Monday"]
                    + ["--start-hour", "1"] + named)
            #expect(try await az.output(["aks", "maintenanceconfiguration", "list"] + named)?.array?.count == 1)
        }
    }

    @Test func `an update is one at a time, may be aborted, and minds eTags and locks`() async throws {
        try await inSandbox { sandbox, _ in
            let az = try Az(sandbox)
            let here = ["-g", sandbox.resourceGroup, "-n", sandbox.cluster]
            let off = ["aks", "update", "--disable-azure-keyvault-kms"] + here
            let stale = try await az.run(off + ["--if-match", "0a1b2c3d-0000-4000-8000-000000000000"])
            #expect(stale.errors.contains("(PreconditionFailed)"), "\(stale.errors)")
            let mode = try await az.run(
                ["aks", "update", "--enable-azure-keyvault-kms", "--azure-keyvault-kms-key-id", sandbox.keyID]
                    + ["--azure-keyvault-kms-key-vault-network-access", "Private"]
                    + ["--azure-keyvault-kms-key-vault-resource-id", sandbox.vaultID] + here)
            #expect(mode.errors.contains("(BadRequest) Changing KeyVault network access"), "\(mode.errors)")
            let idle = try await az.run(["aks", "operation-abort"] + here)
            #expect(idle.errors.contains("(OperationNotAllowed)"), "\(idle.errors)")

            try await sandbox.fault("operation-stuck")
            // With the monitoring add-on az waits for the end of an update, also with --no-wait.
            async let first = az.run(off)
            try await eventually(within: 60, "the update is under way") {
                try await sandbox.state().provisioningState != "Succeeded"
            }
            let second = try await az.run(off)
            #expect(second.errors.contains("(OperationNotAllowed)"), "\(second.errors)")
            let latest = try await az.json(
                "rest", "--method", "get", "--url",
                "/subscriptions/{subscriptionId}/resourceGroups/\(sandbox.resourceGroup)/providers/Microsoft.ContainerService"
                    + "/managedClusters/\(sandbox.cluster)/operations/latest?api-version=2025-09-02-preview")
            #expect(latest?["startTime"] != nil && latest?["status"]?.string != "Succeeded")
            _ = try await az.output(["aks", "operation-abort"] + here)
            let state = try await az.output(["aks", "show", "--query", "provisioningState"] + here)
            #expect(state?.string == "Canceled")
            #expect(try await first.exitCode != 0)
            try await sandbox.endFaults()

            try await az.json(
                "lock", "create", "--name", "frozen", "--lock-type", "ReadOnly", "--resource", sandbox.cluster,
                "--resource-type", "Microsoft.ContainerService/managedClusters", "-g", sandbox.resourceGroup)
            let locked = try await az.run(off)
            #expect(locked.errors.contains("(ScopeLocked)"), "\(locked.errors)")
        }
    }

    @Test func `roles are listed, given and taken`() async throws {
        try await inSandbox { sandbox, _ in
            let az = try Az(sandbox)
            let client = try #require(sandbox.variables["CLIENT_ID"])
            let scope = ["--scope", sandbox.vaultID]
            let before = try await az.output(
                ["role", "assignment", "list", "--query", "[].[principalName,roleDefinitionName]"] + scope)
            #expect(before?.array?.count == 2)
            #expect(before?.array?.first?.array?.last?.string == "Key Vault Crypto User")
            let given = try await az.output(
                ["role", "assignment", "create", "--role", "Reader", "--assignee", client] + scope)
            #expect(given?["principalType"]?.string == "ServicePrincipal")
            let mine = try await az.output(["role", "assignment", "list", "--assignee", client] + scope)
            #expect(mine?.array?.map { $0["roleDefinitionName"]?.string } == ["Reader"])
            _ = try await az.output(["role", "assignment", "delete", "--role", "Reader", "--assignee", client] + scope)
            let unknown = try await az.run(
                ["role", "assignment", "create", "--role", "King", "--assignee", client] + scope)
            #expect(unknown.errors.contains("Role 'King' doesn't exist"))
            let nobody = try await az.run(
                ["role", "assignment", "create", "--role", "Reader", "--assignee-principal-type", "User"]
                    + ["--assignee-object-id", "0a1b2c3d-0000-4000-8000-000000000000"] + scope)
            #expect(nobody.errors.contains("(PrincipalNotFound)"), "\(nobody.errors)")
        }
    }

    @Test func `vaults are listed, shown, and changed`() async throws {
        try await inSandbox { sandbox, _ in
            let az = try Az(sandbox)
            let vault = try #require(sandbox.variables["KEY_VAULT"])
            let names = try await az.json("keyvault", "list", "--query", "[].name")?.array?.compactMap(\.string)
            #expect(names == ["kv-demo", "kv-demo-private"])
            let shown = try await az.json("keyvault", "show", "-n", vault)
            #expect(shown?[path: "properties", "enablePurgeProtection"]?.bool == true)
            #expect(try await az.refusal("keyvault", "show", "-n", "none").contains("not found within subscription"))
            try await az.json("keyvault", "network-rule", "add", "-n", vault, "--ip-address", "203.0.113.7/32")
            let rules = try await az.json("keyvault", "network-rule", "list", "-n", vault)
            #expect(rules?["ipRules"]?.array?.first?["value"]?.string == "203.0.113.7/32")
            let endpoints = try await az.json("network", "private-endpoint", "list", "-g", sandbox.resourceGroup)
            #expect(endpoints?.array?.isEmpty == true)
            try await sandbox.fault("vault-policy-denies")
            let policies = try await az.json("policy", "assignment", "list", "--query", "[].name")?.array
            #expect(policies?.compactMap(\.string) == ["sandbox-deny-public"])
            try await sandbox.setVault("Disabled")
            let denied = try await az.refusal("keyvault", "update", "-n", vault, "--public-network-access", "Enabled")
            #expect(denied.contains("(RequestDisallowedByPolicy)"))
        }
    }

    @Test(.enabled(if: vaultNamesResolve, "/etc/hosts has no kv-demo.vault.localhost (script/vault-names)"))
    func `keys are shown and made while the vault is open`() async throws {
        try await inSandbox { sandbox, _ in
            let az = try Az(sandbox)
            let key = ["--vault-name", sandbox.variables["KEY_VAULT"] ?? "", "-n", "kms"]
            let shown = try await az.output(["keyvault", "key", "show"] + key)
            #expect(shown?[path: "key", "kid"]?.string == sandbox.keyID)
            let made = try await az.output(["keyvault", "key", "create", "--kty", "RSA", "--size", "2048"] + key)
            let kid = try #require(made?[path: "key", "kid"]?.string)
            #expect(kid != sandbox.keyID)
            #expect(try await az.output(["keyvault", "key", "show"] + key)?[path: "key", "kid"]?.string == kid)
            let rotated = try await az.output(["keyvault", "key", "rotate"] + key)
            #expect(rotated?[path: "key", "kid"]?.string != kid)
            let versions = try await az.output(["keyvault", "key", "list-versions"] + key)
            #expect(versions?.array?.count == 3)
            let ending = try await az.output(
                ["keyvault", "key", "set-attributes", "--expires", "2040-01-01T00:00:00Z"] + key)
            #expect(ending?[path: "attributes", "expires"]?.string?.hasPrefix("2040-01-01") == true)
            let none = try await az.run(["keyvault", "key", "show"] + key.dropLast() + ["none"])
            #expect(none.errors.contains("(KeyNotFound)"), "\(none.errors)")
            try await sandbox.setVault("Disabled")
            let closed = try await az.run(["keyvault", "key", "show"] + key)
            #expect(closed.errors.contains("ForbiddenByConnection"), "\(closed.errors)")
        }
    }
}

/// Python asks the system for every name, those below .localhost too.
private let vaultNamesResolve: Bool = {
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo("kv-demo.vault.localhost", nil, nil, &found) == 0 else { return false }
    freeaddrinfo(found)
    return true
}()
