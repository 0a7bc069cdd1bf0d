import Azure
import AzureResources
import HTTP
import JSON
import Preflight
import TestDoubles
import Testing

@testable import PreflightReading

private let resourceGroup = "/subscriptions/\(subscription)/resourceGroups/g"

extension World {
    /// Whatever is asked of the subscription itself, or of policies and schedules, is refused.
    func refuseTheSubscription() {
        let refusal = #"{"error":{"code":"AuthorizationFailed","message":"no right at this scope"}}"#
        for route in arm.routes {
            let path = String(route.dropFirst("GET ".count).prefix { $0 != "?" })
            let isBelow = path.hasPrefix(resourceGroup)
            if !isBelow || route.contains("checkPolicyRestrictions") || route.contains("ScheduleInstances") {
                arm.route(route, 403, refusal)
            }
        }
    }

    func check(_ id: String) async throws -> CheckResult {
        try #require(PreflightReport.full(try await full()).checks.first { $0.id == id })
    }

    func verdict(_ id: String) async throws -> CheckVerdict { try await check(id).verdict }

    func routeRoles(_ assignments: String...) {
        arm.route("GET \(keyScope)\(access)/roleAssignments", #"{"value":[\#(assignments.joined(separator: ","))]}"#)
    }
}

@Suite struct RightsTests {
    @Test func `roles on one group and on the vault are enough for a switch`() async throws {
        var world = World()
        world.tokenTenant = tenant
        world.refuseTheSubscription()
        let report = PreflightReport.full(try await world.full())
        #expect(report.blockers == [])
        func named(_ verdict: CheckVerdict) -> Set<String> {
            Set(report.checks.filter { $0.verdict == verdict }.map(\.id))
        }
        #expect(
            named(.unknown) == [
                "rights-last", "policy-restrictions", "other-consumers", "clock-skew",
            ])
        #expect(named(.warn) == ["shared-vault"])
        for check in report.checks where check.verdict != .ok && check.verdict != .notApplicable {
            #expect(!check.remedy.isEmpty, "\(check.id)")
        }
        let shared = try #require(report.checks.first { $0.id == "shared-vault" })
        #expect(shared.reason.contains("other subscriptions") && shared.reason.contains(subscription))
    }

    @Test func `another tenant's token proves nothing of the cluster's tenant`() async throws {
        var world = World()
        world.tokenTenant = "00000000-0000-4000-8000-0000000000ee"
        world.refuseTheSubscription()
        let check = try await world.check("vault-tenant")
        #expect(check.verdict == .unknown && !check.blocks)
    }

    @Test func `a role on the key itself counts for the key and not for the vault`() async throws {
        var world = World()
        world.routeRoles(world.assignment(cryptoUser, at: keyScope))
        #expect(try await world.verdict("identity-encrypt-decrypt") == .ok)
        #expect(try await world.verdict("identity-approves-endpoint") == .refuse)
        world.routeRoles(world.assignment(cryptoUser, at: keyScope), world.assignment(contributor))
        #expect(try await world.verdict("identity-approves-endpoint") == .ok)
        world.target = .publicAccess
        world.routeRoles(world.assignment(cryptoUser, at: "\(keyScope)x"))
        #expect(try await world.verdict("identity-encrypt-decrypt") == .refuse)
    }

    @Test(arguments: [
        resourceGroup, "/subscriptions/\(subscription)", "/",
        "/providers/Microsoft.Management/managementGroups/root",
    ])
    func `a role is inherited from whatever holds the vault`(_ scope: String) async throws {
        let world = World()
        world.routeRoles(world.assignment(cryptoUser, at: scope), world.assignment(contributor, at: scope))
        #expect(try await world.verdict("identity-encrypt-decrypt") == .ok)
        #expect(try await world.verdict("identity-approves-endpoint") == .ok)
    }

    @Test func `without a key the vault's own roles are looked at`() async throws {
        let world = World()
        let roles = #"{"value":[\#(world.assignment(cryptoUser)),\#(world.assignment(contributor))]}"#
        world.arm.route("GET \(keyScope)\(access)/roleAssignments", 404, #"{"error":{"code":"ResourceNotFound"}}"#)
        world.arm.route("GET \(vaultID)\(access)/roleAssignments", roles)
        #expect(try await world.verdict("identity-encrypt-decrypt") == .ok)
    }

    @Test func `a role whose definition cannot be read, or with a condition, proves nothing and refuses nothing`()
        async throws
    {
        let world = World()
        world.kube.route("GET /readyz", 403, world.status(403, "user cannot do it"))
        world.arm.route("GET \(vaultID)\(access)/roleDefinitions/\(cryptoUser)", 403, "{}")
        #expect(try await world.verdict("identity-encrypt-decrypt") == .unknown)
        world.routeRoles(
            world.assignment(cryptoUser, condition: #""@Resource""#),
            world.assignment(contributor, condition: #""@Resource""#))
        #expect(try await world.verdict("identity-encrypt-decrypt") == .unknown)
        #expect(try await world.verdict("identity-approves-endpoint") == .unknown)
        world.kube.route("GET /readyz", "[+]ping ok\n")
        #expect(try await world.verdict("identity-encrypt-decrypt") == .warn, "KMS works with the key")
    }

    @Test func `an access policy counts by its object, and not with an application`() async throws {
        let world = World()
        world.kube.route("GET /readyz", 403, world.status(403, "user cannot do it"))
        func route(_ policies: String) {
            world.arm.route(
                "GET \(vaultID)",
                world.vaultText {
                    $0.replace("\"enableRbacAuthorization\":true,", with: "")
                    $0.replace("\"accessPolicies\":[]", with: "\"accessPolicies\":[\(policies)]")
                })
        }
        let permissions = #""permissions":{"keys":["Encrypt","decrypt"]}"#
        route(#"{"objectId":"\#(principal.uppercased())",\#(permissions)}"#)
        #expect(try await world.verdict("identity-encrypt-decrypt") == .ok)
        route(#"{"objectId":"\#(principal)","applicationId":"a",\#(permissions)}"#)
        #expect(try await world.verdict("identity-encrypt-decrypt") == .refuse)
        route(#"{"objectId":"00000000-0000-4000-8000-0000000000bb",\#(permissions)}"#)
        #expect(try await world.verdict("identity-encrypt-decrypt") == .unknown)
        route(#"{"objectId":"00000000-0000-4000-8000-0000000000bb","permissions":{"keys":["get"]}}"#)
        #expect(try await world.verdict("identity-encrypt-decrypt") == .refuse)
    }

    @Test func `only a vault of another subscription needs a look at its provider`() async throws {
        let other = "00000000-0000-4000-8000-000000000002"
        let world = World()
        #expect(try await world.verdict("providers-registered") == .ok)
        #expect(!world.arm.asked.contains { $0.hasSuffix("Microsoft.KeyVault") })
        var question = try world.question()
        question.subject.vault = try AzureResourceID(parsing: vaultID.replacing(subscription, with: other))
        // Nothing else of that vault is there.
        let refusing = World()
        let path = "/subscriptions/\(subscription)/providers/Microsoft.KeyVault"
        for route in refusing.arm.routes where route.contains(vaultID) {
            refusing.arm.route(route.replacing(subscription, with: other), 403, "{}")
        }
        for place in [
            path, "/subscriptions/\(other)", "/subscriptions/\(other)/providers/Microsoft.Compute/diskEncryptionSets",
        ] {
            refusing.arm.route("GET \(place)", 403, "{}")
        }
        refusing.arm.route("GET \(path)", #"{"namespace":"Microsoft.KeyVault","registrationState":"NotRegistered"}"#)
        refusing.arm.route(
            "POST \(restrictionsPath.replacing(subscription, with: other))", 403, "{}")
        let facts = try await refusing.reader().full(question)
        let check = try #require(PreflightReport.full(facts).checks.first { $0.id == "providers-registered" })
        #expect(check.verdict == .refuse)
    }
}

@Suite struct DescriptionTests {
    /// Every one of these shapes is in what Azure has answered over the years.
    @Test func `what a document leaves out is no reason to refuse`() async throws {
        let world = World()
        world.arm.route(
            "GET \(clusterID)",
            world.clusterText {
                $0.replace(#""powerState":{"code":"Running"},"#, with: "")
                $0.replace(#","keyVaultNetworkAccess":"Public""#, with: "")
                $0.replace(#""count":3"#, with: #""count":null"#)
                $0.replace(#""provisioningState":"Succeeded"}],"apiServer"#, with: #""x":1}],"apiServer"#)
            })
        #expect(PreflightReport.full(try await world.full()).blockers == [])
        world.arm.route("GET \(clusterID)", world.clusterText { $0.replace("agentPoolProfiles", with: "noPools") })
        #expect(PreflightReport.full(try await world.full()).blockers == [])
    }

    @Test func `without a user-assigned identity one check refuses, and no other speaks of its rights`() async throws {
        let world = World()
        world.arm.route("GET \(clusterID)", world.clusterText { $0.replace("UserAssigned", with: "SystemAssigned") })
        let report = PreflightReport.full(try await world.full())
        #expect(report.blockers.map(\.id) == ["identity-user-assigned"])
    }
}

@Suite struct DenyAssignmentTests {
    private static let everyone = "00000000-0000-0000-0000-000000000000"
    private static let other = "00000000-0000-4000-8000-0000000000bb"

    private func denial(
        _ principals: String, excluding: String = "", more: String = "", scope: String = vaultID
    ) throws -> PreflightFacts.Denial? {
        let text = """
            {"properties":{"denyAssignmentName":"d","scope":"\(scope)","principals":[\(principals)],
             "excludePrincipals":[\(excluding)],"permissions":[{"actions":["*"],"dataActions":["*"]}]\(more)}}
            """
        return try DenyAssignment(try JSONValue(parsing: Array(text.utf8)))
            .denial(to: principal, at: try AzureResourceID(parsing: vaultID))
    }

    private func who(_ id: String, _ type: String) -> String { #"{"id":"\#(id)","type":"\#(type)"}"# }

    @Test func `it holds for whom it names, and for all when it names all`() throws {
        #expect(try denial(who(principal.uppercased(), "ServicePrincipal"))?.surelyHolds == true)
        #expect(try denial(who(Self.everyone, "SystemDefined"))?.surelyHolds == true)
    }

    @Test func `it clearly holds for others`() throws {
        #expect(try denial(who(Self.other, "ServicePrincipal")) == nil)
        #expect(try denial(who(Self.other, "User")) == nil)
        #expect(
            try denial(who(Self.everyone, "SystemDefined"), excluding: who(principal, "ServicePrincipal")) == nil)
        #expect(
            try denial(
                who(Self.everyone, "SystemDefined"), more: #","doNotApplyToChildScopes":true"#,
                scope: "/subscriptions/\(subscription)") == nil)
    }

    @Test func `a group, a condition or a scope leave it open`() throws {
        let all = who(Self.everyone, "SystemDefined")
        #expect(try denial(who(Self.other, "Group"))?.surelyHolds == false)
        #expect(try denial(who(Self.other, "NextYear"))?.surelyHolds == false)
        #expect(try denial(all, excluding: who(Self.other, "Group"))?.surelyHolds == false)
        #expect(try denial(all, more: #","condition":"@Resource""#)?.surelyHolds == false)
        #expect(try denial(all, more: #","doNotApplyToChildScopes":true"#)?.surelyHolds == false)
    }

    @Test func `one that cannot be read is no reason to refuse`() async throws {
        let world = World()
        world.arm.route("GET \(vaultID)\(access)/denyAssignments", 403, "{}")
        let check = try await world.check("identity-not-denied")
        #expect(check.verdict == .unknown && !check.blocks)
        world.arm.route(
            "GET \(vaultID)\(access)/denyAssignments",
            """
            {"value":[{"properties":{"denyAssignmentName":"stack","scope":"\(vaultID)",
             "permissions":[{"actions":["*/write"]},{"dataActions":["Microsoft.KeyVault/vaults/keys/*"]}],
             "principals":[{"id":"\(Self.everyone)","type":"SystemDefined"}]}}]}
            """)
        #expect(try await world.verdict("identity-not-denied") == .refuse)
    }
}
