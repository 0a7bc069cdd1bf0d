import AzureStandIn
import ClusterModel
import Foundation
import Testing

struct ClusterTests {
    @Test func `a GET shows the shape of the recordings`() async throws {
        try await Azure.run { azure async throws in
            let cluster = try await azure.getCluster()
            #expect(cluster["id"]?.string?.contains("/resourcegroups/") == true)
            #expect(cluster["type"]?.string == "Microsoft.ContainerService/ManagedClusters")
            #expect(cluster["eTag"]?.string?.count == 36)
            #expect(cluster[path: ["properties", "fqdn"]]?.string == "localhost")
            let kms = cluster[path: ["properties", "securityProfile", "azureKeyVaultKms"]]
            #expect(kms?["enabled"] == true)
            #expect(kms?["keyId"]?.string == azure.keyID())
            #expect(kms?["keyVaultResourceId"] == nil)
        }
    }

    @Test func `a PUT shows the goal at once and the new eTags at the end only`() async throws {
        try await Azure.run { azure async throws in
            let before = try await azure.getCluster()
            await azure.gate.close()
            let answer = try await azure.putKMS(azure.off)
            #expect(answer.status == 200)
            #expect(answer.header("location") == nil)
            let shown = try answer.json()
            #expect(shown["eTag"] == before["eTag"])
            #expect(shown[path: ["properties", "provisioningState"]] == "Updating")
            let pools = try #require(shown[path: ["properties", "agentPoolProfiles"]]?.array)
            #expect(pools.allSatisfy { $0["provisioningState"] == "Updating" })
            #expect(shown[path: ["properties", "securityProfile", "azureKeyVaultKms", "enabled"]] == false)
            #expect(await azure.cluster.profiles.last?.enabled == true)
            await azure.gate.open()
            let end = try await azure.finish(answer)
            #expect(end["status"] == "Succeeded")
            #expect(end["endTime"]?.string?.hasSuffix("Z") == true)
            let after = try await azure.getCluster()
            #expect(after[path: ["properties", "provisioningState"]] == "Succeeded")
            #expect(after["eTag"] != before["eTag"])
            #expect(await azure.cluster.profiles.last?.enabled == false)
        }
    }

    @Test func `the operation's address is signed and must be used as it is`() async throws {
        try await Azure.run { azure async throws in
            let answer = try await azure.putKMS(azure.off)
            let target = try azure.operationTarget(answer)
            #expect((2_900...3_500).contains(target.count))
            #expect(await azure.send("GET", target).status == 200)
            #expect(await azure.send("GET", String(target.dropLast(40))).status == 403)
            #expect(await azure.send("GET", target, token: "").status == 401)
        }
    }

    @Test func `members that the sandbox does not know survive, and those left out are gone`() async throws {
        try await Azure.run { azure async throws in
            var body = try await azure.getCluster()
            body[path: ["properties", "futureProp"]] = ["a": 1]
            body[path: ["properties", "autoUpgradeProfile"]] = nil
            body[path: ["properties", "storageProfile"]] = [:]
            body[path: ["properties", "fqdn"]] = "forged"
            let answer = await azure.send("PUT", "\(azure.clusterPath)?api-version=\(Azure.version)", body)
            _ = try await azure.finish(answer)
            let after = try await azure.getCluster()
            #expect(after[path: ["properties", "futureProp", "a"]] == 1)
            #expect(after[path: ["properties", "autoUpgradeProfile"]] == nil)
            #expect(after[path: ["properties", "storageProfile", "diskCSIDriver", "enabled"]] == true)
            #expect(after[path: ["properties", "fqdn"]] == "localhost")
        }
    }

    @Test func `the identity's ids are filled in again when a PUT leaves them empty`() async throws {
        try await Azure.run { azure async throws in
            var body = try await azure.getCluster()
            let before = body["identity"]
            for name in body[path: ["identity", "userAssignedIdentities"]]?.object?.keys.map({ $0 }) ?? [] {
                body[path: ["identity", "userAssignedIdentities", name]] = [:]
            }
            let answer = await azure.send("PUT", "\(azure.clusterPath)?api-version=\(Azure.version)", body)
            _ = try await azure.finish(answer)
            #expect(try await azure.getCluster()["identity"] == before)
        }
    }

    @Test func `If-Match is compared without its quotes`() async throws {
        try await Azure.run { azure async throws in
            let etag = try #require(try await azure.getCluster()["eTag"]?.string)
            let stale = try await azure.putKMS(azure.off, headers: ["If-Match": "\"00000000-0000\""])
            #expect(stale.status == 412)
            #expect(try azure.code(stale) == "PreconditionFailed")
            let both = try await azure.putKMS(azure.off, headers: ["If-Match": "*", "If-None-Match": "*"])
            #expect(both.status == 400)
            let exists = try await azure.putKMS(azure.off, headers: ["If-None-Match": "*"])
            #expect(exists.status == 412)
            let good = try await azure.putKMS(azure.off, headers: ["If-Match": "\"\(etag)\""])
            #expect(good.status == 200)
        }
    }

    @Test func `a second PUT while one runs is refused without the wrapper`() async throws {
        try await Azure.run { azure async throws in
            await azure.gate.close()
            let first = try await azure.putKMS(azure.off)
            let second = try await azure.putKMS(azure.publicly)
            #expect(second.status == 409)
            #expect(try second.json()["code"]?.string == "OperationNotAllowed")
            #expect(try second.json()["error"] == nil)
            await azure.gate.open()
            #expect(try await azure.finish(first)["status"] == "Succeeded")
        }
    }

    @Test func `an aborted update is Canceled and a second abort refused`() async throws {
        try await Azure.run { azure async throws in
            await azure.gate.close()
            let put = try await azure.putKMS(azure.off)
            let abort = await azure.send("POST", "\(azure.clusterPath)/abort?api-version=\(Azure.version)")
            #expect(abort.status == 202)
            #expect(abort.header("location") != nil)
            let again = await azure.send("POST", "\(azure.clusterPath)/abort?api-version=\(Azure.version)")
            #expect(try azure.code(again) == "OperationNotAllowed")
            await azure.gate.open()
            #expect(try await azure.finish(abort)["status"] == "Succeeded")
            #expect(try await azure.finish(put)["status"] == "Canceled")
            #expect(try await azure.getCluster()[path: ["properties", "provisioningState"]] == "Canceled")
            #expect(try await azure.change(azure.off) == "Succeeded")
        }
    }

    @Test func `credentials come as a kubeconfig in base64`() async throws {
        try await Azure.run { azure async throws in
            let answer = await azure.send(
                "POST", "\(azure.clusterPath)/listClusterUserCredential?api-version=\(Azure.version)")
            #expect(answer.status == 200)
            let first = try answer.json()["kubeconfigs"]?.array?.first
            #expect(first?["name"] == "clusterUser")
            let data = try #require(Data(base64Encoded: first?["value"]?.string ?? ""))
            let text = String(decoding: data, as: UTF8.self)
            #expect(text.contains("server: https://localhost:6443"))
            #expect(text.contains("token: memory-operator"))
        }
    }

    @Test func `an unknown cluster, group and subscription have ARM's own errors`() async throws {
        try await Azure.run { azure async throws in
            let cluster = await azure.send("GET", "\(azure.clusterPath)x?api-version=\(Azure.version)")
            #expect(cluster.status == 404)
            #expect(try cluster.json()[path: ["error", "code"]] == "ResourceNotFound")
            #expect(cluster.header("x-ms-failure-cause") == "gateway")
            let group = await azure.send(
                "GET",
                azure.clusterPath.replacingOccurrences(of: "rg-demo", with: "none") + "?api-version=\(Azure.version)")
            #expect(try azure.code(group) == "ResourceGroupNotFound")
            let subscription = await azure.send("GET", "/subscriptions/0?api-version=2022-12-01")
            #expect(try azure.code(subscription) == "SubscriptionNotFound")
        }
    }

    @Test func `paths are compared without regard to case`() async throws {
        try await Azure.run { azure async throws in
            let answer = await azure.send("GET", "\(azure.clusterPath.lowercased())?api-version=\(Azure.version)")
            #expect(answer.status == 200)
        }
    }

    @Test func `api-versions are checked per type`() async throws {
        try await Azure.run { azure async throws in
            let none = await azure.send("GET", azure.clusterPath)
            #expect(try azure.code(none) == "MissingApiVersionParameter")
            let unknown = await azure.send("GET", "\(azure.clusterPath)?api-version=1999-01-01")
            #expect(try azure.code(unknown) == "NoRegisteredProviderFound")
            let manager = await azure.send("GET", "/subscriptions?api-version=1999-01-01")
            #expect(try azure.code(manager) == "InvalidApiVersionParameter")
            let provider = await azure.send(
                "GET",
                "/subscriptions/\(azure.description.subscriptionID)/providers/Microsoft.ContainerService?api-version=2021-04-01"
            )
            let types = try provider.json()["resourceTypes"]?.array
            let versions = types?.first { $0["resourceType"] == "managedClusters" }?["apiVersions"]?.array
            #expect(versions?.first == "2026-07-01")
        }
    }

    @Test func `a body that is not a JSON object is refused`() async throws {
        try await Azure.run { azure async throws in
            for text in ["", "[]", "{", "\"x\"", "{\"location\":1}", "{\"location\":\"westeurope\",\"properties\":[]}"]
            {
                let answer = await azure.standIn.respond(
                    to: Request(
                        method: "PUT", target: "\(azure.clusterPath)?api-version=\(Azure.version)",
                        headers: ["Authorization": "Bearer \(azure.token)"], body: Array(text.utf8)))
                #expect(answer.status == 400, "\(text)")
            }
        }
    }

    @Test func `the newer KMS shows in preview versions only`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "new-kms-experience"])
            let path = ["properties", "securityProfile", "kubernetesResourceObjectEncryptionProfile"]
            #expect(try await azure.getCluster()[path: path] == nil)
            let shown = try await azure.getCluster("2026-06-02-preview")[path: path]
            #expect(shown?["infrastructureEncryption"] == "Enabled")
        }
    }
}
