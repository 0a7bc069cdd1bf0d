import Foundation
import Testing

@testable import AzureStandIn

/// What the api-versions of managed clusters show, take, keep and refuse.
struct APIVersionTests {
    private static let preview = "2026-07-02-preview"

    /// The paths of all members that hold something, such as `properties.agentPoolProfiles[0].name`.
    static func paths(_ value: JSON, _ path: String = "") -> Set<String> {
        switch value {
        case .object(let members):
            members.reduce(into: []) { $0.formUnion(paths($1.value, "\(path).\($1.key)")) }
        case .array(let items):
            items.enumerated().reduce(into: []) { $0.formUnion(paths($1.element, "\(path)[\($1.offset)]")) }
        case .null: []
        default: [path]
        }
    }

    @Test func `every part of the default cluster can be read, and every version knows what it is shown`() async throws
    {
        try await Azure.run { azure async throws in
            let all = try await azure.getCluster(Self.preview)
            let properties = try #require(all["properties"]?.object)
            for name in [
                "addonProfiles", "autoScalerProfile", "networkProfile", "azureMonitorProfile", "identityProfile",
                "workloadAutoScalerProfile", "windowsProfile", "linuxProfile", "controlPlanePluginProfiles",
            ] {
                #expect(properties[name]?.object?.isEmpty == false, "\(name)")
            }
            let pools = try #require(all[path: ["properties", "agentPoolProfiles"]]?.array)
            #expect(pools.count == 4)
            let machines = try #require(pools.first { $0["type"] == "VirtualMachines" })
            #expect(machines["count"] == .null && machines["vmSize"] == "")
            for version in APIVersions.offered("Microsoft.ContainerService", "managedClusters", newest: nil) {
                let shown = try await azure.getCluster(version)
                #expect(MemberModel.managedCluster.unknownName(in: shown, to: version) == nil, "\(version)")
            }
            #expect(String(decoding: all.bytes, as: UTF8.self).contains("$") == false)
        }
    }

    @Test func `a preview shows a dozen members that no stable version shows`() async throws {
        try await Azure.run { azure async throws in
            let stable = Self.paths(try await azure.getCluster("2026-08-01"))
            let hidden = Self.paths(try await azure.getCluster(Self.preview)).subtracting(stable)
            #expect(hidden.count >= 12, "\(hidden.sorted())")
            #expect(hidden.contains(".properties.storageProfile.diskCSIDriver.version"))
            #expect(hidden.contains(".properties.networkProfile.podLinkLocalAccess"))
            #expect(hidden.contains(".properties.agentPoolProfiles[0].upgradeStrategy"))
        }
    }

    @Test(arguments: ["2026-08-01", "2026-06-01", "2024-09-01", "2023-01-01"])
    func `a PUT of a version keeps every member that it does not know`(_ version: String) async throws {
        try await Azure.run { azure async throws in
            func shown() async throws -> JSON {
                var all = try await azure.getCluster(Self.preview)
                all["eTag"] = nil
                for name in ["azureKeyVaultKms"] { all[path: ["properties", "securityProfile", name]] = nil }
                let pools = all[path: ["properties", "agentPoolProfiles"]]?.array ?? []
                all[path: ["properties", "agentPoolProfiles"]] = .array(pools.map { $0.merging(["eTag": ""]) })
                return all
            }
            let before = try await shown()
            let answer = try await azure.putKMS(["enabled": false], version: version)
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
            _ = try await azure.finish(answer)
            let after = try await shown()
            #expect(Self.paths(before).subtracting(Self.paths(after)).isEmpty)
            #expect(before == after)
        }
    }

    @Test func `a member that a version does not know is refused, and ignored before 2024`() async throws {
        try await Azure.run { azure async throws in
            let whole = try await azure.getCluster(Self.preview)
            let refused = await azure.send("PUT", "\(azure.clusterPath)?api-version=2026-06-01", whole)
            #expect(refused.status == 400)
            let body = try refused.json()
            #expect(body["code"] == "UnmarshalError" && body["details"] == .null && body["subcode"] == "")
            #expect(body["message"]?.string?.contains(#"json: unknown field "upgrade"#) == true, "\(body)")
            var made = try await azure.getCluster()
            made[path: ["properties", "futureProp"]] = ["a": 1]
            let future = await azure.send("PUT", "\(azure.clusterPath)?api-version=\(Azure.version)", made)
            #expect(try future.json()["message"]?.string?.contains(#"unknown field "futureProp""#) == true)
            let old = await azure.send("PUT", "\(azure.clusterPath)?api-version=2023-08-01", whole)
            #expect(old.status == 200)
        }
    }

    @Test func `the newer experience is shown by previews and from 2026-07-01 on`() async throws {
        var world = WorldDescription()
        world.mode = "CustomerPublic"
        try await Azure.run(world) { azure async throws in
            for (version, isShown) in [
                ("2026-08-01", true), ("2026-07-01", true), ("2026-06-01", false), ("2025-08-01", false),
                ("2026-06-02-preview", true), ("2025-09-02-preview", true),
            ] {
                let profile = try await azure.getCluster(version)[path: Cluster.newKMSPath]
                #expect(profile == (isShown ? ["infrastructureEncryption": "Enabled"] : nil), "\(version)")
            }
        }
    }

    @Test func `eTags are hidden from the older stable versions, and where there are none they match nothing`()
        async throws
    {
        try await Azure.run { azure async throws in
            #expect(try await azure.getCluster("2025-08-01")["eTag"] == nil)
            #expect(try await azure.getCluster("2026-06-01")["eTag"] != nil)
        }
        var world = WorldDescription()
        world.hasETags = false
        try await Azure.run(world) { azure async throws in
            let text = String(decoding: try await azure.getCluster(Self.preview).bytes, as: UTF8.self)
            #expect(!text.contains("eTag"))
            let put = try await azure.putKMS(azure.off, headers: ["If-Match": "\"\(UUID().uuidString)\""])
            #expect(put.status == 412)
            #expect(try await azure.putKMS(azure.off).status == 200)
        }
    }

    @Test func `a cloud that lags names the versions that it offers`() async throws {
        var world = WorldDescription()
        world.newestVersion = "2024-09-01"
        try await Azure.run(world) { azure async throws in
            let refused = await azure.send("GET", "\(azure.clusterPath)?api-version=2026-08-01")
            #expect(refused.status == 400)
            #expect(try azure.code(refused) == "NoRegisteredProviderFound")
            let message = try refused.json()[path: ["error", "message"]]?.string ?? ""
            #expect(message.contains("The supported api-versions are '2024-09-01, 2024-02-01,"))
            let subscription = "/subscriptions/\(azure.description.subscriptionID)"
            let list = await azure.send(
                "GET",
                "\(subscription)/providers/Microsoft.ContainerService/managedClusters?api-version=2026-08-01")
            #expect(list.status == 404)
            #expect(try azure.code(list) == "InvalidResourceType")
            let provider = await azure.send(
                "GET", "\(subscription)/providers/Microsoft.ContainerService?api-version=2021-04-01")
            #expect(String(decoding: provider.body, as: UTF8.self).contains("2024-09-01"))
            #expect(!String(decoding: provider.body, as: UTF8.self).contains("2026-0"))
            let put = try await azure.putKMS(azure.off, version: "2024-09-01")
            #expect(try await azure.finish(put)["status"] == "Succeeded")
        }
    }

    @Test func `a list leaves out how the API server is reached`() async throws {
        try await Azure.run { azure async throws in
            let list = await azure.send(
                "GET",
                "/subscriptions/\(azure.description.subscriptionID)/providers/Microsoft.ContainerService/managedClusters"
                    + "?api-version=\(Azure.version)")
            let first = try #require(try list.json()["value"]?.array?.first)
            #expect(first[path: ["properties", "apiServerAccessProfile"]] == nil)
            #expect(first[path: ["properties", "networkProfile"]] != nil)
        }
    }

    @Test func `an omitted autoscaler profile is the default's again, a partial one is filled`() async throws {
        try await Azure.run { azure async throws in
            func put(_ profile: JSON?) async throws -> JSON? {
                var body = try await azure.getCluster()
                body[path: ["properties", "autoScalerProfile"]] = profile
                _ = try await azure.finish(
                    await azure.send("PUT", "\(azure.clusterPath)?api-version=\(Azure.version)", body))
                return try await azure.getCluster()[path: ["properties", "autoScalerProfile"]]
            }
            let partial = try await put(["scan-interval": "30s"])
            #expect(partial?["scan-interval"] == "30s" && partial?["max-empty-bulk-delete"] == "10")
            #expect(try await put(nil)?["scan-interval"] == "10s")
        }
    }
}
