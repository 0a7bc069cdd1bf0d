import Azure
import JSON
import KubeAPI
import Preflight
import SecretRewrite
import TestDoubles
import Testing

@testable import PreflightReading

private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

@Suite struct TimestampTests {
    @Test func `times that Azure writes are read`() {
        #expect(Timestamp.iso8601("2026-11-24T00:00:00Z") == now)
        #expect(Timestamp.iso8601("2026-11-24T01:00:00.1234567+01:00") == now)
        #expect(Timestamp.iso8601("2026-11-24T00:00:00") == now)
        #expect(Timestamp.httpDate("Tue, 24 Nov 2026 00:00:00 GMT") == now)
        #expect(Timestamp.iso8601("2000-02-29T00:00:00Z") == 951_782_400)
    }

    @Test(arguments: ["", "2026-02-30T00:00:00Z", "2026-11-24", "2026-11-24T25:00:00Z", "2026-11-24T00:00:00.Z", "x"])
    func `other texts are no times`(_ text: String) {
        #expect(Timestamp.iso8601(text) == nil)
        #expect(Timestamp.httpDate(text) == nil)
    }
}

@Suite struct MaintenanceTests {
    private func next(_ schedule: String, hours: Int = 4, offset: String = "+00:00") throws -> Int64 {
        let window = """
            {"name":"w","properties":{"maintenanceWindow":{"schedule":\(schedule),"durationHours":\(hours),
             "utcOffset":"\(offset)","startDate":"2026-11-01","startTime":"02:00"}}}
            """
        return (try MaintenanceSchedule.nextWindow(of: try json(window), now: now).starts - now) / 3600
    }

    @Test func `the next window of each kind of schedule is found`() throws {
        #expect(try next(#"{"daily":{"intervalDays":1}}"#) == 2)
        // 2026-11-24 is a Tuesday.
        #expect(try next(#"{"weekly":{"intervalWeeks":1,"dayOfWeek":"Thursday"}}"#) == 50)
        #expect(try next(#"{"absoluteMonthly":{"intervalMonths":1,"dayOfMonth":31}}"#) == 6 * 24 + 2)
        #expect(
            try next(#"{"relativeMonthly":{"intervalMonths":1,"weekIndex":"Last","dayOfWeek":"Monday"}}"#) == 6 * 24 + 2
        )
        #expect(
            try next(#"{"relativeMonthly":{"intervalMonths":1,"weekIndex":"First","dayOfWeek":"Tuesday"}}"#)
                == 7 * 24 + 2)
        #expect(try next(#"{"daily":{"intervalDays":1}}"#, offset: "+01:00") == 1)
        // A window that began yesterday evening is still open.
        #expect(try next(#"{"daily":{"intervalDays":1}}"#, hours: 24) == -22)
    }

    @Test func `the older form by weekdays and hours is read`() throws {
        let text = #"{"name":"default","properties":{"timeInWeek":[{"day":"Tuesday","hourSlots":[5,1]}]}}"#
        #expect(try MaintenanceSchedule.nextWindow(of: try json(text), now: now).starts == now + 3600)
    }

    @Test(arguments: [
        #"{"name":"w","properties":{"maintenanceWindow":{"schedule":{},"durationHours":4,"startTime":"02:00"}}}"#,
        #"{"name":"w","properties":{"maintenanceWindow":{"schedule":{"daily":{"intervalDays":0}},"durationHours":4,"startTime":"02:00"}}}"#,
        #"{"name":"w","properties":{"maintenanceWindow":7}}"#, #"{"name":"w","properties":{}}"#, "{}",
        #"{"name":"w","properties":{"timeInWeek":[{"day":"Someday","hourSlots":[1]}]}}"#,
    ])
    func `a schedule that is not documented is an error`(_ text: String) throws {
        let document = try json(text)
        #expect(throws: Unreadable.self) { try MaintenanceSchedule.nextWindow(of: document, now: now) }
    }
}

@Suite struct PolicyQuestionTests {
    private let field = "Microsoft.KeyVault/vaults/publicNetworkAccess"

    private func found(_ restriction: String) throws -> [PreflightFacts.PolicyRestriction] {
        try PolicyQuestion.restrictions(
            in: try json(#"{"fieldRestrictions":[{"field":"\#(field)","restrictions":[\#(restriction)]}]}"#),
            wanted: [.open])
    }

    @Test func `a denied value, a required one and a removed one forbid what they leave out`() throws {
        #expect(
            try found(#"{"result":"Deny","values":["Enabled"],"policy":{"policyAssignmentId":"p"}}"#)
                == [.init(assignment: "p", effect: "deny", forbids: .open)])
        #expect(
            try found(#"{"result":"Required","values":["disabled"],"policy":{"policyAssignmentId":"p"}}"#)
                == [.init(assignment: "p", effect: "modify", forbids: .open)])
        #expect(try found(#"{"result":"Removed"}"#).map(\.forbids) == [.closed])
        #expect(try found(#"{"result":"Audit","values":["Enabled"]}"#) == [])
    }

    @Test func `a vault that a policy would deny as a whole counts`() throws {
        let answer = """
            {"fieldRestrictions":[],"contentEvaluationResult":{"policyEvaluations":[
             {"evaluationResult":"NonCompliant","policyInfo":{"policyAssignmentId":"p"}},
             {"evaluationResult":"NonCompliant","effectDetails":{"policyEffect":"Audit"}},
             {"evaluationResult":"Compliant"}]}}
            """
        #expect(
            try PolicyQuestion.restrictions(in: try json(answer), wanted: [.closed])
                == [.init(assignment: "p", effect: "deny", forbids: .closed)])
    }

    @Test func `an outcome that is not known is an error`() {
        #expect(throws: Unreadable.self) { try found(#"{"result":"Perhaps"}"#) }
    }
}

@Suite struct NetworkRuleTests {
    private func rule(_ name: String, _ priority: Int, _ access: String, _ destination: String, port: String = "*")
        throws
        -> NetworkRule
    {
        try NetworkRule(
            try json(
                """
                {"name":"\(name)","properties":{"priority":\(priority),"direction":"Outbound","access":"\(access)",
                 "protocol":"*","destinationPortRange":"\(port)","destinationAddressPrefix":"\(destination)"}}
                """))
    }

    @Test func `the first rule that fits decides`() throws {
        let deny = try rule("deny", 200, "Deny", "*")
        #expect(try NetworkRule.blocking([deny]) == ["deny"])
        #expect(
            try NetworkRule.blocking([deny, try rule("allow", 100, "Allow", "VirtualNetwork", port: "400-500")]) == [])
        #expect(try NetworkRule.blocking([deny, try rule("allow", 100, "Allow", "*", port: "80")]) == ["deny"])
    }

    @Test func `a rule against some addresses leaves it open`() throws {
        let deny = try rule("deny", 200, "Deny", "10.0.0.0/8")
        #expect(throws: Unreadable.self) { try NetworkRule.blocking([deny]) }
    }
}

@Suite struct MetricsSurveyTests {
    private func survey(_ text: String) -> MetricsSurvey {
        MetricsSurvey(samples: [ServerMetrics(parsing: Array(text.utf8))])
    }

    @Test func `resources that are encrypted besides Secrets are named`() throws {
        let line =
            #"apiserver_storage_transformation_operations_total{resource="configmaps",transformer_prefix="k8s:enc:kms:v2:p:",transformation_type="to_storage"} 1"#
        #expect(try survey(World.metrics + line + "\n").otherEncryptedResources() == ["configmaps"])
        #expect(try survey(World.metrics).otherEncryptedResources() == [])
        #expect(throws: Unreadable.self) { try survey("").otherEncryptedResources() }
    }

    @Test func `an earlier key that was read since is in use`() throws {
        let line =
            #"apiserver_envelope_encryption_key_id_hash_last_timestamp_seconds{key_id_hash="sha256:old",transformation_type="from_storage"} 1.7954784e+09"#
        #expect(try survey(World.metrics + line + "\n").previousKeyInUse(since: Double(now)))
        #expect(try !survey(World.metrics + line + "\n").previousKeyInUse(since: Double(now) + 600))
        #expect(throws: Unreadable.self) { try survey("").previousKeyInUse(since: 0) }
    }

    @Test func `an API server whose metrics were not seen leaves it open`() throws {
        var survey = survey(World.metrics)
        survey.leases = ["sha256:r", "sha256:other"]
        #expect(throws: Unreadable.self) { try survey.previousKeyInUse(since: Double(now)) }
        #expect(try survey.replicas() == 2)
    }
}

@Suite struct AutoscalerStatusTests {
    @Test func `pools to which nodes are added are named in both forms`() {
        let yaml = """
            clusterWide:
              scaleUp:
                status: InProgress
            nodeGroups:
            - name: aks-np1-1-vmss
              health:
                status: Healthy
              scaleUp:
                status: InProgress
              scaleDown:
                status: NoCandidates
            - name: aks-np2-1-vmss
              scaleUp:
                status: NoActivity
            """
        #expect(AutoscalerStatus.groupsScalingUp(yaml) == ["aks-np1-1-vmss"])
        let plain = """
            Cluster-wide:
              ScaleUp:     InProgress (ready=2)
            NodeGroups:
              Name:        aks-np1-1-vmss
              ScaleUp:     NoActivity (ready=1)
              Name:        aks-np2-1-vmss
              ScaleUp:     InProgress (ready=1)
            """
        #expect(AutoscalerStatus.groupsScalingUp(plain) == ["aks-np2-1-vmss"])
    }
}
