import Azure
import Commands
import ModeSwitch
import Report
import Run
import SecretRewrite
import Synchronization
import TestDoubles
import Testing
import Usage

/// The dry run of all Secrets beside the first samples of the API servers.
@Suite struct `Admission's dry run` {
    private static let aSecret = "PATCH /api/v1/namespaces/default/secrets/"
    private static let aProbe = "PATCH /api/v1/namespaces/kube-system/secrets/kms-vault-probe-"

    /// Gives up after so many looks, a millisecond apart, so that a test fails instead of waiting for ever.
    private final class Patience: Sendable {
        private let looks = Mutex(0)

        func waits(while isClosed: Bool) -> Bool {
            isClosed
                && looks.withLock { looks in
                    looks += 1
                    return looks < 8000
                }
        }
    }

    private static func count(_ prefix: String, in asked: [String]) -> Int { asked.count { $0.hasPrefix(prefix) } }

    @Test func `runs while the first samples are taken`() async throws {
        try await onDesk { desk in
            let (tries, samples) = (Patience(), Patience())
            desk.kube.change {
                $0.holds = { kube, request in
                    guard kube.form == KubeDouble.encrypted, kube.writes[KubeDouble.plaintext] == nil else {
                        return false
                    }
                    let (tried, sampled) = (
                        Self.count(Self.aSecret, in: kube.asked), Self.count(Self.aProbe, in: kube.asked)
                    )
                    // Neither comes to its end before the other has begun.
                    if request.hasPrefix(Self.aSecret) { return tries.waits(while: tried > 5 && sampled < 10) }
                    if request.hasPrefix(Self.aProbe) { return samples.waits(while: sampled > 20 && tried < 12) }
                    return false
                }
            }
            let seen = await desk.run(switching, to(.privateAccess))
            #expect(seen.exitCode == .done, "\(seen)")
            let asked = desk.kube.read { $0.asked }
            let sixth = try #require(asked.indices.filter { asked[$0].hasPrefix(Self.aSecret) }.dropFirst(6).first)
            #expect(Self.count(Self.aProbe, in: Array(asked[..<sixth])) >= 10)
            let later = try #require(asked.indices.filter { asked[$0].hasPrefix(Self.aProbe) }.dropFirst(25).first)
            #expect(Self.count(Self.aSecret, in: Array(asked[..<later])) >= 12)
            desk.expectTidy()
        }
    }

    @Test(arguments: [NetworkMode.privateAccess, .publicAccess])
    func `ends the samples with a refusal, and nothing is changed`(_ target: NetworkMode) async throws {
        try await onDesk { desk in
            if target == .publicAccess { _ = await desk.run(switching, to(.privateAccess)) }
            let before = desk.azure.read { (puts: $0.puts.count, vault: $0.vaultAccess) }
            let samples = Patience()
            desk.kube.change {
                $0.asked = []
                $0.denied = ["default/s3"]
                $0.holds = { kube, request in
                    // Only whoever cancels the samples gets past the twentieth.
                    request.hasPrefix(Self.aProbe)
                        && samples.waits(while: Self.count(Self.aProbe, in: kube.asked) > 20)
                }
            }
            let seen = await desk.run(switching, to(target))
            #expect(seen.exitCode == .refused, "\(seen)")
            #expect(seen.failure?.problem.id == "preflight", "\(seen)")
            #expect(seen.failure?.problem.what.contains("admission-dry-run") == true, "\(seen)")
            #expect(seen.failure?.problem.what.contains("w.example") == true, "\(seen)")
            desk.azure.read { azure in
                #expect(azure.puts.count == before.puts && azure.vaultAccess == before.vault)
            }
            #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
            #expect(desk.kube.read { Self.count(Self.aProbe, in: $0.asked) } <= 25)
            desk.expectTidy()
            // The webhook is gone: the same command begins anew, since nothing is left to go on with.
            desk.kube.change {
                $0.denied = []
                $0.holds = { _, _ in false }
            }
            #expect(await desk.run(.resume).exitCode == .refused)
            #expect(await desk.run(switching, to(target)).exitCode == .done)
        }
    }

    @Test func `is cut short by samples that prove nothing`() async throws {
        try await onDesk { desk in
            let tries = Patience()
            desk.kube.change {
                // Two API servers that store Secrets differently.
                $0.before = { kube, request in
                    guard request.hasPrefix(Self.aProbe) else { return }
                    kube.form = kube.form == KubeDouble.encrypted ? KubeDouble.plaintext : KubeDouble.encrypted
                }
                $0.holds = { kube, request in
                    request.hasPrefix(Self.aSecret)
                        && tries.waits(while: Self.count(Self.aSecret, in: kube.asked) > 5)
                }
            }
            let seen = await desk.run(switching, to(.privateAccess))
            #expect(seen.exitCode == .refused, "\(seen)")
            #expect(seen.report?.problem?.id == "convergence-unproven", "\(seen)")
            #expect(desk.kube.read { Self.count(Self.aSecret, in: $0.asked) } < 12)
            #expect(desk.azure.read { $0.puts.isEmpty })
            desk.expectTidy()
        }
    }

    @Test func `comes before the question where a person is asked`() async throws {
        try await onDesk { desk in
            var desk = desk
            desk.asks = true
            desk.kube.change { $0.denied = ["default/s3"] }
            let refused = await desk.run(switching, to(.privateAccess))
            #expect(refused.exitCode == .refused && refused.failure?.problem.id == "preflight", "\(refused)")
            #expect(refused.plans.isEmpty)
            #expect(desk.kube.read { $0.objects.isEmpty })
            desk.kube.change {
                $0.denied = []
                $0.asked = []
            }
            let seen = await desk.run(switching, to(.privateAccess))
            #expect(seen.exitCode == .done, "\(seen)")
            // And is not made once more: the dry run, two rewrites and the verifying pass.
            #expect(desk.kube.read { Self.count(Self.aSecret, in: $0.asked) } == 4 * 12)
        }
    }

    @Test func `that is interrupted leaves a run of which nothing was begun`() async throws {
        try await onDesk { desk in
            let interruption = Interruption()
            desk.kube.change {
                $0.holds = { kube, request in
                    guard request.hasPrefix(Self.aSecret), Self.count(Self.aSecret, in: kube.asked) > 5 else {
                        return false
                    }
                    interruption.request("the test asked")
                    return !interruption.stop.isRequested
                }
            }
            let seen = await desk.run(switching, to(.privateAccess), interruption: interruption)
            #expect(seen.exitCode == .interrupted && seen.report == nil, "\(seen)")
            #expect(seen.failure?.problem.state.text(for: .kubectl) == "Nothing was changed.", "\(seen)")
            desk.expectUntouched()
            desk.expectTidy()
        }
    }

    @Test func `is made again where Secrets may have changed: a second run tries them anew`() async throws {
        try await onDesk { desk in
            #expect(await desk.run(switching, to(.privateAccess)).exitCode == .done)
            desk.kube.change { $0.denied = ["default/s3"] }
            let seen = await desk.run(switching, to(.publicAccess))
            #expect(seen.exitCode == .refused && seen.failure?.problem.id == "preflight", "\(seen)")
            #expect(desk.azure.read { $0.vaultAccess } == "Disabled")
        }
    }
}

@Suite struct `What is read for the plan` {
    @Test func `is not read again by the run`() async throws {
        try await onDesk { desk in
            let before = Mutex<[String]?>(nil)
            desk.azure.change {
                $0.instead = { azure, request in
                    if request == "PUT \(clusterID)" { before.withLock { $0 = $0 ?? azure.asked } }
                    return nil
                }
            }
            let kubeBefore = Mutex<[String]?>(nil)
            desk.kube.change {
                $0.before = { kube, _ in
                    guard kube.form == KubeDouble.plaintext else { return }
                    kubeBefore.withLock { $0 = $0 ?? kube.asked }
                }
            }
            #expect(await desk.run(switching, to(.privateAccess)).exitCode == .done)
            let kube = try #require(kubeBefore.withLock { $0 })
            #expect(kube.count { $0 == "GET /version" } == 1)
            #expect(kube.count { $0 == "GET /api/v1/secrets" } == 1)
            let reviews = kube.count { $0.hasSuffix("selfsubjectaccessreviews") }
            #expect(reviews == 13, "\(reviews)")
            let azure = try #require(before.withLock { $0 })
            let ending = azure.filter { $0.contains("roleAssignmentScheduleInstances") }
            #expect(ending.count == Set(ending).count)
            // By the finder; by the check right before the change.
            #expect(azure.count { $0 == "GET \(vaultID)" } == 2, "\(azure)")
            #expect(azure.count { $0.hasPrefix("GET \(vaultID)/keys/") && $0.contains("/versions/") } == 2)
        }
    }

    @Test func `is read again right before the change where others can change it`() async throws {
        try await onDesk { desk in
            #expect(await desk.run(switching, to(.privateAccess)).exitCode == .done)
            let azure = desk.azure.read { $0.asked }
            let put = try #require(azure.firstIndex(of: "PUT \(clusterID)"))
            let asked = Array(azure[..<put])
            let last = asked.suffix(12)
            for what in ["GET \(clusterID)", "GET \(vaultID)", "GET \(clusterID)\(access)/locks"] {
                #expect(last.contains(what), "\(what): \(last)")
            }
            #expect(last.contains { $0.hasPrefix("GET \(vaultID)/keys/") && $0.contains("/versions/") })
            #expect(last.contains { $0.contains("roleAssignments") })
        }
    }
}
