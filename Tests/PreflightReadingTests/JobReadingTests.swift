import Azure
import AzureResources
import HTTP
import JSON
import Preflight
import TestDoubles
import Testing

@testable import PreflightReading

@Suite struct JobReadingTests {
    @Test(arguments: PreflightJob.allCases, NetworkMode.allCases)
    func `every check of a job passes in a world without fault`(_ job: PreflightJob, _ target: NetworkMode) async throws
    {
        let world = World(job, to: target)
        let report = PreflightReport.full(try await world.full())
        let others = report.checks.filter { ![.ok, .notApplicable].contains($0.verdict) }
        #expect(others.isEmpty, "\(others.map { "\($0.id): \($0.reason)" })")
        #expect(Set(world.arm.asked).count == world.arm.asked.count, "\(world.arm.asked.sorted())")
    }

    @Test(arguments: PreflightJob.allCases)
    func `before the key changes all is read that its checks need, and little is asked`(
        _ job: PreflightJob
    ) async throws {
        let world = World(job)
        let facts = try await world.reader().critical(before: .changeKey, try world.question())
        let report = PreflightReport.critical(before: .changeKey, facts)
        let unread = report.checks.filter { $0.verdict == .unknown }
        #expect(unread.isEmpty, "\(unread.map { "\($0.id): \($0.reason)" })")
        #expect(world.arm.asked.count <= 11, "\(world.arm.asked)")
    }

    @Test func `Azure's key for a cluster without one of a vault asks nothing of a vault`() async throws {
        let world = World(.toPlatformKey)
        world.arm.route(
            "GET \(clusterID)", world.clusterText { $0.replace(#""enabled":true"#, with: #""enabled":false"#) })
        var question = try world.question()
        question.subject.vault = nil
        question.subject.keyID = ""
        let report = PreflightReport.full(try await world.reader().full(question))
        #expect(report.verdict == .ok, "\(report.checks.filter { $0.verdict != .ok }.map { "\($0.id): \($0.reason)" })")
        #expect(!world.arm.asked.contains { $0.contains(vaultID) || $0.contains("PolicyInsights") })
        #expect(world.arm.asked.contains { $0.hasPrefix("GET \(identityID)") }, "the cluster is written all the same")
    }

    @Test func `the key in use may be in the vault that the profile names`() async throws {
        let world = World(.toCustomerKey, to: .publicAccess)
        let other = vaultID.replacing("vaults/kv1", with: "vaults/kv2")
        world.arm.route(
            "GET \(clusterID)",
            world.clusterText {
                $0.replace(keyID, with: keyID.replacing("kv1", with: "kv2"))
                $0.replace(
                    #""keyVaultNetworkAccess""#, with: #""keyVaultResourceId":"\#(other)","keyVaultNetworkAccess""#)
            })
        world.arm.route("GET \(other)/keys/kms/versions/\(keyVersion)", 404, #"{"error":{"code":"KeyNotFound"}}"#)
        #expect(try await world.verdict("present-key") == .refuse)
        #expect(try await world.verdict("vault-owns-key") == .ok)
        world.arm.route(
            "GET \(clusterID)", world.clusterText { $0.replace(keyID, with: keyID.replacing("kv1", with: "kv2")) })
        let check = try await world.check("present-key")
        #expect(check.verdict == .unknown && !check.blocks)
    }

    @Test(
        arguments: [
            (403, "ForbiddenByConnection", .refuse), (403, "ForbiddenByFirewall", .refuse), (403, "AccessDenied", .ok),
            (500, "Oops", .unknown),
        ] as [(Int, String, CheckVerdict)])
    func `the vault's endpoint is asked before it is to make a version`(
        _ status: Int, _ code: String, _ verdict: CheckVerdict
    ) async throws {
        var world = World(.legacyRotation, to: .publicAccess)
        #expect(try await world.verdict("vault-lets-you-in") == .notApplicable)
        #expect(!world.arm.asked.contains("GET /keys/kms"))
        world.strategy.makesKeyVersion = true
        world.wantedKeyID = versionlessKeyID
        world.arm.route("GET \(keyScope)", #"{"properties":{"kty":"RSA","keyOps":["encrypt","decrypt"]}}"#)
        world.routeDoor(status, code)
        #expect(try await world.verdict("vault-lets-you-in") == verdict)
    }

    @Test func `a system-assigned identity has roles on the new experience`() async throws {
        let world = World(.newSwitch)
        let text = world.clusterText {
            $0.replace(
                #""type":"UserAssigned""#, with: #""type":"SystemAssigned","principalId":"\#(principal)""#)
            $0.replace("/\(keyVersion)", with: "")
            $0.replace(
                #""securityProfile":{"#,
                with:
                    #""securityProfile":{"kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Enabled"},"#
            )
        }
        world.arm.route("GET \(clusterID)", text)
        #expect(try await world.verdict("identity-user-assigned") == .warn)
        #expect(try await world.verdict("identity-encrypt-decrypt") == .ok)
        world.routeRoles()
        #expect(try await world.verdict("identity-encrypt-decrypt") == .refuse)
    }
}

@Suite struct PolicyOfTheNewExperienceTests {
    private func vault(_ rules: String) throws -> Vault {
        try Vault(
            try JSONValue(
                parsing: Array(
                    World().vaultText {
                        $0.replace(#""accessPolicies":[]"#, with: #""accessPolicies":[],"networkAcls":\#(rules)"#)
                    }.utf8)))
    }

    @Test func `is asked about the vault as it would be`() throws {
        let body = PolicyQuestion.body(
            about: try vault(#"{"bypass":"None","defaultAction":"Allow","ipRules":[{"value":"1.2.3.4"}]}"#),
            wanted: [.trustServices, .denyNetworks])
        let rules = body[path: "resourceDetails", "resourceContent", "properties", "networkAcls"]
        #expect(rules?["bypass"] == .string("AzureServices") && rules?["defaultAction"] == .string("Deny"))
        #expect(rules?["ipRules"]?.array?.count == 1)
        #expect(
            body[path: "resourceDetails", "resourceContent", "properties", "publicNetworkAccess"]?.string == "Enabled")
        #expect(
            body["pendingFields"]?.array?.compactMap { $0["field"]?.string }
                == ["Microsoft.KeyVault/vaults/networkAcls.defaultAction"])
    }

    @Test func `tells the firewall's action from the public network`() throws {
        let answer = try JSONValue(
            parsing: Array(
                """
                {"fieldRestrictions":[
                 {"field":"Microsoft.KeyVault/vaults/networkAcls.defaultAction","restrictions":[
                  {"result":"Required","values":["Deny"],"policy":{"policyAssignmentId":"p"}}]},
                 {"field":"Microsoft.KeyVault/vaults/publicNetworkAccess","restrictions":[
                  {"result":"Deny","values":["Enabled"],"policy":{"policyAssignmentId":"q"}}]}]}
                """.utf8))
        #expect(
            try PolicyQuestion.restrictions(in: answer, wanted: [.open, .allowNetworks]) == [
                .init(assignment: "p", effect: "modify", forbids: .allowNetworks),
                .init(assignment: "q", effect: "deny", forbids: .open),
            ])
        // What is not set is not asked about.
        #expect(try PolicyQuestion.restrictions(in: answer, wanted: [.trustServices]) == [])
    }

    @Test func `counts a denial of the whole for what is set first`() throws {
        let answer = try JSONValue(
            parsing: Array(
                """
                {"fieldRestrictions":[],"contentEvaluationResult":{"policyEvaluations":[
                 {"evaluationResult":"NonCompliant","policyInfo":{"policyAssignmentId":"p"}}]}}
                """.utf8))
        #expect(
            try PolicyQuestion.restrictions(in: answer, wanted: [.trustServices, .closed])
                == [.init(assignment: "p", effect: "deny", forbids: .trustServices)])
    }

    @Test func `is not asked where nothing of the vault is set`() async throws {
        let world = World(.legacyRotation)
        _ = try await world.full()
        #expect(!world.arm.asked.contains("POST \(restrictionsPath)"))
    }
}
