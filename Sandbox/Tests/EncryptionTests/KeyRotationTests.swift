import AzureStandIn
import ClusterModel
import EmbeddedCluster
import Testing

/// New versions of a key, with the newer experience of KMS and with the legacy one.
struct KeyRotationTests {
    private func plus(_ key: String) -> String { "v2-plus:" + key }

    @Test func `API servers keep the old version until the new one is noticed, then all is rewritten`() async throws {
        try await Rig.run("CustomerPublic", noticeSeconds: 3600) { rig async throws in
            try await rig.rotateKey()
            #expect(try await rig.controller()["isNoticePending"] == true)
            _ = try await rig.cluster.rewriteSecrets()
            #expect(try await rig.stored() == [plus(rig.keyID(1)): 6])
            #expect(try await rig.change(rig.customer("Private")) == "Succeeded")
            #expect(try await rig.controller()["noticedKey"]?.string == rig.keyID(1))
            _ = await rig.send("POST", "/sandbox/controller", ["notice": true])
            try await rig.eventually("all is rewritten") { try await rig.stored() == [plus(rig.keyID(2)): 6] }
        }
    }

    @Test func `a vault that is out of reach leaves the old version in use`() async throws {
        try await Rig.run("CustomerPublic", noticeSeconds: 3600) { rig async throws in
            try await rig.rotateKey()
            await rig.patchVault(["publicNetworkAccess": "Disabled"])
            _ = await rig.send("POST", "/sandbox/controller", ["notice": true])
            #expect(try await rig.controller()["noticedKey"]?.string == rig.keyID(1))
            await rig.patchVault(["publicNetworkAccess": "Enabled"])
            _ = await rig.send("POST", "/sandbox/controller", ["notice": true])
            #expect(try await rig.controller()["noticedKey"]?.string == rig.keyID(2))
        }
    }

    @Test func `a version that is switched off is not the newest`() async throws {
        try await Rig.run("PlatformManaged") { rig async throws in
            try await rig.rotateKey()
            let off = try await rig.data("PATCH", "/keys/kms", ["attributes": ["enabled": false]])
            #expect(off.status == 200)
            #expect(try await rig.change(rig.customer("Public")) == "Succeeded")
            #expect(try await rig.controller()["noticedKey"]?.string == rig.keyID(1))
            await rig.fault("newest-though-disabled")
            _ = await rig.send("POST", "/sandbox/controller", ["notice": true])
            #expect(try await rig.controller()["noticedKey"]?.string == rig.keyID(1))
            await rig.end("newest-though-disabled")
            _ = try await rig.data("PATCH", "/keys/kms", ["attributes": ["enabled": true]])
            try await rig.eventually("it is noticed") {
                try await rig.controller()["noticedKey"]?.string == rig.keyID(2)
            }
        }
    }

    @Test func `the newest version can be what is used though it is disabled, which fails`() async throws {
        try await Rig.run("PlatformManaged") { rig async throws in
            try await rig.rotateKey()
            _ = try await rig.data("PATCH", "/keys/kms", ["attributes": ["enabled": false]])
            await rig.fault("newest-though-disabled")
            let target = "\(rig.clusterPath)?api-version=\(Rig.version)"
            var body = try await rig.send("GET", target).json()
            body[path: ["properties", "securityProfile", "azureKeyVaultKms"]] = rig.customer("Public")
            #expect(await rig.send("PUT", target, body).status == 400)
        }
    }

    @Test func `the platform rotates its key, and replicas may lag behind it`() async throws {
        try await Rig.run("PlatformManaged") { rig async throws in
            #expect(try await rig.stored() == [plus("platform-managed"): 6])
            await rig.fault("replica-lags", ["replicas": [1]])
            await rig.fault("rollout-slow", ["at": "secrets-rewritten"])
            _ = await rig.send("POST", "/sandbox/controller", ["rotatePlatformKey": true])
            try await rig.eventually("all is rewritten") {
                try await rig.stored() == [plus("platform-managed/2"): 6]
            }
            #expect(try await rig.readable() == 0)
            try await rig.eventually("the moment is reached") {
                let faults = try await rig.send("GET", "/sandbox/faults").json()["active"]?.array ?? []
                return faults.contains { $0["name"] == "rollout-slow" && $0["active"] == true }
            }
            try await rig.cluster.settle()
            #expect(try await rig.readable() == 6)
            #expect(try await rig.change(rig.customer("Public")) == "Succeeded")
            #expect(await rig.send("POST", "/sandbox/controller", ["rotatePlatformKey": true]).status == 409)
        }
    }

    @Test func `an aborted migration is not rolled back, and is rewritten all the same`() async throws {
        try await Rig.run("Public") { rig async throws in
            await rig.fault("operation-stuck")
            let stuck = try await rig.put(["enabled": false])
            try await rig.eventually("API servers have the key") {
                try await rig.send("GET", "/sandbox/state").json()[path: ["appliedProfile", "keyId"]]
                    == "platform-managed"
            }
            #expect(await rig.send("POST", "\(rig.clusterPath)/abort?api-version=\(Rig.version)").status == 202)
            try await rig.eventually("it is aborted") { try await rig.status(of: stuck) == "Canceled" }
            try await rig.eventually("all is rewritten") {
                try await rig.stored() == [plus("platform-managed"): 6]
            }
        }
    }

    @Test func `a tool that puts the legacy profile back is refused on the newer experience`() async throws {
        try await Rig.run("Public") { rig async throws in
            #expect(try await rig.change(["enabled": false]) == "Succeeded")
            await rig.fault("terraform-revert")
            try await rig.eventually("it has tried") {
                let faults = try await rig.send("GET", "/sandbox/faults").json()["active"]?.array ?? []
                return faults.contains { $0["name"] == "terraform-revert" && $0["hits"] == 1 }
            }
            let state = try await rig.send("GET", "/sandbox/state").json()
            #expect(state[path: ["appliedProfile", "keyId"]] == "platform-managed")
            #expect(state["operations"]?.array?.count == 1)
        }
    }

    @Test func `the legacy KMS takes a new version as a new key, and two keys are readable`() async throws {
        try await Rig.run("Public") { rig async throws in
            try await rig.rotateKey()
            #expect(try await rig.change(rig.legacy(2), isNew: false) == "Succeeded")
            #expect(try await rig.stored() == [rig.keyID(1): 6])
            #expect(try await rig.readable() == 6)
            _ = try await rig.cluster.rewriteSecrets()
            try await rig.rotateKey()
            #expect(try await rig.change(rig.legacy(3), isNew: false) == "Succeeded")
            #expect(try await rig.readable() == 6)
        }
    }

    @Test func `a third legacy key without a rewrite hangs the cluster in Updating, and going back mends it`()
        async throws
    {
        try await Rig.run("Public") { rig async throws in
            try await rig.rotateKey()
            try await rig.rotateKey()
            #expect(try await rig.change(rig.legacy(2), isNew: false) == "Succeeded")
            let third = try await rig.put(rig.legacy(3), isNew: false)
            try await rig.eventually("the first key is gone") { try await rig.cluster.secretsLockedOut() == 6 }
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await rig.status(of: third) == "ProvisioningControlPlane")
            #expect(try await rig.readable() == 0)
            let shown = try await rig.send("GET", "\(rig.clusterPath)?api-version=\(Rig.version)").json()
            #expect(shown[path: ["properties", "provisioningState"]] == "Updating")
            let aborted = await rig.send("POST", "\(rig.clusterPath)/abort?api-version=\(Rig.version)")
            #expect(aborted.status == 202)
            try await rig.eventually("it is aborted") { try await rig.status(of: third) == "Canceled" }
            #expect(try await rig.change(rig.legacy(1), isNew: false) == "Succeeded")
            #expect(try await rig.readable() == 6)
        }
    }

    @Test func `a vault that is lost lets API servers coast, then fails them, as with the legacy KMS`() async throws {
        for mode in ["Public", "CustomerPublic", "CustomerPrivate"] {
            let clock = ManualClock()
            try await Rig.run(mode, clock: clock) { rig async throws in
                // Both API servers remember the data keys that they have read with.
                #expect(try await rig.readable() == 6)
                await rig.patchVault([
                    "publicNetworkAccess": "Disabled", "networkAcls": ["bypass": "None", "defaultAction": "Deny"],
                ])
                await rig.cluster.pollStatus()
                #expect(try await rig.readable() == 6)
                clock.advance(by: 170)
                #expect(await rig.cluster.write("coasting") == 200)
                clock.advance(by: 20)
                #expect(await rig.cluster.write("late") == 500)
                #expect(try await rig.readable() == 6)
                try await rig.cluster.restart()
                #expect(try await rig.readable() == 0, "\(mode)")
            }
        }
    }
}
