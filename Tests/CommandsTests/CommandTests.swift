import Azure
import Commands
import Console
import JSON
import ModeSwitch
import Plan
import Report
import Run
import Synchronization
import TestDoubles
import Testing
import Usage

/// Whole commands, from the request of a front end to what it shows, on doubles of Azure and of an API server.
@Suite struct `The command switch` {
    @Test func `goes to Private and back, and every Secret is encrypted`() async throws {
        try await onDesk { desk in
            for target in [NetworkMode.privateAccess, .publicAccess] {
                let seen = await desk.run(switching, to(target))
                #expect(seen.exitCode == .done, "\(seen)")
                #expect(seen.report?.secretsAtRest == .encrypted && seen.report?.proof?.passed == true)
                #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
                desk.azure.read { azure in
                    #expect(azure.kms?["keyVaultNetworkAccess"]?.string == target.rawValue)
                    #expect(azure.vaultAccess == (target == .privateAccess ? "Disabled" : "Enabled"))
                    #expect(azure.puts.count == (target == .privateAccess ? 2 : 4))
                }
                desk.expectTidy()
            }
        }
    }

    /// Azure gives a cluster 60 requests and one more a second; docs/benchmarks.md says what a switch cost.
    @Test func `asks Azure about as often as there are steps, and reads each role once`() async throws {
        try await onDesk { desk in
            #expect(await desk.run(switching, to(.privateAccess)).exitCode == .done)
            let asked = desk.azure.read { $0.asked }.filter { !$0.contains("/operations/op") }
            #expect(asked.count <= 70, "\(asked.count): \(asked.joined(separator: "\n"))")
            let cluster = asked.filter { $0.hasSuffix("managedClusters/c") && $0.hasPrefix("GET") }
            #expect(cluster.count <= 20)
            let roles = asked.filter { $0.contains("roleDefinitions") }
            #expect(!roles.isEmpty && roles.count == Set(roles).count)
        }
    }

    @Test func `shows its plan with --dry-run and changes nothing`() async throws {
        try await onDesk { desk in
            let seen = await desk.run(.switchMode(dryRun: true), to(.privateAccess))
            #expect(seen.exitCode == .done && seen.result is SwitchPlan)
            desk.expectUntouched()
            #expect(desk.kube.read { $0.objects.isEmpty })
        }
    }

    @Test func `changes nothing for a person who does not agree`() async throws {
        try await onDesk { desk in
            var desk = desk
            desk.agrees = false
            let seen = await desk.run(switching, to(.privateAccess))
            #expect(seen.exitCode == .refused && seen.isDeclined && seen.result == nil)
            desk.expectUntouched()
            #expect(desk.kube.read { $0.objects.isEmpty })
        }
    }

    @Test func `says what was not checked where everything is as wanted`() async throws {
        try await onDesk { desk in
            let seen = await desk.run(switching, to(.publicAccess))
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .unknown)
            #expect(seen.told.contains { $0.contains("verify --patch") })
            desk.expectUntouched()
        }
    }

    @Test func `is refused by a check of preflight, before it asks`() async throws {
        try await onDesk { desk in
            desk.world.arm.route(
                "GET \(clusterID)\(access)/locks",
                #"{"value":[{"id":"\#(clusterID)/providers/Microsoft.Authorization/locks/l","properties":{"level":"ReadOnly"}}]}"#
            )
            let seen = await desk.run(switching, to(.privateAccess))
            #expect(seen.exitCode == .refused && seen.failure?.problem.id == "preflight", "\(seen)")
            #expect(seen.plans.isEmpty)
            desk.expectUntouched()
        }
    }

    @Test func `runs only the plan that was agreed to`() async throws {
        try await onDesk { desk in
            var options = to(.privateAccess)
            options.planID = "other"
            let seen = await desk.run(switching, options)
            #expect(seen.exitCode == .refused && seen.failure?.problem.what.contains("plan is") == true)
            desk.expectUntouched()
        }
    }

    @Test func `waits for nobody's lock without an end, and touches nothing`() async throws {
        try await onDesk { desk in
            _ = await desk.run(switching, to(.privateAccess))
            let puts = desk.azure.read { $0.puts.count }
            desk.kube.change { kube in
                for (path, lease) in kube.objects where path.contains("leases") {
                    var spec = lease["spec"] ?? .object([:])
                    spec["holderIdentity"] = .string("elsewhere_7_run")
                    spec["leaseDurationSeconds"] = .integer(60)
                    kube.objects[path]?["spec"] = spec
                }
                kube.before = { kube, request in
                    // The holder renews it before each look.
                    guard request.contains("leases/"), request.hasPrefix("GET") else { return }
                    for path in kube.objects.keys where path.contains("leases") {
                        kube.revision += 1
                        var metadata = kube.objects[path]?["metadata"] ?? .object([:])
                        metadata["resourceVersion"] = .string("\(kube.revision)")
                        kube.objects[path]?["metadata"] = metadata
                        var spec = kube.objects[path]?["spec"] ?? .object([:])
                        spec["renewTime"] = .string("2026-11-24T00:00:\(kube.revision % 60).000000Z")
                        kube.objects[path]?["spec"] = spec
                    }
                }
            }
            let seen = await desk.run(.makeSafe)
            #expect(seen.exitCode == .refused && seen.failure?.problem.id == "lock-held", "\(seen)")
            #expect(desk.azure.read { $0.puts.count } == puts)
        }
    }
}

@Suite struct `A run that is interrupted` {
    /// Stops a switch at the first rewrite with KMS off.
    private func interrupted(_ desk: Desk) async -> FrontEndDouble.Seen {
        let interruption = Interruption()
        desk.kube.change {
            $0.before = { kube, request in
                guard kube.form == KubeDouble.plaintext, request.hasPrefix("PATCH"), request.contains("default") else {
                    return
                }
                interruption.request("the test asked")
            }
        }
        let seen = await desk.run(switching, to(.privateAccess), interruption: interruption)
        desk.kube.change { $0.before = { _, _ in } }
        return seen
    }

    @Test func `says that Secrets may be plaintext, and resume finishes it`() async throws {
        try await onDesk { desk in
            let stopped = await interrupted(desk)
            #expect(stopped.exitCode == .stoppedInPlaintext, "\(stopped)")
            #expect(stopped.report?.problem?.next.text(for: .kubectl).contains("resume") == true)
            let status = await desk.run(.status).result as? StatusResult
            #expect(
                status?.unfinishedTarget == .privateAccess
                    && status?.advice.text(for: .kubectl).contains("resume") == true)
            let again = await desk.run(switching, to(.privateAccess))
            #expect(again.exitCode == .stoppedInPlaintext, "a second switch is refused, and says what is at stake")
            let done = await desk.run(.resume)
            #expect(done.exitCode == .done && done.report?.secretsAtRest == .encrypted, "\(done)")
            #expect(desk.azure.read { $0.vaultAccess } == "Disabled")
            desk.expectTidy()
            #expect(await desk.run(.resume).exitCode == .refused)
        }
    }

    @Test func `that ended between its two records goes on from this machine's`() async throws {
        try await onDesk { desk in
            let path = "api/v1/namespaces/kube-system/configmaps/kms-vault-switch"
            let interruption = Interruption()
            let saves = Mutex<[JSONValue]>([])
            desk.kube.change {
                $0.before = { kube, request in
                    guard request == "PATCH /\(path)", let record = kube.objects[path] else { return }
                    saves.withLock { $0.append(record) }
                    // KMS is on again: all that proves that the old path was left lies in the record.
                    if kube.form == KubeDouble.encrypted, kube.writes[KubeDouble.plaintext] != nil {
                        interruption.request("the test asked")
                    }
                }
            }
            let stopped = await desk.run(switching, to(.privateAccess), interruption: interruption)
            #expect(stopped.exitCode != .done)
            desk.kube.change { kube in
                kube.before = { _, _ in }
                kube.objects[path] = saves.withLock { $0.last }
            }
            let done = await desk.run(.resume)
            #expect(done.exitCode == .done && done.report?.secretsAtRest == .encrypted, "\(done)")
        }
    }

    @Test func `is mended by make-safe, which gives its target up`() async throws {
        try await onDesk { desk in
            _ = await interrupted(desk)
            let done = await desk.run(.makeSafe)
            #expect(done.exitCode == .done && done.report?.secretsAtRest == .encrypted, "\(done)")
            desk.azure.read { azure in
                #expect(azure.isKMSOn && azure.kms?["keyVaultNetworkAccess"]?.string == "Public")
                #expect(azure.vaultAccess == "Enabled")
            }
            #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
            desk.expectTidy()
        }
    }

    @Test func `is refused to whoever finds another record once the lock is theirs`() async throws {
        try await onDesk { desk in
            _ = await interrupted(desk)
            // Another machine writes the record between this one's look and its lock.
            desk.kube.change {
                $0.before = { kube, request in
                    guard request.hasPrefix("PUT"), request.contains("leases") else { return }
                    for path in kube.objects.keys where path.contains("configmaps") {
                        kube.objects[path]?["data"] = .object(["record.json": .string("{}")])
                    }
                }
            }
            let seen = await desk.run(.resume)
            #expect(seen.exitCode == .stoppedInPlaintext)
            #expect(seen.failure?.problem.what.contains("another run changed the record") == true, "\(seen)")
        }
    }
}

@Suite struct `What Azure refuses` {
    @Test func `ends a switch before KMS is off with nothing exposed`() async throws {
        try await onDesk { desk in
            desk.azure.change {
                $0.instead = { _, request in
                    request == "PUT \(clusterID)"
                        ? AzureDouble.error(403, "RequestDisallowedByPolicy", "no changes on Fridays") : nil
                }
            }
            let seen = await desk.run(switching, to(.privateAccess))
            #expect(seen.exitCode == .failed, "\(seen)")
            // Azure's words stand there, once.
            #expect(seen.report?.problem?.what.ranges(of: "no changes on Fridays").count == 1, "\(seen)")
            desk.expectUntouched()
        }
    }

    @Test func `for the moment is asked again`() async throws {
        try await onDesk { desk in
            desk.azure.change {
                $0.instead = { azure, request in
                    guard request == "PUT \(clusterID)", azure.asked.filter({ $0.hasPrefix("PUT") }).count < 3 else {
                        return nil
                    }
                    return AzureDouble.error(409, "OperationNotAllowed", "Another operation is in progress")
                }
            }
            let seen = await desk.run(switching, to(.privateAccess))
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
        }
    }

    @Test func `of a change by somebody else in between is seen, and nothing is overwritten`() async throws {
        try await onDesk { desk in
            desk.azure.change {
                $0.instead = { azure, request in
                    guard request == "PUT \(clusterID)", azure.puts.isEmpty else { return nil }
                    if azure.asked.filter({ $0.hasPrefix("PUT") }).count == 1 { azure.moveETag() }
                    return nil
                }
            }
            let seen = await desk.run(switching, to(.privateAccess))
            #expect(seen.exitCode == .done, "\(seen)")
            #expect(desk.azure.read { $0.asked.filter { $0.hasPrefix("PUT") }.count } == 3)
            #expect(desk.azure.read { $0.puts.count } == 2)
        }
    }
}

@Suite struct `The command make-safe` {
    @Test func `turns KMS on again for a cluster of which nobody has a record`() async throws {
        try await onDesk { desk in
            desk.turnOff()
            let seen = await desk.run(.makeSafe)
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
            #expect(desk.azure.read { $0.isKMSOn && $0.puts.count == 1 })
            #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
            desk.expectTidy()
        }
    }

    @Test func `works in Azure while the API server is silent`() async throws {
        try await onDesk { desk in
            desk.turnOff()
            desk.kube.change { $0.isSilent = true }
            desk.azure.change {
                $0.instead = { azure, request in
                    // With KMS on again the API server comes back.
                    if request == "GET /operation", azure.isKMSOn { desk.kube.change { $0.isSilent = false } }
                    return nil
                }
            }
            let seen = await desk.run(.makeSafe)
            #expect(desk.azure.read { $0.isKMSOn })
            #expect(seen.exitCode == .done && desk.kube.forms == [KubeDouble.encrypted: 12], "\(seen)")
        }
    }
}
