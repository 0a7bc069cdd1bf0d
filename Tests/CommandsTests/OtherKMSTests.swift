import Azure
import AzureResources
import Commands
import Connections
import Console
import Foundation
import HTTP
import JSON
import ModeSwitch
import Report
import Run
import TestDoubles
import Testing
import Usage

private let platform = #""kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Enabled"}"#
private let plainKey = "https://kv1.vault.azure.net/keys/kms"

/// What aks-preview's live tests see of each state by GET.
private let newStates: [(name: String, security: String)] = [
    ("platform-managed", "{\(platform)}"),
    ("platform-managed", #"{\#(platform),"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyID)"}}"#),
    ("platform-managed", #"{\#(platform),"azureKeyVaultKms":{"enabled":false,"keyId":"\#(plainKey)"}}"#),
    ("customer-key-public", customer("Public")), ("customer-key-private", customer("Private")),
    // As a migration by aks-preview leaves the key id: with its version (inferred from how it makes the body).
    ("customer-key-public", #"{\#(platform),"azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyID)"}}"#),
]

private func customer(_ mode: String) -> String {
    #"{\#(platform),"azureKeyVaultKms":{"enabled":true,"keyId":"\#(plainKey)","keyVaultNetworkAccess":"\#(mode)","#
        + #""keyVaultResourceId":"\#(vaultID)"}}"#
}

private let changing: [CommandRequest.Command] = [.makeSafe, .resume, switching]

/// Whole commands on clusters that have, or may have, another KMS than the legacy one.
@Suite struct `A cluster with another KMS` {
    private func onDesk(
        _ security: String, newest: String? = nil, _ body: (Desk) async throws -> Void
    ) async throws {
        let profile = try JSONValue(parsing: Array(security.utf8))
        try await CommandsTests.onDesk { desk in
            desk.azure.change {
                $0.setSecurity(profile)
                $0.newestVersion = newest
            }
            desk.world.arm.route(
                "GET \(vaultID)/keys/kms",
                #"{"properties":{"attributes":{"enabled":true},"kty":"RSA","keyOps":["encrypt","decrypt"]}}"#)
            desk.azure.change {
                $0.instead = { _, request in
                    guard request.hasPrefix("GET "), request.contains("/resources") else { return nil }
                    let vault = #"{"id":"\#(vaultID)","name":"kv1","type":"Microsoft.KeyVault/vaults"}"#
                    return HTTPResponse(status: 200, body: Array(#"{"value":[\#(vault)]}"#.utf8))
                }
            }
            try await body(desk)
        }
    }

    @Test(arguments: newStates.indices)
    func `on the new experience is named by status and list, and nothing is advised`(_ index: Int) async throws {
        let (name, security) = newStates[index]
        try await onDesk(security) { desk in
            let status = try #require(await desk.run(.status).result as? StatusResult)
            #expect(status.encryption.rawValue == name && status.secretsAtRest == .unknown)
            #expect(status.advice.text(for: .kubectl).hasPrefix("nothing"))
            let listed = try #require((await desk.run(.list).result as? ListResult)?.clusters.first)
            #expect(listed.encryption.rawValue == name && listed.newKMSExperience)
            // The vault of a key that is in use, and of no other.
            #expect(listed.vaultAccess == (name == "platform-managed" ? "" : "Enabled"))
            desk.expectUntouched()
        }
    }

    @Test(arguments: newStates.indices)
    func `on the new experience gets no update of the legacy KMS from any command`(_ index: Int) async throws {
        let (name, security) = newStates[index]
        try await onDesk(security) { desk in
            desk.begin(try JSONValue(parsing: Array(security.utf8)))
            let safe = await desk.run(.makeSafe)
            #expect(safe.exitCode == .done && safe.report?.secretsAtRest == .encrypted && desk.sent.isEmpty, "\(safe)")
            let resumed = await desk.run(.resume)
            #expect(resumed.exitCode == .refused && resumed.failure?.problem.id == "refused", "\(resumed)")
            let target: NetworkMode = name == "customer-key-private" ? .publicAccess : .privateAccess
            let switched = await desk.run(switching, to(target))
            #expect(switched.exitCode == (name == "platform-managed" ? .refused : .done), "\(switched)")
            for body in desk.sent {
                #expect(body["kubernetesResourceObjectEncryptionProfile"] != nil, "\(body)")
                #expect(body[path: "azureKeyVaultKms", "keyId"]?.string == plainKey, "\(body)")
            }
            desk.expectAll()
        }
    }

    @Test(arguments: newStates.indices)
    func `on the new experience is proven by a pass that the API server's own count stands for`(
        _ index: Int
    ) async throws {
        try await onDesk(newStates[index].security) { desk in
            desk.kube.change { $0.secrets["default/s3"]?.form = KubeDouble.plaintext }
            let seen = await desk.run(.verify(patch: true))
            let result = try #require(seen.result as? VerifyResult)
            #expect(seen.exitCode == .done && result.verdict == "proven" && result.rewritten == 1, "\(seen)")
            #expect(seen.outcome?.secretsAtRest == .encrypted)
            #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
        }
    }

    @Test func `on the new experience is not proven without that count`() async throws {
        try await onDesk("{\(platform)}") { desk in
            desk.kube.change { $0.hidesMetrics = true }
            let seen = await desk.run(.verify(patch: true))
            let result = try #require(seen.result as? VerifyResult)
            #expect(seen.exitCode == .done && result.verdict == "not proven", "\(seen)")
            #expect(result.reason.text(for: .kubectl).contains("/metrics") && seen.outcome?.secretsAtRest == .unknown)
        }
    }

    @Test(arguments: [
        ("{}", "2026-06-01"), (#"{"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyID)"}}"#, "2026-06-01"),
        (#"{\#(platform),"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyID)"}}"#, "2026-06-01"),
        (#"{"kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Later"}}"#, nil),
    ])
    func `that cannot be told is called unknown, and left alone`(_ security: String, _ newest: String?) async throws {
        try await onDesk(security, newest: newest) { desk in
            let status = try #require(await desk.run(.status).result as? StatusResult)
            #expect(status.encryption == .unknown && status.secretsAtRest == .unknown)
            #expect(status.advice.text(for: .kubectl).contains("az aks show") && status.encryptionNote != nil)
            let listed = try #require((await desk.run(.list).result as? ListResult)?.clusters.first)
            #expect(listed.encryption == .unknown && listed.encryptionNote != nil)
            for command in changing {
                let seen = await desk.run(command, to(.privateAccess))
                #expect(seen.failure?.problem.id == "unknown-kms", "\(seen)")
                let mayBeOff = security.contains(#""enabled":false"#)
                #expect(seen.exitCode == (mayBeOff ? .stoppedInPlaintext : .refused))
            }
            let rewrite = await desk.run(.rewriteSecrets(namespaces: nil, dryRun: false))
            #expect(rewrite.failure?.problem.id == "unknown-kms", "\(rewrite)")
            let verify = try #require(await desk.run(.verify(patch: false)).result as? VerifyResult)
            #expect(verify.items.contains { $0.id == "kms-profile" && $0.verdict == .notAvailable })
            desk.expectUntouched()
        }
    }

    @Test func `in a cloud that hides it is switched while the key id tells, there and back`() async throws {
        let legacy = #"{"azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyID)","keyVaultNetworkAccess":"Public"}}"#
        try await onDesk(legacy, newest: "2026-06-01") { desk in
            for target in [NetworkMode.privateAccess, .publicAccess] {
                let seen = await desk.run(switching, to(target))
                #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
            }
        }
    }
}

/// What is sent, by the version that the program prefers.
@Suite struct `The updates of a switch` {
    @Test func `have the bodies that docs/clusters.md shows`() async throws {
        let document = try clustersDocument()
        try await onDesk { desk in
            for target in [NetworkMode.privateAccess, .publicAccess] {
                #expect(await desk.run(switching, to(target)).exitCode == .done)
            }
            let bodies = desk.sent.compactMap { $0["azureKeyVaultKms"] }
            #expect(bodies.count == 4 && bodies[0] == .object(["enabled": .bool(false)]) && bodies[2] == bodies[0])
            for body in bodies { expectDocumented(body, in: document) }
        }
    }

    /// Of a rotation, and of the new experience: what `securityProfile` gets, in the forms that aks-preview's live
    /// tests send (`update_kms_pmk_cmk`).
    @Test func `of the new experience and of a rotation have the bodies that docs/clusters.md shows`() async throws {
        let document = try clustersDocument()
        var bodies: [JSONValue] = []
        try await onDesk { desk in
            let rotated = await desk.run(.rotate(dryRun: false), with { $0.makesKeyVersion = true })
            #expect(rotated.exitCode == .done, "\(rotated)")
            let made = desk.azure.read { $0.keyVersions.last ?? "" }
            let text = String(decoding: (desk.sent.last?["azureKeyVaultKms"] ?? .null).bytes(), as: UTF8.self)
            bodies += [try JSONValue(parsing: Array(text.replacing("\(plainKey)/\(made)", with: keyID).utf8))]
        }
        try await onDesk { desk in
            for key in [NewKey.platformManaged, .customerManaged] {
                let seen = await desk.run(.migrate(dryRun: false), with { $0.newKey = key }) {
                    guard key == .customerManaged else { return }
                    $0.keyID = plainKey
                    $0.takesVersionless = true
                }
                #expect(seen.exitCode == .done, "\(seen)")
            }
            #expect(await desk.run(switching, to(.privateAccess)).exitCode == .done)
            bodies += desk.sent
        }
        try await onDesk { desk in
            desk.azure.change { $0.setSecurity(.object([:])) }
            desk.kube.change { kube in
                kube.form = KubeDouble.plaintext
                for name in kube.secrets.keys { kube.secrets[name]?.form = KubeDouble.plaintext }
            }
            #expect(await desk.run(.migrate(dryRun: false), with { $0.newKey = .platformManaged }).exitCode == .done)
            bodies += desk.sent
        }
        #expect(bodies.count == 5)
        for body in bodies { expectDocumented(body, in: document) }
    }

    private func with(_ change: (inout RunOptions) -> Void) -> RunOptions {
        var options = RunOptions()
        options.soakSeconds = 240
        change(&options)
        return options
    }

    private func clustersDocument() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        return try String(contentsOf: root.appending(path: "docs/clusters.md"), encoding: .utf8)
    }

    private func expectDocumented(_ body: JSONValue, in document: String) {
        let text = String(decoding: body.bytes(), as: UTF8.self)
            .replacing(keyID, with: "KEY-ID/VERSION").replacing(plainKey, with: "KEY-ID")
            .replacing(vaultID, with: "VAULT-ID")
        #expect(document.contains("`\(text)`"), "\(text)")
    }
}

/// Somebody migrates the cluster in the middle of a run.
@Suite struct `A run whose cluster is migrated meanwhile` {
    private static let migrated: JSONValue = .object([
        "kubernetesResourceObjectEncryptionProfile": .object(["infrastructureEncryption": .string("Enabled")]),
        "azureKeyVaultKms": .object(["enabled": .bool(false), "keyId": .string(keyID)]),
    ])

    /// Does something once, at the first rewrite with KMS off.
    private func atRewrite(_ desk: Desk, _ body: @escaping @Sendable (inout KubeDouble.State) -> Void) {
        desk.kube.change {
            $0.before = { kube, request in
                guard kube.form == KubeDouble.plaintext, request.hasPrefix("PATCH"), request.contains("default") else {
                    return
                }
                body(&kube)
            }
        }
    }

    private func migrate(_ desk: Desk) {
        desk.kube.change {
            $0.before = { _, _ in }
            $0.form = KubeDouble.encrypted
        }
        desk.azure.change { $0.setSecurity(Self.migrated) }
    }

    @Test func `stops without another update, and says how every Secret becomes encrypted`() async throws {
        try await onDesk { desk in
            let azure = desk.azure
            atRewrite(desk) { kube in
                azure.change { $0.setSecurity(Self.migrated) }
                kube.form = KubeDouble.encrypted
            }
            let seen = await desk.run(switching, to(.privateAccess))
            #expect(seen.exitCode == .stoppedInPlaintext, "\(seen)")
            let problem = try #require(seen.report?.problem)
            #expect(problem.id == "new-kms-experience" && problem.next.text(for: .kubectl).contains("--patch"))
            #expect(!problem.state.text(for: .kubectl).contains("KMS is off"))
            #expect(desk.azure.read { $0.puts.count } == 1)
        }
    }

    @Test(arguments: [CommandRequest.Command.resume, .makeSafe])
    func `is not resumed, and a verifying pass encrypts what it left`(_ command: CommandRequest.Command) async throws {
        try await onDesk { desk in
            let interruption = Interruption()
            atRewrite(desk) { _ in interruption.request("the test asked") }
            let stopped = await desk.run(switching, to(.privateAccess), interruption: interruption)
            #expect(stopped.exitCode == .stoppedInPlaintext, "\(stopped)")
            migrate(desk)
            let refused = await desk.run(command)
            #expect(refused.exitCode == .refused && refused.failure?.problem.id == "new-kms-experience", "\(refused)")
            let status = try #require(await desk.run(.status).result as? StatusResult)
            #expect(status.advice.text(for: .kubectl).contains("verify --patch"))
            #expect(desk.kube.forms[KubeDouble.plaintext] ?? 0 > 0)
            let verified = await desk.run(.verify(patch: true))
            #expect(verified.outcome?.secretsAtRest == .encrypted, "\(verified)")
            #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
            #expect(desk.azure.read { $0.puts.count } == 1)
            // Then nothing is left of the run, here and elsewhere.
            for _ in 0..<2 {
                let after = try #require(await desk.run(.status).result as? StatusResult)
                #expect(after.unfinishedRun == nil && after.advice.text(for: .kubectl).hasPrefix("nothing: "))
                desk.forget()
            }
        }
    }

    @Test(arguments: [CommandRequest.Command.resume, .makeSafe])
    func `where the API version hides it, this machine's run goes on and no other does`(
        _ command: CommandRequest.Command
    ) async throws {
        for isElsewhere in [false, true] {
            try await onDesk { desk in
                desk.azure.change { $0.newestVersion = "2026-06-01" }
                let interruption = Interruption()
                atRewrite(desk) { _ in interruption.request("the test asked") }
                _ = await desk.run(switching, to(.privateAccess), interruption: interruption)
                desk.kube.change { $0.before = { _, _ in } }
                if isElsewhere { desk.forget() }
                let seen = await desk.run(command, to(.privateAccess))
                #expect(seen.exitCode == (isElsewhere ? .stoppedInPlaintext : .done), "\(seen)")
                #expect(seen.failure?.problem.id == (isElsewhere ? "unknown-kms" : nil))
                #expect(desk.azure.read { $0.puts.count } == (isElsewhere ? 1 : 2))
            }
        }
    }
}
