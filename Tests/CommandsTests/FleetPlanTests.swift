import Azure
import Console
import ModeSwitch
import Plan
import Report
import TestDoubles
import Testing
import Usage

@testable import Commands

private let subscriptionID = "5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11"

@Suite struct `The plan for a fleet` {
    private static func cluster(
        _ name: String, _ way: FleetPlan.Cluster.Way, stage: String = "", plan: SwitchPlan? = nil
    ) throws -> FleetPlan.Cluster {
        FleetPlan.Cluster(
            cluster: try AzureResourceID.managedCluster(subscription: subscriptionID, resourceGroup: "g", name: name),
            stage: stage, way: way, plan: plan, target: "Private")
    }

    private static func switchPlan(encryption: String = "on, Public (legacy KMS)", eTag: String = "1") -> SwitchPlan {
        let intent = makeIntent()
        var facts = makeFacts(intent, eTag: eTag)
        facts.encryption = encryption
        return Plan.plan(for: intent, facts)
    }

    private func fleet(_ clusters: [FleetPlan.Cluster], parallel: Int = 2) -> FleetPlan {
        FleetPlan(
            command: "switch", parallel: parallel, stages: [FleetPlan.Stage(name: "", pause: 0)], clusters: clusters,
            sharedVaults: [])
    }

    @Test func `is agreed to with the number of clusters that will be changed, and with nothing else`() throws {
        let plan = fleet([try Self.cluster("a", .begin), try Self.cluster("b", .resume), try Self.cluster("c", .done)])
        #expect(plan.agrees("2") && plan.agrees(" 2\n"))
        for answer in ["", "yes", "3", "2 2", "02", nil] { #expect(!plan.agrees(answer), "\(answer ?? "nil")") }
        #expect(plan.prompt.hasSuffix("\nType the number of clusters to begin: "))
    }

    @Test func `has the id of what it does: another state or another way is another plan`() throws {
        let one = fleet([try Self.cluster("a", .begin, plan: Self.switchPlan())])
        #expect(one.planID == fleet([try Self.cluster("A", .begin, plan: Self.switchPlan())], parallel: 9).planID)
        #expect(one.planID != fleet([try Self.cluster("a", .done, plan: Self.switchPlan())]).planID)
        #expect(one.planID != fleet([try Self.cluster("a", .begin, plan: Self.switchPlan(eTag: "2"))]).planID)
        #expect(one.planID != fleet([try Self.cluster("a", .begin, stage: "x", plan: Self.switchPlan())]).planID)
    }

    @Test func `takes as long as its clusters do side by side`() throws {
        let plan = Self.switchPlan()
        let one = plan.steps.reduce(0) { $0 + $1.expectedSeconds }
        let three = try ["a", "b", "c"].map { try Self.cluster($0, .begin, plan: plan) }
        #expect(fleet(three, parallel: 3).expectedSeconds == one)
        #expect(fleet(three, parallel: 2).expectedSeconds == 2 * one)
        #expect(fleet([try Self.cluster("a", .done, plan: plan)]).expectedSeconds == 0)
    }

    @Test func `says a warning once, however many keys it names`() throws {
        let clusters = try ["a", "b"].map { try Self.cluster($0, .begin, plan: Self.switchPlan()) }
        let shown = text(of: fleet(clusters).sections, width: nil)
        #expect(shown.contains("! Its key is still needed afterwards"), "\(shown)")
        #expect(shown.ranges(of: "is still needed afterwards").count == 1)
        #expect(shown.contains("(2 clusters)"))
    }

    @Test func `does not hold for a cluster that changed since, and does where another one opened the vault`() {
        let agreed = Self.switchPlan()
        #expect(Self.switchPlan(eTag: "7").difference(from: agreed) == nil)
        #expect(Self.switchPlan(encryption: "customer key").difference(from: agreed)?.contains("customer key") == true)
        var other = agreed
        other.vault += "2"
        #expect(other.difference(from: agreed) == "the key's vault is another one now")
        other = agreed
        other.strategy = .secondVault
        #expect(other.difference(from: agreed) == "it goes another way now")
        other = agreed
        other.exposureSeconds = agreed.exposureSeconds * 3
        #expect(other.difference(from: agreed) == "Secrets would be exposed for longer")
    }
}

@Suite struct `The report of a fleet` {
    private func report(_ states: [FleetReport.Cluster.State], _ atRest: [SecretsAtRest]) throws -> FleetReport {
        let clusters = try zip(states, atRest).enumerated().map { index, pair in
            FleetReport.Cluster(
                cluster: try AzureResourceID.managedCluster(
                    subscription: subscriptionID, resourceGroup: "g", name: "c\(index)"),
                stage: "", state: pair.0, exitCode: nil, secretsAtRest: pair.1, words: "")
        }
        return FleetReport(fleetID: nil, command: "switch", verdict: "", clusters: clusters, unreadable: [])
    }

    @Test func `says first what is worst, and calls nothing done that is not`() throws {
        let summary = try report(
            [.done, .notStarted, .exposed, .doneBefore, .failed],
            [.encrypted, .unknown, .plaintext, .unknown, .encrypted]
        ).summary
        #expect(
            summary
                == "2 of 5 clusters done, 1 with Secrets that are or may be PLAINTEXT, 1 failed, 1 not started")
    }

    @Test func `is encrypted only where every cluster is`() throws {
        let two: [FleetReport.Cluster.State] = [.done, .done]
        #expect(try report(two, [.encrypted, .encrypted]).secretsAtRest == .encrypted)
        #expect(try report(two, [.encrypted, .unknown]).secretsAtRest == .unknown)
        #expect(try report(two, [.encrypted, .plaintext]).secretsAtRest == .mixed)
        #expect(try report(two, [.plaintext, .plaintext]).secretsAtRest == .plaintext)
    }
}
