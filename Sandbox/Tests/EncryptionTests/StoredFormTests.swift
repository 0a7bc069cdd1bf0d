import ClusterModel
import EmbeddedCluster
import Testing

/// Under which key Secrets lie when Azure changes it, and who rewrites them.
struct StoredFormTests {
    private func plus(_ key: String) -> String { "v2-plus:" + key }

    @Test func `the legacy key, the platform's and a customer's have each a form of their own`() async throws {
        try await Rig.run("Public") { rig async throws in
            await rig.fault("controller-off")
            #expect(try await rig.stored() == [rig.keyID(): 6])
            #expect(try await rig.change(["enabled": false]) == "Succeeded")
            #expect(try await rig.stored() == [rig.keyID(): 6])
            #expect(try await rig.cluster.rewriteSecrets().taken == 6)
            #expect(try await rig.stored() == [plus("platform-managed"): 6])
            let revision = rig.cluster.revision
            #expect(try await rig.cluster.rewriteSecrets().taken == 6)
            #expect(rig.cluster.revision == revision)
            #expect(try await rig.change(rig.customer("Public")) == "Succeeded")
            _ = try await rig.cluster.rewriteSecrets()
            #expect(try await rig.stored() == [plus(rig.keyID()): 6])
            #expect(rig.cluster.revision == revision + 6)
            #expect(try await rig.readable() == 6)
        }
    }

    @Test(arguments: [false, true])
    func `a migration to the same key makes all stale, unless a switch says that it does not`(_ keeps: Bool)
        async throws
    {
        try await Rig.run("Public") { rig async throws in
            if keeps { await rig.fault("migration-keeps-stored-form") }
            await rig.fault("controller-off")
            let revision = rig.cluster.revision
            #expect(try await rig.change(rig.legacy()) == "Succeeded")
            _ = try await rig.cluster.rewriteSecrets()
            #expect(rig.cluster.revision == revision + (keeps ? 0 : 6))
            #expect(try await rig.stored() == [keeps ? rig.keyID() : plus(rig.keyID()): 6])
        }
    }

    @Test func `the controller rewrites all by itself after a migration`() async throws {
        try await Rig.run("Public") { rig async throws in
            let revision = rig.cluster.revision
            #expect(try await rig.change(["enabled": false]) == "Succeeded")
            try await rig.eventually("all is rewritten") { try await rig.stored() == [plus("platform-managed"): 6] }
            #expect(rig.cluster.revision == revision + 6)
            try await rig.eventually("it says so") { try await rig.controller()["passes"] == 1 }
        }
    }

    @Test func `an operation can wait for the controller`() async throws {
        try await Rig.run("Public") { rig async throws in
            await rig.fault("reencryption-within-operation")
            #expect(try await rig.change(["enabled": false]) == "Succeeded")
            #expect(try await rig.stored() == [plus("platform-managed"): 6])
        }
    }

    @Test func `the controller can be late`() async throws {
        try await Rig.run("Public") { rig async throws in
            await rig.fault("reencryption-late", ["seconds": 300])
            #expect(try await rig.change(["enabled": false]) == "Succeeded")
            #expect(try await rig.stored() == [rig.keyID(): 6])
            try await rig.eventually("all is rewritten") { try await rig.stored() == [plus("platform-managed"): 6] }
        }
    }

    @Test func `a webhook that denies updates denies those of the controller, which tries again`() async throws {
        try await Rig.run("Public") { rig async throws in
            rig.cluster.setWebhooks([
                Webhook(name: "no.example.com", verdict: .deny(message: "", code: 403), namespaces: ["team-0"])
            ])
            #expect(try await rig.change(["enabled": false]) == "Succeeded")
            try await rig.eventually("the other half is rewritten") {
                try await rig.stored() == [plus("platform-managed"): 3, rig.keyID(): 3]
            }
            try await rig.eventually("it was refused") { try await rig.controller()["refused"] == 3 }
            let text = try await rig.controller()["firstRefusal"]?.string
            #expect(text?.contains("denied the request") == true)
            rig.cluster.setWebhooks([])
            try await rig.eventually("all is rewritten") { try await rig.stored() == [plus("platform-managed"): 6] }
        }
    }

    @Test func `with the controller off only new writes have the new version, and all stay readable`() async throws {
        try await Rig.run("CustomerPublic") { rig async throws in
            await rig.fault("controller-off")
            for number in 2...4 {
                try await rig.rotateKey()
                try await rig.eventually("it is noticed") {
                    try await rig.controller()["noticedKey"]?.string == rig.keyID(number)
                }
            }
            #expect(try await rig.stored() == [plus(rig.keyID()): 6])
            try await rig.cluster.restart()
            #expect(try await rig.readable() == 6)
            await rig.end("controller-off")
            try await rig.eventually("all is rewritten") { try await rig.stored() == [plus(rig.keyID(4)): 6] }
        }
    }

    @Test func `the newer experience can be told to read with two keys only`() async throws {
        try await Rig.run("CustomerPublic") { rig async throws in
            await rig.fault("controller-off")
            await rig.fault("new-kms-two-keys")
            for number in 2...3 {
                try await rig.rotateKey()
                try await rig.eventually("it is noticed") {
                    try await rig.controller()["noticedKey"]?.string == rig.keyID(number)
                }
            }
            try await rig.eventually("API servers have it") { try await rig.cluster.secretsLockedOut() == 6 }
        }
    }
}
