import Azure
import AzureResources
import HTTP
import JSON
import Preflight
import TestDoubles
import Testing

@testable import PreflightReading

/// What a preflight says of many documents, by check.
struct Tally {
    private var documents = 0
    private var refused = 0
    /// By verdict and check.
    private var found: [CheckVerdict: [String: (count: Int, example: String)]] = [:]

    mutating func add(_ report: PreflightReport, _ name: String) {
        documents += 1
        if report.checks.contains(where: { $0.verdict == .refuse }) { refused += 1 }
        for check in report.checks where [.refuse, .unknown].contains(check.verdict) {
            found[check.verdict, default: [:]][check.id, default: (0, "\(name): \(check.reason)")].count += 1
        }
    }

    func print(_ title: String) {
        Swift.print("corpus: \(title): \(documents) documents, preflight refuses \(refused)")
        for verdict in [CheckVerdict.refuse, .unknown] {
            for (id, check) in (found[verdict] ?? [:]).sorted(by: { $0.key < $1.key }) {
                Swift.print("  \(verdict) \(id): \(check.count), such as \(check.example)")
            }
        }
    }
}

/// What a document itself says that a switch must not go over.
struct Reasons {
    /// Checks that have to refuse.
    var must: Set<String> = []
    /// Checks that may refuse as well.
    var may: Set<String> = []
    /// Checks that cannot tell, since the document does not.
    var untold: Set<String> = []

    func judge(_ report: PreflightReport, _ name: String) {
        func ids(_ verdict: CheckVerdict) -> Set<String> {
            Set(report.checks.filter { $0.verdict == verdict }.map(\.id))
        }
        let refusing = ids(.refuse)
        #expect(must.isSubset(of: refusing), "\(name): not refused: \(must.subtracting(refusing))")
        let wrong = refusing.subtracting(must).subtracting(may)
        #expect(wrong.isEmpty, "\(name): refused: \(report.checks.filter { wrong.contains($0.id) }.map(\.reason))")
        let unknown = ids(.unknown).subtracting(untold)
        #expect(unknown.isEmpty, "\(name): \(report.checks.filter { unknown.contains($0.id) }.map(\.reason))")
    }
}

extension Reasons {
    init(cluster document: JSONValue) {
        let properties = document["properties"]
        let security = properties?["securityProfile"]
        let encryption = security?[path: "kubernetesResourceObjectEncryptionProfile", "infrastructureEncryption"]
        if encryption?.string == "Enabled" {
            must.insert("kms-new-experience")
        } else if security?[path: "azureKeyVaultKms", "enabled"]?.bool != true {
            must.insert("kms-enabled")
        }
        if properties?[path: "apiServerAccessProfile", "enableVnetIntegration"]?.bool != true {
            must.insert("vnet-integration")
        }
        if document[path: "identity", "type"]?.string != "UserAssigned" {
            must.insert("identity-user-assigned")
            untold.formUnion(["identity-approves-endpoint", "identity-encrypt-decrypt", "identity-rights-settled"])
        }
        if properties?["provisioningState"]?.string != "Succeeded" {
            must.insert("cluster-provisioning-state")
            may.insert("cluster-operations")
        }
        let states = (properties?["agentPoolProfiles"]?.array ?? []).map { $0["provisioningState"]?.string }
        if states.contains(where: { $0 != nil && $0 != "Succeeded" }) { may.insert("agent-pools-settled") }
        if states.contains(nil) { untold.formUnion(["agent-pools-settled", "autoscaler-at-rest", "node-count"]) }
        if properties?["currentKubernetesVersion"] == nil {
            untold.formUnion(["cluster-upgrade-settled", "kms-v1-limits"])
        }
    }

    init(vault document: JSONValue, _ target: NetworkMode) {
        let properties = document["properties"]
        if properties?["provisioningState"]?.string != "Succeeded" { must.insert("vault-provisioning-state") }
        if properties?[path: "networkAcls", "defaultAction"]?.string == "Deny" { must.insert("vault-firewall") }
        if target == .privateAccess, properties?["publicNetworkAccess"]?.string == "Disabled" {
            must.insert("vault-network-mode")
        }
        // Who may use the keys of a test's vault was never the identity of our cluster, but may be a group that it is
        // in.
        if properties?["enableRbacAuthorization"]?.bool != true {
            may.insert("identity-encrypt-decrypt")
            untold.insert("identity-encrypt-decrypt")
        }
    }
}

extension World {
    /// What Azure would say of things that only the document knows: nothing stands in the way there.
    func answerTheRest() {
        arm.route("*") { request in
            let path = request.url.prefix { $0 != "?" }
            if path.hasSuffix("/permissions") {
                return HTTPResponse(status: 200, body: Array(#"{"value":[{"actions":["*"],"notActions":[]}]}"#.utf8))
            }
            if path.contains("/subnets/") || path.contains("/routeTables/") {
                return HTTPResponse(status: 200, body: Array(#"{"properties":{}}"#.utf8))
            }
            return HTTPResponse(status: 200, body: Array(#"{"value":[]}"#.utf8))
        }
    }

    func report(cluster: JSONValue, vault: JSONValue? = nil) async throws -> PreflightReport {
        answerTheRest()
        arm.route("GET \(clusterID)", cluster)
        if let vault { arm.route("GET \(vaultID)", vault) }
        return PreflightReport.full(try await full())
    }
}

extension RoutedTransport {
    func route(_ route: String, _ document: JSONValue) {
        let bytes = document.bytes()
        self.route(route) { _ in HTTPResponse(status: 200, body: bytes) }
    }
}

/// A legacy KMS, an identity, and what else a switch needs; everything else stays as Azure gave it.
func prepared(_ document: JSONValue, _ target: NetworkMode) -> JSONValue {
    let kms: JSONValue = .object([
        "enabled": .bool(true), "keyId": .string(keyID),
        "keyVaultNetworkAccess": .string(target == .privateAccess ? "Public" : "Private"),
    ])
    let assigned: JSONValue = .object(["clientId": .string("x"), "principalId": .string(principal)])
    var result = document.setting("id", to: .string(clusterID))
        .setting("properties", "securityProfile", "azureKeyVaultKms", to: kms)
        .setting("identity", "type", to: .string("UserAssigned"))
        .setting("identity", "userAssignedIdentities", to: .object([identityID: assigned]))
        .setting("properties", "apiServerAccessProfile", "enableVnetIntegration", to: .bool(true))
        .setting("properties", "provisioningState", to: .string("Succeeded"))
        .setting("properties", "powerState", "code", to: .string("Running"))
    // Versions before 2021-05-01 do not tell what runs, and pools of old ones have no state.
    if result[path: "properties", "currentKubernetesVersion"] == nil {
        result = result.setting(
            "properties", "currentKubernetesVersion",
            to: result[path: "properties", "kubernetesVersion"] ?? .string("1.33.3"))
    }
    let pools = (result[path: "properties", "agentPoolProfiles"]?.array ?? []).map {
        $0.setting("provisioningState", to: .string("Succeeded"))
    }
    if !pools.isEmpty { result = result.setting("properties", "agentPoolProfiles", to: .array(pools)) }
    return result
}

@Suite(.enabled(if: Corpus.isExpected, Corpus.absence)) struct PreflightCorpusTests {
    private func world(_ target: NetworkMode) -> World {
        var world = World()
        world.target = target
        if target == .publicAccess {
            world.arm.route("GET \(vaultID)", world.vaultText { $0.replace("\"Enabled\"", with: "\"Disabled\"") })
        }
        return world
    }

    @Test func `a cluster is refused as it was recorded for what it has or lacks, and for nothing else`() async throws {
        var tally = Tally()
        var versions: [String: Int] = [:]
        for entry in try Corpus.clusters() {
            versions[entry.apiVersion, default: 0] += 1
            let document = entry.document.setting("id", to: .string(clusterID))
            let report = try await world(.privateAccess).report(cluster: document)
            Reasons(cluster: document).judge(report, entry.name)
            tally.add(report, entry.name)
        }
        let previews = versions.filter { $0.key.hasSuffix("-preview") }
        print(
            "corpus: clusters of \(versions.count) API versions, \(versions.keys.min() ?? "") to "
                + "\(versions.keys.max() ?? ""): \(previews.values.reduce(0, +)) documents by \(previews.count) previews"
        )
        tally.print("clusters as recorded, to Private")
    }

    @Test(arguments: NetworkMode.allCases)
    func `a cluster with a legacy KMS may be switched, whatever else it has`(_ target: NetworkMode) async throws {
        var tally = Tally()
        for entry in try Corpus.clusters() {
            let document = prepared(entry.document, target)
            let report = try await world(target).report(cluster: document)
            Reasons(cluster: document).judge(report, entry.name)
            tally.add(report, entry.name)
        }
        tally.print("clusters with KMS put in, to \(target.rawValue)")
    }

    @Test(arguments: NetworkMode.allCases, [true, false])
    func `a vault is refused for what it has or lacks, and for nothing else`(
        _ target: NetworkMode, asRecorded: Bool
    ) async throws {
        var tally = Tally()
        for entry in try Corpus.vaults() {
            let world = world(target)
            let cluster = try JSONValue(parsing: Array(world.clusterText().utf8))
            // The vault of the cluster's key has its name, its host and its tenant.
            var vault = entry.document.setting("id", to: .string(vaultID))
                .setting("properties", "vaultUri", to: .string("https://kv1.vault.azure.net/"))
                .setting("properties", "tenantId", to: .string(tenant))
            if !asRecorded { vault = usable(vault, target) }
            let report = try await world.report(cluster: prepared(cluster, target), vault: vault)
            var reasons = Reasons(vault: vault, target)
            if !asRecorded {
                reasons.may = []
                reasons.untold = []
            }
            reasons.judge(report, entry.name)
            tally.add(report, entry.name)
        }
        tally.print("vaults \(asRecorded ? "as recorded" : "with what KMS needs"), to \(target.rawValue)")
    }

    @Test func `every maintenance configuration has a window that can be told`() throws {
        var read = 0
        for (name, file) in try Corpus.files("other")
        where file["type"]?.string?.contains("maintenanceconfigurations") == true {
            let document = try #require(file["document"])
            for item in document["value"]?.array ?? [document] {
                #expect(throws: Never.self, "\(name)") { try MaintenanceSchedule.nextWindow(of: item, now: now) }
                read += 1
            }
        }
        print("corpus: \(read) maintenance configurations")
    }
}

/// A vault whose keys the identity may use and whose network serves the mode; everything else stays.
func usable(_ vault: JSONValue, _ target: NetworkMode) -> JSONValue {
    let policy: JSONValue = .object([
        "tenantId": .string(tenant), "objectId": .string(principal),
        "permissions": .object(["keys": .array([.string("Encrypt"), .string("Decrypt")])]),
    ])
    let policies = vault[path: "properties", "accessPolicies"]?.array ?? []
    let result = vault.setting("properties", "accessPolicies", to: .array(policies + [policy]))
        .setting("properties", "provisioningState", to: .string("Succeeded"))
        .setting(
            "properties", "publicNetworkAccess", to: .string(target == .privateAccess ? "Enabled" : "Disabled"))
    guard result[path: "properties", "networkAcls"] != nil else { return result }
    return result.setting("properties", "networkAcls", "defaultAction", to: .string("Allow"))
}
