import Azure
import Preflight
import TestDoubles
import Testing

@testable import PreflightReading

/// Members that Azure leaves out of real answers; what is absent then is no reason to refuse.
@Suite struct AbsentMemberTests {
    private func report(_ change: (inout String) -> Void) async throws -> (PreflightFacts, PreflightReport) {
        let world = World()
        world.arm.route("GET \(clusterID)", world.clusterText(change))
        let facts = try await world.full()
        return (facts, PreflightReport.full(facts))
    }

    @Test func `a cluster without node pools of its own, as Azure hosts them, may be switched`() async throws {
        let (facts, report) = try await report { text in
            text.replace(
                #""agentPoolProfiles":[{"name":"np1","count":3,"enableAutoScaling":true,"#, with: #""hosted":[{"x":1,"#)
        }
        #expect(facts.cluster.agentPools == .known([]) && report.blockers.isEmpty)
        #expect(report.checks.first { $0.id == "node-count" }?.verdict == .notApplicable)
    }

    @Test func `a cluster without a power state is not a stopped one`() async throws {
        let (facts, report) = try await report { $0.replace(#""powerState":{"code":"Running"},"#, with: "") }
        #expect(facts.cluster.powerState == .known("Running") && report.blockers.isEmpty)
    }

    @Test func `a KMS without a network access is Public, which is Azure's default`() async throws {
        let (facts, report) = try await report { $0.replace(#","keyVaultNetworkAccess":"Public""#, with: "") }
        #expect(facts.cluster.kms.value?.mode == .publicAccess && report.blockers.isEmpty)
    }

    @Test func `maintenance that is to begin in a hundred years is told and near to nothing`() async throws {
        let world = World()
        world.arm.route(
            "GET \(clusterID)/maintenanceConfigurations",
            #"{"value":[{"name":"w","properties":{"maintenanceWindow":{"schedule":{"weekly":{"intervalWeeks":3,"#
                + #""dayOfWeek":"Friday"}},"durationHours":8,"startDate":"2123-01-01","startTime":"00:00"}}}]}"#)
        let report = PreflightReport.full(try await world.full())
        #expect(report.checks.first { $0.id == "maintenance-window" }?.verdict == .ok)
    }
}
