import Azure
import HTTP
import KubeAPI
import Preflight
import Run
import SecretRewrite
import TestDoubles
import Testing

@testable import Connections
@testable import PreflightReading

/// A world in which something is wrong, as a reader meets it.
private struct Trouble: Sendable, CustomTestStringConvertible {
    let checks: Set<String>
    let what: String
    let change: @Sendable (inout World) throws -> Void

    init(_ checks: String..., when what: String, _ change: @escaping @Sendable (inout World) throws -> Void) {
        self.checks = Set(checks)
        self.what = what
        self.change = change
    }

    var testDescription: String { "\(checks.sorted().joined(separator: ", ")): \(what)" }
}

extension World {
    fileprivate func cluster(_ text: String, _ other: String) {
        arm.route("GET \(clusterID)", clusterText { $0.replace(text, with: other) })
    }

    fileprivate func vault(_ text: String, _ other: String) {
        arm.route("GET \(vaultID)", vaultText { $0.replace(text, with: other) })
    }

    fileprivate func key(_ text: String) {
        arm.route("GET \(keyScope)/versions/\(keyVersion)", #"{"properties":{\#(text)}}"#)
    }

    fileprivate mutating func credential(_ user: String, cluster: String = "") throws {
        let access = try access(user: user, cluster: cluster)
        circumstances = PreflightCircumstances(
            of: access, isVerified: false,
            lock: .known(
                PreflightCircumstances.holder(
                    of: lease, runID: "mine", process: ProcessIdentity(host: "h", processID: 1, look: { _ in .gone }),
                    now: Double(now))),
            journalWritable: false)
    }

    private var lease: KubeLease {
        var lease = KubeLease(name: "kms-vault-switch", namespace: "kube-system")
        lease.holder = "elsewhere_7_other"
        lease.renewTime = "2026-11-24T00:00:00.000000Z"
        return lease
    }
}

private let troubles = [
    Trouble("cluster-provisioning-state", "cluster-operations", when: "it is updating") {
        $0.cluster(#""properties":{"provisioningState":"Succeeded""#, #""properties":{"provisioningState":"Updating""#)
    },
    Trouble("cluster-power-state", when: "it is stopped") { $0.cluster("Running", "Stopped") },
    Trouble("cluster-upgrade-settled", "kms-v1-limits", when: "an upgrade is half done") {
        $0.cluster(#""1.33.3""#, #""1.26.3""#)
    },
    Trouble("agent-pools-settled", when: "a pool is scaling") {
        $0.cluster(
            #""provisioningState":"Succeeded"}],"apiServer"#, #""provisioningState":"Scaling"}],"apiServer"#)
    },
    Trouble("autoscaler-at-rest", when: "nodes are being added") {
        $0.kube.route(
            "GET /api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status",
            #"{"data":{"status":"nodeGroups:\n- name: aks-np1-1-vmss\n  scaleUp:\n    status: InProgress\n"}}"#)
    },
    Trouble("node-count", when: "no pool has nodes") { $0.cluster(#""count":3"#, #""count":null"#) },
    Trouble("maintenance-window", when: "upgrades are automatic") {
        $0.cluster(
            #""apiServerAccessProfile""#, #""autoUpgradeProfile":{"upgradeChannel":"rapid"},"apiServerAccessProfile""#)
    },
    Trouble("kms-enabled", when: "KMS is off") { $0.cluster(#""enabled":true"#, #""enabled":false"#) },
    Trouble("kms-mode-differs", "vnet-integration", when: "it is Private, without integration") {
        $0.arm.route(
            "GET \(clusterID)",
            $0.clusterText {
                $0.replace(#""Public""#, with: #""Private""#)
                $0.replace(#""enableVnetIntegration":true"#, with: #""enableVnetIntegration":false"#)
            })
    },
    Trouble("kms-new-experience", when: "the key has no version") { $0.cluster("/\(keyVersion)", "") },
    Trouble("key-versioned", when: "the key has no version") {
        $0.wantedKeyID = "https://kv1.vault.azure.net/keys/kms"
        $0.arm.route("GET \(keyScope)", #"{"properties":{}}"#)
    },
    Trouble("strategy", when: "the vault is closed first") { $0.strategy.closeVaultFirst = true },
    Trouble("network-rules", when: "the subnet cannot be read") {
        let subnet =
            "/subscriptions/\(subscription)/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
        $0.cluster(#""subnetId":"""#, #""subnetId":"\#(subnet)""#)
        $0.arm.route("GET \(subnet)", 403, "{}")
        // Among the linked rights a subnet is named once, however it is spelled.
        let linked = subnet.replacing("Microsoft.Network/virtualNetworks", with: "microsoft.network/virtualnetworks")
        $0.arm.route("GET \(linked)\(access)/permissions", 403, "{}")
    },
    Trouble("vault-present", when: "it is gone") {
        $0.arm.route("GET \(vaultID)", 404, #"{"error":{"code":"ResourceNotFound"}}"#)
        $0.arm.route("GET /subscriptions/\(subscription)/providers/Microsoft.KeyVault/deletedVaults", #"{"value":[]}"#)
    },
    Trouble("vault-provisioning-state", when: "its name is being registered") {
        $0.vault(#""provisioningState":"Succeeded""#, #""provisioningState":"RegisteringDns""#)
    },
    Trouble("vault-owns-key", when: "its address is another") { $0.vault("https://kv1.", "https://kv2.") },
    Trouble("vault-tenant", when: "its tenant is another") { $0.vault(tenant, principal) },
    Trouble("vault-network-mode", when: "it is closed") { $0.vault("Enabled", "Disabled") },
    Trouble("vault-firewall", when: "it lets selected networks in") {
        $0.vault(#""accessPolicies":[]"#, #""accessPolicies":[],"networkAcls":{"defaultAction":"Deny"}"#)
    },
    Trouble("private-endpoint-connections", when: "ours waits beside an application's") {
        let both = [
            connectionText("app", "apps", "Approved"), connectionText("own", nodeGroup.lowercased(), "Pending"),
        ]
        $0.vault(
            #""accessPolicies":[]"#,
            #""accessPolicies":[],"privateEndpointConnections":[\#(both.joined(separator: ","))]"#)
    },
    Trouble("vault-purge-protection", when: "it is off") {
        $0.vault(#""enablePurgeProtection":true"#, #""enablePurgeProtection":false"#)
    },
    Trouble("key-present", when: "it is gone") {
        $0.arm.route("GET \(keyScope)/versions/\(keyVersion)", 404, #"{"error":{"code":"KeyNotFound"}}"#)
    },
    Trouble(
        "key-enabled", "key-lifetime", "key-operations", "key-type", when: "it is disabled, old and of another kind"
    ) {
        $0.key(#""attributes":{"enabled":false,"exp":1795478401},"kty":"EC","keyOps":["sign"]"#)
    },
    Trouble("identity-user-assigned", when: "it is the system's") {
        $0.cluster(#""UserAssigned""#, #""SystemAssigned""#)
    },
    Trouble("identity-encrypt-decrypt", "identity-approves-endpoint", when: "it has no role") { $0.routeRoles() },
    Trouble("identity-rights-settled", when: "its roles are new") {
        $0.routeRoles(
            $0.assignment(cryptoUser).replacing("2026-01-05T10:00:00", with: "2026-11-23T23:59:00"),
            $0.assignment(contributor))
    },
    Trouble("identity-not-denied", when: "denials cannot be read") {
        $0.arm.route("GET \(vaultID)\(access)/denyAssignments", 403, "{}")
    },
    Trouble("rights-on-cluster", when: "the caller is a reader") {
        $0.arm.route("GET \(clusterID)\(access)/permissions", #"{"value":[{"actions":["*/read"]}]}"#)
    },
    Trouble("rights-on-vault", when: "the caller is a reader") {
        $0.arm.route("GET \(vaultID)\(access)/permissions", #"{"value":[{"actions":["*/read"]}]}"#)
    },
    Trouble("rights-linked", when: "the caller may not use the identity") {
        $0.arm.route("GET \(identityID)\(access)/permissions", #"{"value":[]}"#)
    },
    Trouble("rights-last", when: "a role ends soon") {
        $0.arm.route(
            "GET \(clusterID)\(access)/roleAssignmentScheduleInstances",
            #"{"value":[{"id":"i","properties":{"endDateTime":"2026-11-24T01:00:00Z"}}]}"#)
    },
    Trouble("locks", when: "there is one") {
        $0.arm.route(
            "GET \(clusterID)\(access)/locks",
            #"{"value":[{"id":"\#(clusterID)\#(access)/locks/l","properties":{"level":"ReadOnly"}}]}"#)
    },
    Trouble("policy-restrictions", when: "one forbids the target") {
        let field = "Microsoft.KeyVault/vaults/publicNetworkAccess"
        $0.arm.route(
            "POST \(restrictionsPath)",
            #"{"fieldRestrictions":[{"field":"\#(field)","restrictions":[{"result":"Deny","values":["Disabled"]}]}]}"#)
    },
    Trouble("api-server-answers", when: "it is silent") { $0.kube.route("GET /version", 503, "{}") },
    Trouble(
        "api-server-is-this-cluster", "tls-verified", "kubernetes-credential-lasts", "run-lock", "journal-writable",
        when: "the connection is not to be trusted, and another run is at work"
    ) { try $0.credential(#""token":"opaque""#, cluster: #","insecure-skip-tls-verify":true"#) },
    Trouble("kubernetes-rights", when: "one is refused") {
        $0.kube.route(
            "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", #"{"status":{"allowed":false}}"#)
    },
    Trouble("api-server-healthy", when: "KMS fails") {
        $0.kube.route("GET /readyz", 500, "[+]ping ok\n[-]kms-providers failed: reason withheld\nreadyz check failed\n")
    },
    Trouble("replicas-told-apart", "other-encrypted-resources", "previous-key-released", when: "metrics are refused") {
        $0.kube.route("GET /metrics", 403, $0.status(403, "user cannot get path /metrics"))
    },
    Trouble("probes-admitted", when: "a quota is used up") {
        $0.kube.route("POST /api/v1/namespaces/kube-system/secrets", 403, $0.status(403, "exceeded quota: q"))
    },
    Trouble("admission-dry-run", when: "a webhook denies") {
        $0.kube.route(
            "PATCH /api/v1/namespaces/default/secrets/a", 403,
            $0.status(403, #"admission webhook \"h.example.com\" denied the request: no"#))
    },
    Trouble("secrets-decryptable", when: "one cannot be decrypted") {
        $0.kube.route(
            "PATCH /api/v1/namespaces/default/secrets/a", 500,
            $0.status(500, #"Internal error occurred: unable to transform key \"/registry/secrets/default/a\""#))
    },
    Trouble("secrets-valid", when: "one is not") {
        $0.kube.route("PATCH /api/v1/namespaces/default/secrets/a", 422, $0.status(422, "Secret is invalid"))
    },
    Trouble("secrets-answered", when: "none gets an answer") {
        $0.kube.route("PATCH /api/v1/namespaces/default/secrets/a", 500, $0.status(500, "etcdserver: leader changed"))
    },
    Trouble("secrets-counted", when: "most were not seen") {
        $0.kube.route("GET /api/v1/namespaces/default/secrets", $0.table())
        $0.kube.route(
            "GET /api/v1/secrets",
            $0.table("a").replacing(
                #""resourceVersion":"10""#, with: #""resourceVersion":"10","continue":"t","remainingItemCount":900"#))
    },
    Trouble("rewrite-engine", when: "it is asked for, and the API server has none") { world in
        world.strategy.engine = .svm
        world.kube.route("GET /apis/storagemigration.k8s.io/v1", 404, world.status(404, "not found"))
    },
    Trouble("shared-vault", when: "a cluster reaches it as Public") {
        let other = $0.clusterText { $0.replace(#"managedClusters/c""#, with: #"managedClusters/d""#) }
        $0.arm.route(
            "GET /subscriptions/\(subscription)/providers/Microsoft.ContainerService/managedClusters",
            #"{"value":[\#(other)]}"#)
    },
    Trouble("other-consumers", when: "disks take keys from it") {
        $0.arm.route(
            "GET /subscriptions/\(subscription)/providers/Microsoft.Compute/diskEncryptionSets",
            #"{"value":[{"id":"/des","properties":{"activeKey":{"keyUrl":"\#(keyID)"}}}]}"#)
    },
    Trouble("reconcilers", when: "a tag names Terraform") {
        $0.cluster(#""location":"#, #""tags":{"managed_by":"Terraform"},"location":"#)
    },
    Trouble("kms-v1-rotation", "present-key", when: "KMS is v1, and the key in use is disabled") {
        $0 = World(.legacyRotation)
        $0.cluster(#""1.33.3""#, #""1.26.3""#)
        $0.key(#""attributes":{"enabled":false},"kty":"RSA","keyOps":["encrypt","decrypt"]"#)
    },
    Trouble("kms-new-kubernetes", when: "Kubernetes is older than the new experience") {
        $0 = World(.toPlatformKey, to: .publicAccess)
        $0.cluster(#""1.33.3""#, #""1.32.9""#)
    },
    Trouble("vault-way-in", "identity-reads-vault", when: "a perimeter holds the vault, and no role reads it") {
        $0 = World(.newSwitch)
        $0.vault("Enabled", "SecuredByPerimeter")
        $0.routeRoles($0.assignment(cryptoUser))
    },
    Trouble("vault-lets-you-in", "rights-make-version", when: "the firewall turns one away who may not rotate") {
        $0 = World(.newRotation)
        $0.routeDoor(403, "ForbiddenByFirewall")
        $0.arm.route("GET \(vaultID)\(access)/permissions", #"{"value":[{"actions":["*"]}]}"#)
    },
    Trouble("clock-skew", when: "it is wrong") {
        $0.arm.route(
            "GET /subscriptions/\(subscription)", headers: ["Date": "Tue, 24 Nov 2026 01:00:00 GMT"],
            #"{"tenantId":"\#(tenant)"}"#)
    },
]

@Suite struct EveryCheckTests {
    @Test(arguments: troubles)
    private func `what is wrong in the world is said by its check`(_ trouble: Trouble) async throws {
        var world = World()
        try trouble.change(&world)
        let report = PreflightReport.full(try await world.full())
        for id in trouble.checks {
            let check = try #require(report.checks.first { $0.id == id }, "there is no check \(id)")
            #expect([.warn, .refuse, .unknown].contains(check.verdict), "\(id): \(check.verdict): \(check.reason)")
        }
    }

    /// A check that only ever gets a constant can refuse nothing, and says more than anybody knows.
    @Test func `no check is without a world in which it finds something`() {
        // The one that needs a vault in another subscription has a test of its own, in RightsTests.
        let found = troubles.reduce(into: Set(["providers-registered"])) { $0.formUnion($1.checks) }
        #expect(Set(PreflightCheck.all.map(\.id)).symmetricDifference(found).isEmpty)
    }
}
