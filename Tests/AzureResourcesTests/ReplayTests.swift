import Azure
import AzureAccount
import HTTP
import JSON
import Synchronization
import Testing

@testable import AzureResources

private let ownKey = "https://replay-vault.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"

/// What a wait reports, in order.
private final class Reports: Sendable {
    private let state = Mutex<[OperationProgress]>([])
    func add(_ progress: OperationProgress) { state.withLock { $0.append(progress) } }
    var all: [OperationProgress] { state.withLock { $0 } }
    var stages: [String] { all.compactMap(\.stage) }
}

/// An update against a recording: read if it begins so, put, wait, read again.
private struct Replay {
    let transport: ScriptedTransport
    let clusters: ManagedClusters
    let time = TestTime()
    let reports = Reports()
    let id: AzureResourceID

    init(_ recording: Recording, _ indices: [Int]) throws {
        transport = ScriptedTransport(recording.script(indices))
        clusters = ManagedClusters(arm: try client(transport, time: time))
        id = try recording[indices[0]].resource()
    }

    func wait(_ update: AcceptedUpdate) async throws -> OperationOutcome {
        let reports = reports
        return await clusters.arm.wait(
            for: try #require(update.operation), timeout: 3600, report: { reports.add($0) })
    }

    /// Puts what was recorded as put: for recordings that do not begin with the cluster.
    func putRecorded(_ exchange: Recording.Exchange) async throws -> AcceptedUpdate {
        var document = try #require(exchange.body)
        document["id"] = .string(id.description)
        let cluster = try ManagedCluster(document)
        return try await clusters.put(cluster, settingKMS: .off)
    }
}

/// Where two documents differ; items of lists by their number.
private func differences(_ one: JSONValue?, _ other: JSONValue?, _ path: String = "") -> [String] {
    if one == other { return [] }
    if let mine = one?.object, let theirs = other?.object {
        return Set(mine.keys).union(theirs.keys).sorted().flatMap {
            differences(mine[$0], theirs[$0], path.isEmpty ? $0 : "\(path).\($0)")
        }
    }
    if let mine = one?.array, let theirs = other?.array, mine.count == theirs.count {
        return mine.indices.flatMap { differences(mine[$0], theirs[$0], "\(path)[\($0)]") }
    }
    return [path]
}

@Test(.enabled(if: RecordingFolder.isExpected, RecordingFolder.absence))
func `turning KMS on reads as it was recorded in 2022`() async throws {
    let recording = try Recording.real("kms_enable_public_2022")
    let replay = try Replay(recording, Array(0...10))
    let before = try await replay.clusters.get(replay.id)
    #expect(before.kms == nil && before.eTag == nil && before.busyPools.isEmpty && !before.hasVNetIntegration)
    #expect(before.nodeResourceGroup == "MC_clitest000001_cliakstest000002_westus2")
    guard case .userAssigned(let identities) = before.identity else {
        Issue.record("\(before.identity)")
        return
    }
    #expect(identities.map(\.principalID) == ["00000000-0000-0000-0000-000000000001"])

    let keyText = "https://cliakstestkv000003.vault.azure.net/keys/kms/dc786fbe234a4654b6ba2796f1b9a95a"
    let setting = KMSSetting.onPublic(key: try KeyIdentifier(parsingVersioned: keyText))
    let body = try before.updateBody(settingKMS: setting)
    // az of 2022 dropped the nodes' image (read-only then; since it can be set, az sends it) and two profiles, sent a
    // read-only member and a default, and left the resource id out.
    #expect(
        differences(body, recording[1].body) == [
            "properties.agentPoolProfiles[0].nodeImageVersion",
            "properties.networkProfile.loadBalancerProfile.effectiveOutboundIPs",
            "properties.networkProfile.loadBalancerProfile.managedOutboundIPs.countIPv6",
            "properties.oidcIssuerProfile", "properties.securityProfile.azureKeyVaultKms.keyVaultResourceId",
            "properties.storageProfile.diskCSIDriver", "properties.storageProfile.fileCSIDriver",
            "properties.storageProfile.snapshotController",
        ])
    let update = try await replay.clusters.put(before, settingKMS: setting)
    #expect(update.operation?.verbatim == recording[2].uri)
    #expect(update.cluster?.provisioningState == "Updating" && update.cluster?.busyPools == ["nodepool1: Updating"])
    #expect(update.cluster?.kms?.enabled == true)

    #expect(try await replay.wait(update) == .succeeded)
    #expect(replay.reports.stages == Array(repeating: "InProgress", count: 7))
    let after = try await replay.clusters.get(replay.id)
    #expect(after.provisioningState == "Succeeded" && after.busyPools.isEmpty && after.kms?.enabled == true)
    #expect(after.kms?.keyID == keyText && after.kms?.mode == .publicAccess && after.kms?.vaultID == "")
    #expect(await replay.transport.isFinished)
}

@Test func `turning KMS off goes through the stages of 2025, and only the end has a new eTag`() async throws {
    let recording = try Recording.own("kms_disable")
    let replay = try Replay(recording, Array(0...8))
    let before = try await replay.clusters.get(replay.id)
    // As az asks with the version that it speaks.
    let body = try ManagedCluster(before.document, apiVersion: "2026-06-01").updateBody(settingKMS: .off)
    #expect(body[path: "properties", "securityProfile"] == recording[1].body?[path: "properties", "securityProfile"])
    let update = try await replay.clusters.put(before, settingKMS: .off)
    #expect(update.cluster?.eTag == before.eTag && update.cluster?.kms?.enabled == false)
    #expect(try await replay.wait(update) == .succeeded)
    #expect(
        replay.reports.stages == [
            "InProgress", "ProvisioningControlPlane", "ProvisioningControlPlane", "ReconcilingDNS", "ReconcilingAddons",
        ])
    let after = try await replay.clusters.get(replay.id)
    #expect(after.eTag == "8c88f4b7-1d2e-4f30-9a41-52b6c7d8e9f0" && after.eTag != before.eTag)
    let pools = after.document[path: "properties", "agentPoolProfiles"]
    #expect(pools != before.document[path: "properties", "agentPoolProfiles"])
    #expect(after.kms?.enabled == false && after.kms?.keyID == "")
}

@Test func `an operation's signed address is polled as it came and shown nowhere`() async throws {
    let recording = try Recording.own("polls_in_trouble")
    let replay = try Replay(recording, Array(0...8))
    let update = try await replay.putRecorded(recording[0])
    let address = try #require(recording[0].answer.headers["Azure-AsyncOperation"])
    #expect(address.utf8.count == 3198)
    let outcome = try await replay.wait(update)
    let polls = await replay.transport.requests.dropFirst()
    #expect(polls.count == 8)
    for poll in polls {
        #expect(poll.url == address && poll.urlIsSecret)
        #expect(RedactedURL.show(poll.url, secret: poll.urlIsSecret) == testBase)
    }
    let signature = try #require(address.split(separator: "&").first { $0.hasPrefix("s=") }).dropFirst(2)
    for shown in ["\(update)", String(reflecting: update), "\(outcome)", "\(replay.reports.all)"] {
        #expect(!shown.contains(signature) && !shown.contains("MIIH"))
    }
}

@Test func `trouble of polls is told and waited out`() async throws {
    let recording = try Recording.own("polls_in_trouble")
    let replay = try Replay(recording, Array(0...8))
    #expect(try await replay.wait(try await replay.putRecorded(recording[0])) == .succeeded)
    #expect(
        replay.reports.all.map(\.trouble) == [
            nil, "Azure answered 502", "Azure answered 502", nil, "Azure answered 504", nil, nil,
        ])
    #expect(
        replay.reports.stages == [
            "InProgress", "InProgress", "InProgress", "ProvisioningControlPlane", "ProvisioningControlPlane",
            "ReconcilingDNS", "ReconcilingAddons",
        ])
}

@Test func `turning KMS on for Private is not over at an endTime, and leaves an approved connection`() async throws {
    let recording = try Recording.own("kms_enable_private")
    let replay = try Replay(recording, Array(0...7))
    let vault = try recording[8].resource()
    let off = try ManagedCluster(try Recording.own("kms_disable")[8].document())
    let setting = KMSSetting.onPrivate(key: try KeyIdentifier(parsingVersioned: ownKey), vault: vault)
    let body = try off.updateBody(settingKMS: setting)
    #expect(body[path: "properties", "securityProfile"] == recording[0].body?[path: "properties", "securityProfile"])
    let update = try await replay.clusters.put(off, settingKMS: setting)
    #expect(update.cluster?.kms?.mode == .privateAccess)
    #expect(try await replay.wait(update) == .succeeded)
    #expect(replay.reports.stages.prefix(3) == ["InProgress", "InProgress", "ProvisioningControlPlane"])
    let after = try await replay.clusters.get(replay.id)
    #expect(after.kms?.mode == .privateAccess && after.kms?.keyID == ownKey)
    #expect(after.kms?.vaultID == vault.description && after.hasVNetIntegration)
    let shown = try Vault(recording[8].document())
    #expect(shown.privateEndpointConnections.map(\.status) == ["Approved"])
    #expect(shown.connections(of: after) == shown.privateEndpointConnections)
}

@Test func `a failed operation tells why, and so does the cluster that it leaves`() async throws {
    let recording = try Recording.own("operation_failed")
    let replay = try Replay(recording, Array(0...4))
    let outcome = try await replay.wait(try await replay.putRecorded(recording[0]))
    guard case .failed(let error) = outcome else {
        Issue.record("\(outcome)")
        return
    }
    #expect(error.kind == .internalOperationError && error.message == "Internal server error")
    let after = try await replay.clusters.get(replay.id)
    #expect(after.provisioningState == "Failed" && after.busyPools.isEmpty)
    #expect(after.provisioningError?.kind == .internalOperationError)
    #expect(after.kms?.enabled == true)
}

@Test func `an aborted operation is canceled, not failed`() async throws {
    let recording = try Recording.own("operation_canceled")
    let replay = try Replay(recording, [0, 1, 7, 8])
    let outcome = try await replay.wait(try await replay.putRecorded(recording[0]))
    guard case .canceled(let error) = outcome else {
        Issue.record("\(outcome)")
        return
    }
    #expect(error.kind == .operationCanceled && error.message == "Operation is being canceled by user")
    let after = try await replay.clusters.get(replay.id)
    #expect(after.provisioningState == "Canceled" && after.busyPools.isEmpty)
}

@Test(arguments: [
    ("conflicts", 0, ARMError.Kind.operationInProgress), ("conflicts", 1, .operationInProgress),
    ("conflicts", 2, .etagMismatch), ("conflicts", 3, .preconditionFailed), ("conflicts", 4, .preconditionFailed),
    ("conflicts", 5, .preconditionFailed), ("conflicts", 6, .invalidRequest), ("conflicts", 7, .operationInProgress),
    ("conflicts", 8, .operationInProgress), ("kms_refusals", 0, .keyVaultNetworkAccessMissing),
    ("kms_refusals", 1, .keyVaultResourceIDMissing), ("kms_refusals", 2, .vnetIntegrationRequired),
    ("kms_refusals", 3, .kmsIdentityPermission), ("gateway_refusals", 2, .authorizationFailed),
    ("gateway_refusals", 3, .scopeLocked), ("throttling", 0, .throttled),
])
func `a refused update is told by its kind and sent once`(file: String, index: Int, kind: ARMError.Kind) async throws {
    let recording = try Recording.own(file)
    let replay = try Replay(recording, [index])
    let error = await #expect(throws: ARMError.self) { try await replay.putRecorded(recording[index]) }
    #expect(error?.kind == kind)
    #expect(error?.retryAfter == (kind == .throttled ? 2 : nil))
    #expect(await replay.transport.requests.count == 1)
    #expect(replay.time.sleeps.all.isEmpty)
}

@Test(arguments: [(0, ARMError.Kind.notFound), (1, .notFound), (4, .policyDenied)])
func `what the gateway refuses of reads and of vaults is told by its kind`(index: Int, kind: ARMError.Kind) throws {
    let recording = try Recording.own("gateway_refusals")
    #expect(ARMError(answer: recording[index].answer, action: "test").kind == kind)
}

@Test func `a throttled read waits as long as it is asked to`() async throws {
    let throttled = try Recording.own("throttling")
    let disable = try Recording.own("kms_disable")
    let time = TestTime()
    let transport = ScriptedTransport(throttled.script([1]) + disable.script([0]))
    let clusters = ManagedClusters(arm: try client(transport, time: time))
    #expect(try await clusters.get(try disable[0].resource()).kms?.enabled == true)
    #expect(time.sleeps.all == [7])
}
