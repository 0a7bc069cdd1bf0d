import Azure
import AzureResources
import JSON
import Preflight
import TestDoubles
import Testing

@testable import PreflightReading

/// The jobs that are no switch of the legacy KMS, each in the mode in which it ends.
private let jobs = PreflightJob.allCases.filter { $0 != .legacySwitch }

private func isOlder(_ document: JSONValue, than minor: Int) -> Bool {
    let text = document[path: "properties", "currentKubernetesVersion"]?.string ?? ""
    let words = text.split(separator: ".")
    guard words.count >= 2, words[0] == "1", let found = Int(words[1]) else { return false }
    return found < minor
}

extension Reasons {
    /// Of a cluster that has what the job needs, but runs what it was recorded with.
    init(_ job: PreflightJob, _ document: JSONValue) {
        switch job {
        case .legacyRotation where isOlder(document, than: 27): must.insert("kms-v1-rotation")
        case .toCustomerKey where isOlder(document, than: 33), .toPlatformKey where isOlder(document, than: 33):
            must.insert("kms-new-kubernetes")
        default: break
        }
        let isNew = document[
            path: "properties", "securityProfile", "kubernetesResourceObjectEncryptionProfile",
            "infrastructureEncryption"]
        if job == .legacyRotation, isNew?.string == "Enabled" { must.insert("kms-new-experience") }
    }
}

/// A cluster that is in the state from which the job begins.
private func prepared(_ document: JSONValue, _ job: PreflightJob, _ target: NetworkMode) -> JSONValue {
    let isNew = job == .newSwitch || job == .newRotation
    let mode: NetworkMode =
        job != .newSwitch ? target : target == .privateAccess ? .publicAccess : .privateAccess
    let kms: JSONValue = .object([
        "enabled": .bool(true), "keyId": .string(isNew ? versionlessKeyID : keyID),
        "keyVaultNetworkAccess": .string(mode.rawValue), "keyVaultResourceId": .string(vaultID),
    ])
    // VNet integration stays as it was recorded: none of these jobs refuses without it.
    let recorded =
        document[path: "properties", "apiServerAccessProfile", "enableVnetIntegration"] ?? .bool(false)
    let result = prepared(document, target)
        .setting("properties", "securityProfile", "azureKeyVaultKms", to: kms)
        .setting("properties", "apiServerAccessProfile", "enableVnetIntegration", to: recorded)
    guard isNew else { return result }
    return result.setting(
        "properties", "securityProfile", "kubernetesResourceObjectEncryptionProfile",
        to: .object(["infrastructureEncryption": .string("Enabled")]))
}

@Suite(.enabled(if: Corpus.isExpected, Corpus.absence)) struct JobCorpusTests {
    @Test(arguments: jobs, NetworkMode.allCases)
    func `a cluster with what a job needs is refused for its version alone`(
        _ job: PreflightJob, _ target: NetworkMode
    ) async throws {
        var tally = Tally()
        for entry in try Corpus.clusters() {
            let document = prepared(entry.document, job, target)
            let report = try await World(job, to: target).report(cluster: document)
            Reasons(job, document).judge(report, entry.name)
            tally.add(report, entry.name)
        }
        tally.print("clusters, \(job.rawValue), \(target.rawValue)")
    }

    /// Whoever has no KMS, or one whose vault does not matter any more, may go to Azure's own key.
    @Test func `a cluster as it was recorded may go to Azure's own key, whatever its KMS`() async throws {
        var tally = Tally()
        for entry in try Corpus.clusters() {
            let world = World(.toPlatformKey)
            world.answerTheRest()
            let document = entry.document.setting("id", to: .string(clusterID))
            world.arm.route("GET \(clusterID)", document)
            var question = try world.question()
            question.subject.vault = nil
            let report = PreflightReport.full(try await world.reader().full(question))
            var reasons = Reasons(cluster: document)
            reasons.must.subtract([
                "kms-enabled", "kms-new-experience", "vnet-integration", "identity-user-assigned",
            ])
            reasons.untold.formUnion(["present-key", "kms-new-kubernetes"])
            if isOlder(document, than: 33) { reasons.must.insert("kms-new-kubernetes") }
            reasons.judge(report, entry.name)
            tally.add(report, entry.name)
        }
        tally.print("clusters as recorded, to Azure's own key")
    }

    @Test(arguments: [PreflightJob.newSwitch, .toCustomerKey, .legacyRotation], NetworkMode.allCases)
    func `a vault whose keys can be used is refused for nothing of its network`(
        _ job: PreflightJob, _ target: NetworkMode
    ) async throws {
        var tally = Tally()
        for entry in try Corpus.vaults() {
            let world = World(job, to: target)
            let cluster = prepared(try JSONValue(parsing: Array(world.clusterText().utf8)), job, target)
            let recorded = entry.document.setting("id", to: .string(vaultID))
                .setting("properties", "vaultUri", to: .string("https://kv1.vault.azure.net/"))
                .setting("properties", "tenantId", to: .string(tenant))
            var vault = usable(recorded, target)
            // What the run leaves as it is, or sets itself.
            let network = ["publicNetworkAccess", "networkAcls"].map { ($0, recorded[path: "properties", $0]) }
            if job != .legacyRotation || target == .privateAccess {
                for (name, value) in network {
                    guard let value else { continue }
                    vault = vault.setting("properties", name, to: value)
                }
            } else {
                vault = vault.setting("properties", "publicNetworkAccess", to: .string("Enabled"))
            }
            let report = try await world.report(cluster: cluster, vault: vault)
            Reasons().judge(report, entry.name)
            tally.add(report, entry.name)
        }
        tally.print("vaults, \(job.rawValue), \(target.rawValue)")
    }
}
