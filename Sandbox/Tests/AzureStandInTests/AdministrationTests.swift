import AzureStandIn
import ClusterModel
import Foundation
import Testing

/// Remembers what it was asked to run.
private actor RememberingRunner: CommandRunner {
    private(set) var commands: [[String]] = []
    private(set) var kubeconfigs: [String] = []

    func run(_ arguments: [String], kubeconfig: String, archive: [UInt8]) async -> CommandOutcome {
        commands.append(arguments)
        kubeconfigs.append(kubeconfig)
        return CommandOutcome(exitCode: 3, logs: String(repeating: "x", count: 600_000))
    }
}

/// What administrators do beside the switch.
struct AdministrationTests {
    private func invoke(_ azure: Azure, _ command: String) async throws -> JSON {
        let accepted = await azure.send(
            "POST", "\(azure.clusterPath)/runCommand?api-version=\(Azure.version)",
            ["command": .string(command), "context": ""])
        #expect(accepted.status == 202)
        #expect(accepted.body.isEmpty)
        let location = try #require(accepted.header("location"))
        let target = location.replacingOccurrences(of: "https://localhost:4711", with: "")
        #expect(target.contains("/commandResults/"))
        var result = await azure.send("GET", target)
        while result.status == 202 {
            #expect(try result.json()[path: ["properties", "provisioningState"]] == "Running")
            #expect(result.header("location") == location)
            await Task.yield()
            result = await azure.send("GET", target)
        }
        #expect(result.status == 200)
        return try result.json()
    }

    @Test func `a command is accepted, then runs as the cluster's admin, and its output is cut`() async throws {
        let runner = RememberingRunner()
        try await Azure.run(commands: runner) { azure async throws in
            await azure.gate.close()
            let accepted = await azure.send(
                "POST", "\(azure.clusterPath)/runCommand?api-version=\(Azure.version)",
                ["command": "kubectl get pods -n 'kube-system'", "context": ""])
            let target = try #require(accepted.header("location"))
                .replacingOccurrences(of: "https://localhost:4711", with: "")
            #expect(await azure.send("GET", target).status == 202)
            await azure.gate.open()
            let result = try await invoke(azure, "kubectl get pods -n 'kube-system'")
            #expect(result[path: ["properties", "provisioningState"]] == "Succeeded")
            #expect(result[path: ["properties", "exitCode"]] == 3)
            #expect(result[path: ["properties", "logs"]]?.string?.count == 512 * 1024)
            #expect(await runner.commands.last == ["kubectl", "get", "pods", "-n", "kube-system"])
            #expect(await runner.kubeconfigs.last?.contains("token: memory-admin") == true)
        }
    }

    @Test(arguments: [
        ("ls -l", 127, "ls: not found"), ("kubectl get pods | wc -l", 2, "without a shell"),
        ("kubectl get pods > /etc/x", 2, "without a shell"), ("kubectl get \"$(id)\"", 2, "without a shell"),
        ("kubectl get 'pods", 2, "Unterminated quoted string"), ("/bin/kubectl get pods", 127, "not found"),
    ])
    func `what needs a shell or another program is refused as a pod would`(
        command: String, exitCode: Int, text: String
    ) async throws {
        let runner = RememberingRunner()
        try await Azure.run(commands: runner) { azure async throws in
            let result = try await invoke(azure, command)
            #expect(result[path: ["properties", "exitCode"]]?.int == exitCode)
            #expect(result[path: ["properties", "logs"]]?.string?.contains(text) == true)
            #expect(await runner.commands.isEmpty)
        }
    }

    @Test(arguments: [
        (#"kubectl  get "a b"  c\ d"#, ["kubectl", "get", "a b", "c d"]),
        (#"kubectl -p '{"a":"$b"}' x"#, ["kubectl", "-p", #"{"a":"$b"}"#, "x"]),
        (#"kubectl "a\"b\n" ''"#, ["kubectl", #"a"b\n"#, ""]),
    ])
    func `a command is split as a shell splits it`(command: String, words: [String]) async throws {
        let runner = RememberingRunner()
        try await Azure.run(commands: runner) { azure async throws in
            _ = try await invoke(azure, command)
            #expect(await runner.commands == [words])
        }
    }

    @Test func `commands are refused where they are switched off, to who may not, and without a command`() async throws
    {
        try await Azure.run { azure async throws in
            let target = "\(azure.clusterPath)/runCommand?api-version=\(Azure.version)"
            #expect(await azure.send("POST", target, ["command": ""]).status == 400)
            #expect(await azure.send("POST", target, ["command": "kubectl", "context": "%"]).status == 400)
            await azure.fault(["name": "authorization-lost"])
            #expect(await azure.send("POST", target, ["command": "kubectl version"]).status == 403)
            await azure.endFaults()
            var body = try await azure.getCluster()
            body[path: ["properties", "apiServerAccessProfile", "disableRunCommand"]] = true
            _ = try await azure.finish(
                await azure.send("PUT", "\(azure.clusterPath)?api-version=\(Azure.version)", body))
            #expect(await azure.send("POST", target, ["command": "kubectl version"]).status == 400)
        }
    }

    @Test func `planned maintenance is kept and listed`() async throws {
        try await Azure.run { azure async throws in
            let base = "\(azure.clusterPath)/maintenanceConfigurations"
            let version = "?api-version=\(Azure.version)"
            #expect(try await azure.send("GET", base + version).json() == ["value": []])
            #expect(await azure.send("GET", "\(base)/default\(version)").status == 404)
            let weekly: JSON = ["properties": ["timeInWeek": [["day": "Monday", "hourSlots": [1, 2]]]]]
            #expect(await azure.send("PUT", "\(base)/default\(version)", weekly).status == 200)
            let listed = try await azure.send("GET", base + version).json()["value"]?.array
            #expect(listed?.count == 1)
            #expect(listed?.first?["name"] == "default")
            #expect(listed?.first?["properties"] == weekly["properties"])
            #expect(await azure.send("DELETE", "\(base)/default\(version)").status == 200)
            #expect(await azure.send("DELETE", "\(base)/default\(version)").status == 204)
        }
    }

    @Test func `the caller's role assignments are listed as instances without an end`() async throws {
        try await Azure.run { azure async throws in
            let target =
                "\(azure.vaultPath)/providers/Microsoft.Authorization/roleAssignmentScheduleInstances"
                + "?$filter=asTarget()&api-version=2020-10-01"
            let listed = try #require(try await azure.send("GET", target).json()["value"]?.array)
            let names = listed.compactMap {
                $0[path: ["properties", "expandedProperties", "roleDefinition", "displayName"]]?.string
            }
            #expect(names.sorted() == ["Key Vault Crypto Officer", "Owner"])
            #expect(listed.allSatisfy { $0[path: ["properties", "endDateTime"]] == nil })
            #expect(listed.allSatisfy { $0[path: ["properties", "assignmentType"]] == "Assigned" })
            let unknown = await azure.send(
                "GET", target.replacingOccurrences(of: "2020-10-01", with: "2019-01-01"))
            #expect(try azure.code(unknown) == "NoRegisteredProviderFound")
        }
    }

    @Test func `the providers that a private endpoint and disks need are there`() async throws {
        try await Azure.run { azure async throws in
            let subscription = "/subscriptions/\(azure.description.subscriptionID)/providers"
            for name in ["Microsoft.Network", "Microsoft.Compute"] {
                let provider = try await azure.send("GET", "\(subscription)/\(name)?api-version=2021-04-01").json()
                #expect(provider["namespace"]?.string == name)
                #expect(provider["registrationState"] == "Registered")
            }
            let sets = await azure.send(
                "GET", "\(subscription)/Microsoft.Compute/diskEncryptionSets?api-version=2024-03-02")
            #expect(try sets.json() == ["value": []])
        }
    }

    @Test func `Graph finds principals by their names and object ids`() async throws {
        try await Azure.run { azure async throws in
            func ids(_ target: String) async throws -> [String] {
                try await azure.send("GET", target).json()["value"]?.array?.compactMap { $0["id"]?.string } ?? []
            }
            let client = azure.description.clientID
            let found = try await ids(
                "/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c%20eq%20'\(client)')")
            #expect(found == ["0b0a1c5e-3f7d-4f0e-8a42-6b0f3d1c2e01"])
            #expect(try await ids("/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c%20eq%20'x')").isEmpty)
            #expect(try await ids("/v1.0/users?$filter=userPrincipalName%20eq%20'admin@sandbox.test'").count == 1)
            let both = await azure.send(
                "POST", "/v1.0/directoryObjects/getByIds", ["ids": [.string(found.first ?? ""), "nobody"]])
            #expect(try both.json()["value"]?.array?.count == 1)
            #expect(await azure.send("GET", "/v1.0/users/nobody").status == 404)
            #expect(await azure.send("GET", "/v1.0/users", token: "").status == 401)
        }
    }

    @Test func `a role goes to who is in the directory, once`() async throws {
        try await Azure.run { azure async throws in
            func assign(_ principal: String) async throws -> String? {
                let role = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
                let answer = await azure.send(
                    "PUT",
                    "\(azure.vaultPath)/providers/Microsoft.Authorization/roleAssignments/\(UUID())?api-version=2022-04-01",
                    ["properties": ["principalId": .string(principal), "roleDefinitionId": .string(role)]])
                return answer.status == 201 ? nil : try azure.code(answer)
            }
            #expect(try await assign("0b0a1c5e-3f7d-4f0e-8a42-6b0f3d1c2e01") == nil)
            #expect(try await assign("0b0a1c5e-3f7d-4f0e-8a42-6b0f3d1c2e01") == "RoleAssignmentExists")
            #expect(try await assign(azure.description.clientID) == "PrincipalNotFound")
        }
    }
}
