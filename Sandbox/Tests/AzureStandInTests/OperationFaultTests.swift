import AzureStandIn
import ClusterModel
import Foundation
import Testing

struct OperationFaultTests {
    @Test(arguments: ["disable-fails", "disable-half-applied-then-failed"])
    func `turning off fails after it was accepted`(name: String) async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": .string(name)])
            let answer = try await azure.putKMS(azure.off)
            #expect(answer.status == 200)
            let end = try await azure.finish(answer)
            #expect(end["status"] == "Failed")
            #expect(end[path: ["error", "code"]] == "InternalOperationError")
            let cluster = try await azure.getCluster()
            #expect(cluster[path: ["properties", "provisioningState"]] == "Failed")
            #expect(
                cluster[path: ["properties", "status", "provisioningError", "code"]] == "InternalOperationError")
            let half = await azure.cluster.rollouts.last?.lagging.isEmpty == false
            #expect(half == (name == "disable-half-applied-then-failed"))
            #expect(await azure.cluster.profiles.count == (half ? 2 : 1))
            // The same PUT again goes through, and reaches the replicas.
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(await azure.cluster.profiles.count == (half ? 3 : 2))
            #expect(await azure.cluster.profiles.last?.enabled == false)
            #expect(await azure.cluster.rollouts.last?.lagging.isEmpty == true)
        }
    }

    @Test(arguments: [
        ("enable-fails", 2, 3), ("enable-half-applied-then-failed", 3, 4), ("enable-applied-then-failed", 3, 3),
    ])
    func `turning on fails after it was accepted`(name: String, applied: Int, repeated: Int) async throws {
        try await Azure.run { azure async throws in
            #expect(try await azure.change(azure.off) == "Succeeded")
            await azure.fault(["name": .string(name)])
            #expect(try await azure.change(azure.privately) == "Failed")
            #expect(await azure.cluster.profiles.count == applied)
            #expect(try await azure.change(azure.privately) == "Succeeded")
            #expect(await azure.cluster.profiles.count == repeated)
            #expect(await azure.cluster.profiles.last?.networkPath == .privateEndpoint)
        }
    }

    @Test func `turned off without its key id, the plugin keeps key and path`() async throws {
        try await Azure.run { azure async throws in
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(try await azure.change(azure.privately) == "Succeeded")
            #expect(try await azure.change(["enabled": false]) == "Succeeded")
            let last = try #require(await azure.cluster.profiles.last)
            #expect(!last.enabled)
            #expect(last.keyID == azure.keyID())
            #expect(last.networkPath == .privateEndpoint)
        }
    }

    @Test func `an update can be canceled by someone`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "operation-canceled"])
            let end = try await azure.finish(try await azure.putKMS(azure.off))
            #expect(end["status"] == "Canceled")
            #expect(end[path: ["error", "message"]] == "Operation is being canceled by user")
            #expect(await azure.cluster.profiles.count == 1)
        }
    }

    @Test func `a stuck update ends when the fault is deleted`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "operation-stuck"])
            let answer = try await azure.putKMS(azure.off)
            let target = try azure.operationTarget(answer)
            try await azure.eventually("the last stage") {
                try await azure.send("GET", target).json()["status"] == "ReconcilingAddons"
            }
            for _ in 0..<100 { await Task.yield() }
            #expect(try await azure.getCluster()[path: ["properties", "provisioningState"]] == "Updating")
            await azure.endFaults()
            #expect(try await azure.finish(answer)["status"] == "Succeeded")
        }
    }

    @Test(arguments: [
        ("conflict-operation-not-allowed", 409, "OperationNotAllowed"), ("etag-mismatch", 409, "EtagMismatch"),
        ("put-internal-error", 500, "InternalOperationError"), ("identity-throttled", 429, "FailedIdentityOperation"),
        ("throttled-without-retry-after", 429, "Throttled"), ("scope-locked", 409, "ScopeLocked"),
        ("authorization-lost", 403, "AuthorizationFailed"), ("cluster-policy-denies", 403, "RequestDisallowedByPolicy"),
        ("node-pool-operation", 409, "OperationNotAllowed"),
    ])
    func `a PUT is refused and has no effect`(name: String, status: Int, code: String) async throws {
        try await Azure.run { azure async throws in
            let body = try await azure.getCluster()
            await azure.fault(["name": .string(name)])
            var next = body
            next[path: ["properties", "securityProfile", "azureKeyVaultKms"]] = azure.off
            let answer = await azure.send("PUT", "\(azure.clusterPath)?api-version=\(Azure.version)", next)
            #expect(answer.status == status)
            #expect(try azure.code(answer) == code)
            #expect(answer.header("retry-after") == nil)
            await azure.endFaults()
            #expect(try await azure.getCluster() == body)
        }
    }

    @Test func `throttling says when to come back`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "throttled-with-retry-after", "seconds": 9, "times": 1])
            let answer = await azure.send("GET", "\(azure.clusterPath)?api-version=\(Azure.version)")
            #expect(answer.status == 429)
            #expect(answer.header("retry-after") == "9")
            #expect(try await azure.getCluster()["name"] == "demo")
        }
    }

    @Test func `buckets throttle GETs as documented`() async throws {
        let clock = Clock()
        try await Azure.run(throttles: true, now: { clock.now }) { azure async throws in
            var statuses: [Int] = []
            for _ in 0..<62 {
                statuses.append(await azure.send("GET", "\(azure.clusterPath)?api-version=\(Azure.version)").status)
            }
            #expect(statuses.prefix(60).allSatisfy { $0 == 200 })
            #expect(statuses.suffix(2) == [429, 429])
            clock.advance(1)
            #expect(await azure.send("GET", "\(azure.clusterPath)?api-version=\(Azure.version)").status == 200)
        }
    }

    @Test func `a lost answer leaves the PUT done, or not`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "lost-put-answer-before"])
            #expect(try await azure.putKMS(azure.off).isLost)
            #expect(try await azure.kms()?["enabled"] == true)
            await azure.fault(["name": "lost-put-answer"])
            #expect(try await azure.putKMS(azure.off).isLost)
            #expect(try await azure.kms()?["enabled"] == false)
            try await azure.eventually("the update ends") {
                try await azure.getCluster()[path: ["properties", "provisioningState"]] == "Succeeded"
            }
            #expect(await azure.cluster.profiles.last?.enabled == false)
        }
    }

    @Test func `an eTag that moves between GET and PUT is a 412`() async throws {
        try await Azure.run { azure async throws in
            let etag = try #require(try await azure.getCluster()["eTag"]?.string)
            await azure.fault(["name": "precondition-failed"])
            let answer = try await azure.putKMS(azure.off, headers: ["If-Match": "\"\(etag)\""])
            #expect(answer.status == 412)
        }
    }

    @Test(arguments: [("poll-502", 502), ("poll-504", 504), ("poll-404", 404)])
    func `polls fail for a while`(name: String, status: Int) async throws {
        try await Azure.run { azure async throws in
            let answer = try await azure.putKMS(azure.off)
            let target = try azure.operationTarget(answer)
            await azure.fault(["name": .string(name), "times": 2])
            #expect(await azure.send("GET", target).status == status)
            #expect(await azure.send("GET", target).status == status)
            #expect(await azure.send("GET", target).status == 200)
            #expect(try await azure.finish(answer)["status"] == "Succeeded")
        }
    }

    @Test func `polls can say what no client expects`() async throws {
        try await Azure.run { azure async throws in
            await azure.gate.close()
            let answer = try await azure.putKMS(azure.off)
            let target = try azure.operationTarget(answer)
            await azure.fault(["name": "poll-unknown-status"])
            #expect(try await azure.send("GET", target).json()["status"] == "BlueGreenDrainingNodes")
            await azure.fault(["name": "poll-early-end-time"])
            let early = try await azure.send("GET", target).json()
            #expect(early["status"] == "InProgress")
            #expect(early["endTime"] != nil)
            await azure.fault(["name": "poll-lost"])
            #expect(await azure.send("GET", target).isLost)
        }
    }

    @Test func `a GET after turning off keeps or drops the key id`() async throws {
        try await Azure.run { azure async throws in
            #expect(try await azure.change(azure.off) == "Succeeded")
            await azure.fault(["name": "get-drops-key-id-after-disable"])
            #expect(try await azure.kms() == ["enabled": false])
            await azure.endFaults()
            #expect(try await azure.change(["enabled": false]) == "Succeeded")
            #expect(try await azure.kms() == ["enabled": false])
            await azure.fault(["name": "get-keeps-key-id-after-disable"])
            #expect(try await azure.kms()?["keyId"]?.string == azure.keyID())
            #expect(try await azure.kms()?["enabled"] == false)
        }
    }

    @Test func `the check of the identity's rights can lag behind a role`() async throws {
        try await Azure.run { azure async throws in
            #expect(try await azure.change(azure.off) == "Succeeded")
            await azure.fault(["name": "permission-check-lags", "times": 2])
            for _ in 0..<2 {
                let answer = try await azure.putKMS(azure.publicly)
                #expect(try azure.code(answer) == "AzureKeyVaultKmsValidateIdentityPermissionCustomerError")
            }
            #expect(try await azure.change(azure.publicly) == "Succeeded")
        }
    }

    @Test func `a fault waits for its moment and lets chances pass`() async throws {
        try await Azure.run { azure async throws in
            await azure.fault(["name": "enable-fails", "at": "disable-succeeded", "skip": 1])
            // The first time the moment comes is let pass.
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(try await azure.change(azure.publicly) == "Succeeded")
            #expect(try await azure.change(azure.off) == "Succeeded")
            #expect(try await azure.change(azure.publicly) == "Failed")
            #expect(try await azure.change(azure.publicly) == "Succeeded")
        }
    }

    @Test func `unknown faults and moments are refused, known ones listed with their source`() async throws {
        try await Azure.run { azure async throws in
            #expect(await azure.fault(["name": "no-such-fault"]).status == 400)
            #expect(await azure.fault(["name": "enable-fails", "at": "midnight"]).status == 400)
            #expect(await azure.fault([:]).status == 400)
            let known = try await azure.send("GET", "/sandbox/faults").json()["known"]?.array ?? []
            #expect(known.count >= 30)
            #expect(known.allSatisfy { $0["text"]?.string?.isEmpty == false && $0["source"]?.string?.isEmpty == false })
            await azure.fault(["name": "poll-502"])
            #expect(try await azure.send("DELETE", "/sandbox/faults/poll-502").json()["removed"] == 1)
        }
    }
}
