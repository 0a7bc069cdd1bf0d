import Fleet
import ModeSwitch
import Testing

@testable import Azure

private func vault(_ name: String) -> AzureResourceID {
    AzureResourceID(
        checked: "5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11", resourceGroup: "rg", provider: "Microsoft.KeyVault",
        segments: ["vaults", name])
}

@Suite struct `The order of a fleet` {
    @Test func `begins as many as may run at a time, and one more for each that ends`() {
        var fleet = FleetSchedule(
            (0..<5).map { FleetMember(cluster: cluster("c\($0)")) }, parallel: 2, keepsGoing: false)
        #expect(fleet.begin(stage: 0) == [0, 1] && fleet.begin(stage: 0) == [])
        fleet.ended(1, .done)
        #expect(fleet.begin(stage: 0) == [2])
        #expect(!fleet.isOver(stage: 0))
    }

    @Test func `begins nothing after a failure, and lets what runs end`() {
        var fleet = FleetSchedule(
            (0..<4).map { FleetMember(cluster: cluster("c\($0)")) }, parallel: 2, keepsGoing: false)
        _ = fleet.begin(stage: 0)
        fleet.ended(0, .refused)
        #expect(fleet.begin(stage: 0) == [] && !fleet.isOver(stage: 0))
        fleet.ended(1, .done)
        #expect(fleet.isOver(stage: 0) && fleet.states[2] == .waiting)
    }

    @Test func `goes on after a failure where that was asked for`() {
        var fleet = FleetSchedule(
            (0..<3).map { FleetMember(cluster: cluster("c\($0)")) }, parallel: 1, keepsGoing: true)
        _ = fleet.begin(stage: 0)
        fleet.ended(0, .failed)
        #expect(fleet.begin(stage: 0) == [1])
    }

    @Test func `has a vault closed only when all that use it are as far, and they hold no place meanwhile`() {
        let members = (0..<3).map { FleetMember(cluster: cluster("c\($0)"), closes: vault("kv")) }
        var fleet = FleetSchedule(members, parallel: 1, keepsGoing: false)
        for index in 0..<3 {
            #expect(fleet.begin(stage: 0) == [index])
            #expect(fleet.door(of: index) != .open || index == 2)
            fleet.arrived(index)
        }
        #expect((0..<3).allSatisfy { fleet.door(of: $0) == .open })
        fleet.ended(0, .done)
        #expect(fleet.door(of: 1) == .open)
    }

    @Test func `keeps a vault open for good where one of those that use it failed or never began`() {
        let members = (0..<3).map { FleetMember(cluster: cluster("c\($0)"), closes: vault("kv")) }
        var fleet = FleetSchedule(members, parallel: 2, keepsGoing: false)
        _ = fleet.begin(stage: 0)
        fleet.arrived(0)
        #expect(fleet.door(of: 0) == .closed(waitingFor: [cluster("c1"), cluster("c2")]))
        fleet.ended(1, .failed)
        #expect(fleet.door(of: 0) == .never([cluster("c1"), cluster("c2")]))
    }

    @Test func `asks nobody about a vault of one cluster alone`() {
        let fleet = FleetSchedule(
            [
                FleetMember(cluster: cluster("a"), closes: vault("x")),
                FleetMember(cluster: cluster("b"), closes: vault("y")),
            ],
            parallel: 1, keepsGoing: false)
        #expect(fleet.door(of: 0) == .open && fleet.peers(of: 0).isEmpty)
    }

    @Test func `lets one make the version of a shared key before the others rotate to it`() {
        let members = [
            FleetMember(cluster: cluster("a")), FleetMember(cluster: cluster("b"), follows: 0),
            FleetMember(cluster: cluster("c")),
        ]
        var fleet = FleetSchedule(members, parallel: 3, keepsGoing: true)
        #expect(fleet.begin(stage: 0) == [0, 2])
        fleet.ended(0, .done)
        #expect(fleet.begin(stage: 0) == [1])
        var failed = FleetSchedule(members, parallel: 3, keepsGoing: true)
        _ = failed.begin(stage: 0)
        failed.ended(0, .failed)
        failed.ended(2, .done)
        #expect(failed.begin(stage: 0) == [] && failed.isOver(stage: 0))
    }

    @Test func `begins first where Secrets are exposed, whatever the stage and whatever failed`() {
        var members = (0..<3).map { FleetMember(cluster: cluster("c\($0)")) }
        members.append(FleetMember(cluster: cluster("later"), stage: 1, isExposed: true))
        var fleet = FleetSchedule(members, parallel: 1, keepsGoing: false)
        #expect(fleet.begin(stage: 0) == [3])
        fleet.ended(3, .failed)
        #expect(fleet.begin(stage: 0) == [] && fleet.isOver(stage: 0))
        members.append(FleetMember(cluster: cluster("too"), isExposed: true))
        fleet = FleetSchedule(members, parallel: 1, keepsGoing: false)
        #expect(fleet.begin(stage: 0) == [3])
        fleet.ended(3, .failed)
        #expect(!fleet.isOver(stage: 0) && fleet.begin(stage: 0) == [4])
        fleet = FleetSchedule(members, parallel: 1, keepsGoing: true)
        fleet.interrupt()
        #expect(fleet.begin(stage: 0) == [] && fleet.isOver(stage: 0) && fleet.isOver(stage: 1))
    }

    @Test func `does not wait for a cluster of a later stage that itself waits for that stage`() {
        let members = [
            FleetMember(cluster: cluster("early")),
            FleetMember(cluster: cluster("a"), stage: 1, closes: vault("kv"), isExposed: true),
            FleetMember(cluster: cluster("b"), stage: 1, closes: vault("kv")),
        ]
        var fleet = FleetSchedule(members, parallel: 2, keepsGoing: false)
        #expect(fleet.begin(stage: 0) == [1, 0])
        fleet.ended(0, .done)
        #expect(!fleet.isOver(stage: 0))
        fleet.arrived(1)
        #expect(fleet.isOver(stage: 0) && fleet.door(of: 1) == .closed(waitingFor: [cluster("b")]))
        #expect(fleet.begin(stage: 1) == [2])
        fleet.arrived(2)
        #expect(fleet.door(of: 1) == .open && !fleet.isOver(stage: 1))
    }

    @Test func `ends with the worst code`() {
        #expect(ExitCode.worst([]) == .done)
        #expect(ExitCode.worst([.done, .doneWithFailures]) == .doneWithFailures)
        #expect(ExitCode.worst([.refused, .stoppedInPlaintext, .interrupted]) == .stoppedInPlaintext)
        #expect(ExitCode.worst([.failed, .interrupted]) == .interrupted)
    }
}
