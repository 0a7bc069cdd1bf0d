import Azure
import HTTP
import Preflight
import TestDoubles
import Testing

@testable import PreflightReading

@Suite struct PreflightReaderTests {
    @Test func `every check passes in a world without fault`() async throws {
        let report = PreflightReport.full(try await World().full())
        let others = report.checks.filter { ![.ok, .notApplicable, .warn].contains($0.verdict) }
        #expect(others.isEmpty, "\(others.map { "\($0.id): \($0.reason)" })")
        #expect(report.checks.filter { $0.verdict == .warn }.isEmpty)
    }

    @Test func `the way to Public asks for nothing that only Private needs`() async throws {
        var world = World()
        world.target = .publicAccess
        world.arm.route("GET \(clusterID)", world.clusterText { $0.replace("\"Public\"", with: "\"Private\"") })
        world.arm.route("GET \(vaultID)", world.vaultText { $0.replace("\"Enabled\"", with: "\"Disabled\"") })
        let report = PreflightReport.full(try await world.full())
        #expect(report.blockers.isEmpty, "\(report.blockers.map { "\($0.id): \($0.reason)" })")
        #expect(!world.arm.asked.contains { $0.contains("diskEncryptionSets") })
    }

    @Test(arguments: PreflightStep.allCases)
    func `each step reads all that its checks need`(_ step: PreflightStep) async throws {
        let world = World()
        let facts = try await world.reader().critical(before: step, try world.question())
        let report = PreflightReport.critical(before: step, facts)
        let unread = report.checks.filter { $0.verdict == .unknown }
        #expect(unread.isEmpty, "\(unread.map { "\($0.id): \($0.reason)" })")
    }

    @Test func `a whole look asks for everything once`() async throws {
        let world = World()
        _ = try await world.full()
        let asked = world.arm.asked
        #expect(Set(asked).count == asked.count, "\(asked.sorted())")
        #expect(asked.count <= 21, "\(asked.count)")
    }

    /// Azure gives each cluster a bucket of reads, which preflight shares with the run that follows.
    @Test(
        arguments: [(.disable, 10), (.changeKey, 10), (.openVault, 2), (.closeVault, 2), (.enable, 6)]
            as [(PreflightStep, Int)])
    func `before a step little is asked of Azure`(_ step: PreflightStep, _ most: Int) async throws {
        let world = World()
        _ = try await world.reader().critical(before: step, try world.question())
        let asked = world.arm.asked
        #expect(asked.count <= most, "\(asked)")
        #expect(Set(asked).count == asked.count)
        if step == .openVault { #expect(world.kube.asked.isEmpty) }
    }

    @Test func `a preflight only asks`() async throws {
        let world = World()
        world.kube.route("PATCH /api/v1/namespaces/default/secrets/a") { request in
            #expect(request.url.contains("dryRun=All"))
            return HTTPResponse(status: 200, body: Array(world.table("a").utf8))
        }
        world.kube.route("POST /api/v1/namespaces/kube-system/secrets") { request in
            #expect(request.url.contains("dryRun=All"))
            return HTTPResponse(status: 201, body: Array(world.table("p").utf8))
        }
        _ = try await world.full()
        let changes = world.arm.asked.filter { !$0.hasPrefix("GET ") }
        #expect(Set(changes) == ["POST \(restrictionsPath)"])
    }

    /// Whatever Azure refuses, the facts say so and preflight goes on.
    @Test(arguments: World().arm.routes.filter { !$0.contains("operations/latest") })
    func `a 403 from Azure makes a fact unreadable`(_ route: String) async throws {
        let world = World()
        let good = PreflightReport.full(try await world.full())
        world.arm.route(route, 403, #"{"error":{"code":"AuthorizationFailed","message":"not you"}}"#)
        let report = PreflightReport.full(try await world.full())
        #expect(report.checks.count == good.checks.count)
        let changed = report.checks.filter { $0.verdict != .ok && $0.verdict != .notApplicable }
        #expect(!changed.isEmpty)
        #expect(changed.allSatisfy { $0.verdict == .unknown || $0.verdict == .warn }, "\(changed.map(\.reason))")
    }

    @Test(arguments: World().kube.routes.filter { !$0.contains("leases") })
    func `a 403 from the API server is never taken for good`(_ route: String) async throws {
        let world = World()
        world.kube.route(route, 403, world.status(403, "user cannot do it"))
        let report = PreflightReport.full(try await world.full())
        #expect(report.checks.contains { [.unknown, .warn, .refuse].contains($0.verdict) })
    }

    @Test(
        arguments: World().arm.routes,
        ["[]", "{}", "not JSON", #"{"value":7}"#, #"{"value":[7]}"#, #"{"properties":[]}"#])
    func `an answer of another type is neither a crash nor taken for good`(
        _ route: String, _ body: String
    ) async throws {
        let world = World()
        world.arm.route(route, body)
        let report = PreflightReport.full(try await world.full())
        #expect(report.checks.count == PreflightCheck.all.filter { $0.jobs.contains(.legacySwitch) }.count)
        #expect(report.checks.contains { [.unknown, .warn, .refuse].contains($0.verdict) })
    }

    @Test func `members of wrong types are unreadable and not their defaults`() async throws {
        let world = World()
        world.arm.route(
            "GET \(vaultID)",
            world.vaultText {
                $0.replace("\"publicNetworkAccess\":\"Enabled\"", with: "\"publicNetworkAccess\":1")
                $0.replace("\"enableRbacAuthorization\":true", with: "\"enableRbacAuthorization\":\"true\"")
            })
        world.arm.route(
            "GET \(clusterID)", world.clusterText { $0.replace("\"subnetId\":\"\"", with: "\"subnetId\":[]") })
        let facts = try await world.full()
        #expect(facts.vault.access.value == nil)
        #expect(facts.vault.rbacAuthorization.value == nil)
        #expect(facts.cluster.blockingNetworkRules.value == nil)
        #expect(facts.identity.accessPolicies.value == [])
    }

    @Test func `a vault's access that is not known is told and taken for neither`() async throws {
        let world = World()
        world.arm.route(
            "GET \(vaultID)",
            world.vaultText {
                $0.replace("\"publicNetworkAccess\":\"Enabled\"", with: "\"publicNetworkAccess\":\"Sometimes\"")
            })
        let report = PreflightReport.full(try await world.full())
        let check = try #require(report.checks.first { $0.id == "vault-network-mode" })
        #expect(check.verdict == .unknown && check.blocks)
        #expect(check.reason.contains("vault kv1 has the public network access Sometimes"))
    }

    @Test func `connections of others neither count nor are named`() async throws {
        let world = World()
        let all = [connectionText("mine", nodeGroup, "Approved"), connectionText("theirs", "apps", "Pending")]
        world.arm.route(
            "GET \(vaultID)",
            world.vaultText {
                $0.replace(
                    #""accessPolicies":[]"#,
                    with: #""accessPolicies":[],"privateEndpointConnections":[\#(all.joined(separator: ","))]"#)
            })
        let facts = try await world.full()
        #expect(facts.vault.ownConnections.value?.map(\.id) == ["\(vaultID)/privateEndpointConnections/mine"])
        let none = PreflightReport.full(facts).checks.first { $0.id == "private-endpoint-connections" }
        #expect(none?.verdict == .ok)
    }

    @Test func `without an API server the rest is read all the same`() async throws {
        let world = World()
        let reader = try world.reader()
        let alone = PreflightReader(arm: reader.arm, kube: .unreadable("no kubeconfig"), clock: reader.clock)
        let facts = await alone.full(try world.question())
        #expect(facts.kubernetes.serverVersion == .unreadable("no kubeconfig"))
        #expect(facts.kubernetes.dryRun == .unreadable("no kubeconfig"))
        #expect(facts.cluster.tenant == .known(tenant))
    }
}
