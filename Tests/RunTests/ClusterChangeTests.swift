import Azure
import AzureResources
import HTTP
import JSON
import ModeSwitch
import TestDoubles
import Testing

@testable import Run

private let off = KMSProfile(enabled: false, keyID: keyText, mode: .publicAccess, vaultID: "")
private let on = KMSProfile(enabled: true, keyID: keyText, mode: .publicAccess, vaultID: "")

@Suite struct ClusterChangeTests {
    private func send(
        _ answers: [String], decidedOn decided: String?, isFresh: Bool = false, _ profile: KMSProfile = off,
        uid: String = "uid"
    ) async throws -> (ClusterChange.Result, [HTTPRequest]) {
        let arm = ScriptedARM(answers)
        let change = ClusterChange(
            arm: try arm.client(), clusterID: try AzureResourceID(parsing: clusterPath), resourceUID: uid)
        let look = try decided.map { try managedCluster($0) }
        let decision = ClusterChange.Decision(cluster: look, isFresh: isFresh)
        return (try await change.send(profile, decidedOn: decision), arm.requests)
    }

    private func refusal(_ result: ClusterChange.Result) -> AzureRefusal? {
        if case .notSent(let answer) = result { answer } else { nil }
    }

    @Test func `a cluster with an eTag is read once and written with the condition, by one version`() async throws {
        let (result, requests) = try await send([clusterText(), clusterText()], decidedOn: clusterText())
        guard case .sent(let sent) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(sent.hadCondition && requests.map(\.method) == [.get, .put])
        #expect(requests.allSatisfy { $0.url.hasSuffix("api-version=2026-07-01") })
        #expect(requests.last?.headers["If-Match"] == "\"1\"")
    }

    @Test func `a fresh look with an eTag is written from, without another`() async throws {
        let (result, requests) = try await send([clusterText()], decidedOn: clusterText(), isFresh: true)
        guard case .sent = result else {
            Issue.record("\(result)")
            return
        }
        #expect(requests.map(\.method) == [.put] && requests[0].headers["If-Match"] == "\"1\"")
    }

    @Test func `a fresh look without an eTag is confirmed by another`() async throws {
        let plain = clusterText(eTag: nil)
        let (_, requests) = try await send([plain, plain], decidedOn: plain, isFresh: true)
        #expect(requests.map(\.method) == [.get, .put])
        let changed = clusterText(eTag: nil, more: #","tags":{"team":"b"}"#)
        let (result, asked) = try await send([changed], decidedOn: plain, isFresh: true)
        let told = try #require(refusal(result))
        #expect(told.kind == .outdated && told.pause == 1)
        #expect(asked.map(\.method) == [.get])
    }

    @Test func `another cluster under the same name is not written from a fresh look either`() async throws {
        let other = clusterText(uid: "other")
        let (result, requests) = try await send([], decidedOn: other, isFresh: true)
        #expect(refusal(result)?.what == "the cluster was created anew under its name" && requests.isEmpty)
    }

    @Test(arguments: [("", true), ("uid", false)])
    func `a cluster for which Azure shows no identity is written, unless it had one before`(
        uid: String, isWritten: Bool
    ) async throws {
        let text = clusterText().replacing(#""resourceUID":"uid","#, with: "")
        let (result, requests) = try await send([text, text], decidedOn: text, uid: uid)
        #expect(requests.map(\.method) == (isWritten ? [.get, .put] : [.get]), "\(result)")
    }

    @Test func `without an eTag the look right before the update confirms the one it was decided on`() async throws {
        let plain = clusterText(eTag: nil)
        let (result, requests) = try await send([plain, plain], decidedOn: plain)
        guard case .sent(let sent) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(!sent.hadCondition && requests.map(\.method) == [.get, .put])
        #expect(requests.last?.headers["If-Match"] == nil)
    }

    @Test func `without an eTag and without an earlier look the cluster is looked at twice`() async throws {
        let plain = clusterText(eTag: nil)
        let (_, requests) = try await send([plain, plain, plain], decidedOn: nil)
        #expect(requests.map(\.method) == [.get, .get, .put])
    }

    @Test(arguments: [
        (clusterText(eTag: nil), clusterText(eTag: nil, more: #","tags":{"team":"b"}"#)),
        (clusterText(eTag: nil), clusterText(eTag: nil, security: kmsOff)), (clusterText(), clusterText(eTag: "2")),
        (clusterText(eTag: nil), clusterText()),
    ])
    func `a cluster that was changed since it was decided on is not written`(before: String, now: String) async throws {
        let (result, requests) = try await send([now], decidedOn: before)
        let told = try #require(refusal(result))
        #expect(told.kind == .outdated && told.pause == 1)
        #expect(requests.map(\.method) == [.get])
    }

    @Test func `another cluster under the same name is not written`() async throws {
        let (result, requests) = try await send([clusterText(uid: "other")], decidedOn: clusterText())
        #expect(refusal(result)?.what == "the cluster was created anew under its name")
        #expect(requests.map(\.method) == [.get])
    }

    /// I11, at the lowest place: whoever decided what, nothing is sent.
    @Test(arguments: [off, on])
    func `no update reaches a cluster on the new KMS experience`(_ profile: KMSProfile) async throws {
        let kept = #"\#(platformKey),"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyText)"}"#
        let arm = ScriptedARM([clusterText(security: kept)])
        let change = ClusterChange(
            arm: try arm.client(), clusterID: try AzureResourceID(parsing: clusterPath), resourceUID: "uid")
        let error = await #expect(throws: ARMError.self) {
            let look = try managedCluster(clusterText(security: kept))
            return try await change.send(profile, decidedOn: .init(cluster: look, isFresh: false))
        }
        #expect(error?.kind == .newKMSExperience(.platformManaged))
        #expect(arm.requests.map(\.method) == [.get])
        let refusal = AzureRefusal(try #require(error))
        #expect(refusal.kind == .newExperience && refusal.pause == nil && refusal.what.contains("nothing was changed"))
    }
}

@Suite struct KeptSettingsTests {
    private func kept(before: String, after: String..., enabled: Bool = false) throws -> (KeptSettings, [[String]?]) {
        var kept = KeptSettings()
        let sent = ClusterChange.Sent(operation: nil, before: try managedCluster(before), trace: AzureTrace())
        kept.sent(sent, enabled: enabled)
        let told = try after.map { kept.look(try managedCluster($0)) }
        return (kept, told)
    }

    private func item(_ id: String, _ kept: KeptSettings) throws -> ProofReceipt.Item {
        try #require(kept.items.first { $0.id == id })
    }

    @Test func `a setting that is gone after an update is told once and stays in the evidence`() throws {
        var (kept, told) = try kept(before: clusterText(), after: clusterText(eTag: "2", security: kmsOff, more: ""))
        #expect(told == [["tags"]])
        #expect(kept.look(try managedCluster(clusterText(eTag: "2", security: kmsOff, more: ""))) == nil)
        let item = try item("settings-kept", kept)
        #expect(item.verdict == .warning && item.detail.contains("tags"))
        #expect(ProofReceipt(items: [item, .init(id: "x", verdict: .passed, detail: "")]).passed)
    }

    @Test func `an update is judged when it has ended, not while it runs or before it is seen`() throws {
        let (kept, told) = try kept(
            before: clusterText(), after: clusterText(), clusterText(security: kmsOff, state: "Updating", more: ""),
            clusterText(eTag: "2", security: kmsOff))
        #expect(told == [nil, nil, []])
        #expect(try item("settings-kept", kept).verdict == .passed)
        #expect(try item("update-condition", kept).verdict == .passed)
    }

    @Test func `an update that names another key is not judged by a look from before it`() throws {
        let (kept, told) = try kept(before: clusterText(), after: clusterText(), enabled: true)
        #expect(told == [nil])
        #expect(try item("settings-kept", kept).verdict == .notAvailable)
    }

    @Test func `without an eTag the report says what stood for the condition`() throws {
        let (kept, _) = try kept(before: clusterText(eTag: nil))
        let item = try item("update-condition", kept)
        #expect(item.verdict == .warning && item.detail.contains("no eTag"))
        #expect(try self.item("settings-kept", kept).verdict == .notAvailable)
    }

    @Test func `a process that changed nothing claims nothing`() {
        #expect(KeptSettings().items.map(\.verdict) == [.notAvailable, .notAvailable])
    }
}
