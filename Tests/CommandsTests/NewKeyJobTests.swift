import Azure
import Commands
import Connections
import Foundation
import HTTP
import JSON
import ModeSwitch
import Report
import Run
import TestDoubles
import Testing
import Usage

private let plainKey = "https://kv1.vault.azure.net/keys/kms"
private let platform: JSONValue = .object(["infrastructureEncryption": .string("Enabled")])

func customerKey(_ mode: String) -> JSONValue {
    .object([
        "kubernetesResourceObjectEncryptionProfile": platform,
        "azureKeyVaultKms": .object([
            "enabled": .bool(true), "keyId": .string(plainKey), "keyVaultNetworkAccess": .string(mode),
            "keyVaultResourceId": .string(vaultID),
        ]),
    ])
}

let platformKeyOnly: JSONValue = .object(["kubernetesResourceObjectEncryptionProfile": platform])

extension Desk {
    /// The cluster in a state of the new experience, with every Secret stored so.
    func begin(_ security: JSONValue, closed: Bool = false) {
        azure.change {
            $0.setSecurity(security)
            if closed {
                $0.vault = $0.vault.with(
                    [
                        "networkAcls": .object(["bypass": .string("AzureServices"), "defaultAction": .string("Deny")]),
                        "publicNetworkAccess": .string("Disabled"),
                    ])
            }
        }
        let form = azure.read(\.storedForm)
        kube.change { kube in
            kube.form = form
            for name in kube.secrets.keys { kube.secrets[name]?.form = form }
        }
    }

    /// The parts of `securityProfile` that each PUT sent.
    var sent: [JSONValue] {
        azure.read { $0.puts }.map { $0[path: "properties", "securityProfile"] ?? .object([:]) }
    }

    /// What encrypts, and that every Secret lies under it.
    func expectAll(_ location: SourceLocation = #_sourceLocation) {
        let form = azure.read(\.storedForm)
        #expect(
            form.hasPrefix("k8s:enc:") && kube.forms == [form: 12], "\(form) \(kube.forms)", sourceLocation: location)
    }
}

extension JSONValue {
    fileprivate func with(_ changes: [String: JSONValue]) -> JSONValue {
        var copy = self
        var properties = copy["properties"] ?? .object([:])
        for (name, value) in changes { properties[name] = value }
        copy["properties"] = properties
        return copy
    }
}

private func options(_ change: (inout RunOptions) -> Void) -> RunOptions {
    var options = RunOptions()
    options.soakSeconds = 240
    change(&options)
    return options
}

@Suite struct `A switch on the new KMS experience` {
    @Test func `to private lets trusted services in, changes the mode in one update, and closes last`() async throws {
        try await onDesk { desk in
            desk.begin(customerKey("Public"))
            let seen = await desk.run(switching, options { $0.target = .privateAccess })
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
            #expect(desk.sent == [customerKey("Private")])
            let patches = desk.azure.read(\.patches)
            #expect(patches.count == 2 && patches[0].contains("AzureServices"), "\(patches)")
            #expect(patches.last?.contains(#""publicNetworkAccess":"Disabled""#) == true, "\(patches)")
            #expect(seen.report?.exposure == nil && seen.report?.soak?.result == .passed)
            desk.expectAll()
            desk.expectTidy()
        }
    }

    @Test func `to private by the firewall leaves public access as it is`() async throws {
        try await onDesk { desk in
            desk.begin(customerKey("Public"))
            let seen = await desk.run(
                switching,
                options {
                    $0.target = .privateAccess
                    $0.closesFirewall = true
                })
            #expect(seen.exitCode == .done, "\(seen)")
            let patches = desk.azure.read(\.patches)
            #expect(patches.last?.contains(#""defaultAction":"Deny""#) == true, "\(patches)")
            #expect(desk.azure.read(\.vaultAccess) == "Enabled")
        }
    }

    @Test func `to public opens the vault first`() async throws {
        try await onDesk { desk in
            desk.begin(customerKey("Private"), closed: true)
            let seen = await desk.run(switching, options { $0.target = .publicAccess })
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
            #expect(desk.sent == [customerKey("Public")])
            let requests = desk.azure.read(\.asked).filter { $0.hasPrefix("P") && !$0.hasPrefix("POST") }
            #expect(requests.map { String($0.prefix(5)) } == ["PATCH", "PATCH", "PUT /"], "\(requests)")
            desk.expectAll()
        }
    }

    @Test func `that Azure refuses at once changes nothing, and goes by way of Azure's own key`() async throws {
        try await onDesk { desk in
            desk.begin(customerKey("Public"))
            desk.azure.change { $0.refusesDirectChange = true }
            let refused = await desk.run(switching, options { $0.target = .privateAccess })
            #expect(refused.exitCode == .failed && desk.sent.isEmpty, "\(refused)")
            #expect(refused.report?.problem?.next.text(for: .kubectl).contains("--via-platform-key") == true)
            let safe = await desk.run(.makeSafe)
            #expect(safe.exitCode == .done && desk.sent.isEmpty, "\(safe)")
            let seen = await desk.run(
                switching,
                options {
                    $0.target = .privateAccess
                    $0.viaPlatformKey = true
                })
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
            let between: JSONValue = .object([
                "kubernetesResourceObjectEncryptionProfile": platform,
                "azureKeyVaultKms": .object(["enabled": .bool(false)]),
            ])
            #expect(desk.sent == [between, customerKey("Private")])
            desk.expectAll()
        }
    }

    @Test func `has no vault to switch with Azure's own key`() async throws {
        try await onDesk { desk in
            desk.begin(platformKeyOnly)
            let seen = await desk.run(switching, options { $0.target = .privateAccess })
            #expect(seen.exitCode == .refused && desk.sent.isEmpty)
            #expect(seen.failure?.problem.what.contains("no vault to switch") == true, "\(seen)")
        }
    }
}

@Suite struct `A migration` {
    private func migrate(
        _ desk: Desk, to key: NewKey, via: Bool = false, select: (inout SubjectSelection) -> Void = { _ in }
    ) async -> FrontEndDouble.Seen {
        await desk.run(
            .migrate(dryRun: false),
            options {
                $0.newKey = key
                $0.viaPlatformKey = via
            }, select: select)
    }

    @Test func `moves a legacy cluster to Azure's own key, to a customer's and back`() async throws {
        try await onDesk { desk in
            for key in [NewKey.platformManaged, .customerManaged, .platformManaged] {
                let seen = await migrate(desk, to: key) {
                    guard key == .customerManaged else { return }
                    $0.keyID = plainKey
                    $0.takesVersionless = true
                }
                #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
                desk.expectAll()
            }
            let off: JSONValue = .object(["enabled": .bool(false)])
            #expect(desk.sent.map { $0["azureKeyVaultKms"] } == [off, customerKey("Public")["azureKeyVaultKms"], off])
            #expect(desk.sent.allSatisfy { $0["kubernetesResourceObjectEncryptionProfile"] == platform })
            desk.expectTidy()
        }
    }

    @Test func `encrypts a cluster that never had KMS`() async throws {
        try await onDesk { desk in
            desk.azure.change { $0.setSecurity(.object([:])) }
            desk.kube.change { kube in
                kube.form = KubeDouble.plaintext
                for name in kube.secrets.keys { kube.secrets[name]?.form = KubeDouble.plaintext }
            }
            let seen = await migrate(desk, to: .platformManaged)
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
            #expect(desk.sent == [platformKeyOnly])
            desk.expectAll()
        }
    }

    @Test(arguments: ["Public", "Private"])
    func `keeps the key and the mode of a legacy cluster`(_ mode: String) async throws {
        try await onDesk { desk in
            desk.azure.change {
                $0.setSecurity(
                    .object([
                        "azureKeyVaultKms": .object([
                            "enabled": .bool(true), "keyId": .string(keyID), "keyVaultNetworkAccess": .string(mode),
                            "keyVaultResourceId": .string(vaultID),
                        ])
                    ]))
            }
            let seen = await migrate(desk, to: .customerManaged)
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
            #expect(desk.sent == [customerKey(mode)])
            desk.expectAll()
        }
    }

    @Test func `that Azure refuses at once goes by way of Azure's own key`() async throws {
        try await onDesk { desk in
            desk.azure.change { $0.refusesDirectChange = true }
            let refused = await migrate(desk, to: .customerManaged)
            #expect(refused.exitCode == .failed && desk.sent.isEmpty, "\(refused)")
            #expect(await desk.run(.makeSafe).exitCode == .done)
            let seen = await migrate(desk, to: .customerManaged, via: true)
            #expect(seen.exitCode == .done && desk.sent.count == 2, "\(seen)")
            desk.expectAll()
        }
    }

    @Test func `that nobody agrees to changes nothing`() async throws {
        try await onDesk { desk in
            var desk = desk
            desk.agrees = false
            let seen = await migrate(desk, to: .platformManaged)
            #expect(seen.isDeclined && desk.sent.isEmpty)
        }
    }
}

@Suite struct `A rotation` {
    @Test func `makes a version, moves every Secret to it, and says what must stay`() async throws {
        try await onDesk { desk in
            let seen = await desk.run(.rotate(dryRun: false), options { $0.makesKeyVersion = true })
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted, "\(seen)")
            let made = "https://kv1.vault.azure.net/keys/kms/" + (desk.azure.read { $0.keyVersions.last } ?? "")
            #expect(
                desk.sent.map { $0["azureKeyVaultKms"] } == [
                    .object([
                        "enabled": .bool(true), "keyId": .string(made), "keyVaultNetworkAccess": .string("Public"),
                        "keyVaultResourceId": .string(""),
                    ])
                ])
            #expect(
                seen.report?.afterwards?.contains { $0.contains(keyID) } == true, "\(String(describing: seen.report))")
            desk.expectAll()
            desk.expectTidy()
        }
    }

    @Test func `takes the newest version, and refuses when KMS uses it already`() async throws {
        try await onDesk { desk in
            let none = await desk.run(.rotate(dryRun: false), RunOptions())
            #expect(none.exitCode == .refused && desk.sent.isEmpty, "\(none)")
            desk.azure.change { $0.keyVersions.append("00000000000000000000000000000002") }
            let seen = await desk.run(.rotate(dryRun: false), RunOptions())
            #expect(seen.exitCode == .done && desk.sent.count == 1, "\(seen)")
            desk.expectAll()
        }
    }

    @Test func `twice tells that the oldest version may go`() async throws {
        try await onDesk { desk in
            for _ in 0..<2 {
                let seen = await desk.run(.rotate(dryRun: false), options { $0.makesKeyVersion = true })
                #expect(seen.exitCode == .done, "\(seen)")
                let says = seen.report?.afterwards ?? []
                if desk.sent.count == 2 { #expect(says.contains { $0.contains(keyID) && $0.contains("no longer") }) }
            }
            desk.expectAll()
        }
    }

    @Test func `on the new experience waits until Azure has taken the version`() async throws {
        try await onDesk { desk in
            desk.begin(customerKey("Public"))
            let seen = await desk.run(.rotate(dryRun: false), options { $0.makesKeyVersion = true })
            #expect(seen.exitCode == .done && seen.report?.secretsAtRest == .encrypted && desk.sent.isEmpty, "\(seen)")
            desk.expectAll()
        }
    }

    @Test func `on the new experience that Azure does not take in time is not proven`() async throws {
        try await onDesk { desk in
            desk.begin(customerKey("Public"))
            desk.azure.change { $0.ignoresNewVersions = true }
            let seen = await desk.run(
                .rotate(dryRun: false),
                options {
                    $0.makesKeyVersion = true
                    $0.controllerSeconds = 60
                })
            #expect(seen.exitCode == .interrupted && seen.report?.problem?.id == "convergence-unproven", "\(seen)")
            // The version in use is the old one, and accepting that proves nothing else.
            let accepted = await desk.run(
                .resume,
                options {
                    $0.acceptUnprovenConvergence = true
                    $0.controllerSeconds = 60
                })
            #expect(accepted.exitCode == .interrupted && accepted.report?.afterwards == nil, "\(accepted)")
        }
    }
}
