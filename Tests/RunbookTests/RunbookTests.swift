import Foundation
import JSON
import SystemRig
import Testing

/// A documented way, and the switch that does the same job.
enum Way: String, CaseIterable, CustomTestStringConvertible {
    case toPrivateOlder = "to-private older"
    case toPrivateNewer = "to-private newer"
    /// Both documents have the same order in this direction.
    case toPublic = "to-public"

    var testDescription: String { rawValue }
    var runbook: [String] { rawValue.split(separator: " ").map(String.init) }
    var change: [String] {
        switch self {
        case .toPrivateOlder: ["switch", "--private", "--close-vault-first"]
        case .toPrivateNewer: ["switch", "--private"]
        case .toPublic: ["switch", "--public"]
        }
    }
    var sandbox: SandboxOptions {
        var options = SandboxOptions(mode: self == .toPublic ? "Private" : "Public")
        options.more = Self.backend
        return options
    }

    /// KMS_VAULT_RUNBOOK_KUBE_APISERVER puts the real API server and etcd behind it.
    private static let backend: [String] =
        ProcessInfo.processInfo.environment["KMS_VAULT_RUNBOOK_KUBE_APISERVER"].map {
            ["--backend", "real", "--kube-apiserver", $0]
        } ?? []
}

@Suite(.needsAz, .serialized)
struct `The documented runbook` {
    @Test(arguments: Way.allCases)
    func `leads where the switch leads, but for what the switch does better`(way: Way) async throws {
        async let followed = following(way)
        async let switched = switching(way)
        let (byHand, bySwitch) = try await (followed, switched)

        let kms = try #require(byHand.cluster[path: "properties", "securityProfile", "azureKeyVaultKms"])
        #expect(kms["enabled"]?.bool == true)
        #expect(kms["keyVaultNetworkAccess"]?.string == (way == .toPublic ? "Public" : "Private"))
        #expect(kms["keyVaultResourceId"]?.string?.isEmpty == (way == .toPublic))
        #expect(byHand.access.last == (way == .toPublic ? "Enabled" : "Disabled"))
        #expect(byHand.cluster == bySwitch.cluster)
        #expect(byHand.vault == bySwitch.vault)
        #expect(byHand.access == bySwitch.access)
        #expect(byHand.operations == ["Succeeded", "Succeeded"])
        #expect(byHand.operations == bySwitch.operations)
        #expect(byHand.connections == bySwitch.connections)
        #expect(byHand.secrets == bySwitch.secrets)
        #expect(byHand.secrets.count >= 40)

        // Better: the runbook, to the letter, leaves every Secret that was there as plaintext.
        let count = Int64(byHand.secrets.count)
        #expect(byHand.stored == Outcome.Stored(plaintext: count, encryptedByKey: [:]))
        #expect(bySwitch.stored.plaintext == 0)
        #expect(bySwitch.stored.encryptedByKey.count == 1)
        #expect(bySwitch.stored.encryptedByKey.values.reduce(0, +) == count)
    }

    private func following(_ way: Way) async throws -> Outcome {
        var outcome: Outcome?
        try await inSandbox(way.sandbox) { sandbox, plugin in
            let az = try Az(sandbox)
            let run = try await az.runbook(way.runbook)
            print("== \(way.rawValue)\n\(run.transcript)")
            #expect(run.exitCode == 0)
            let read = try await Outcome.read(sandbox, plugin, az)
            outcome = read
            // With the rewrite that the page on enabling has and this one lacks, storage is as the switch leaves it.
            let again = try await az.runbook(["rewrite"])
            #expect(again.exitCode == 0, "\(again.transcript)")
            let stored = Outcome.stored(try await sandbox.state(), sandbox)
            #expect(stored.plaintext == 0)
            #expect(stored.encryptedByKey.values.reduce(0, +) == Int64(read.secrets.count))
        }
        return try #require(outcome)
    }

    private func switching(_ way: Way) async throws -> Outcome {
        var outcome: Outcome?
        try await inSandbox(way.sandbox) { sandbox, plugin in
            let result = try await plugin.run(way.change + plugin.target + ["--yes", "-o", "json"])
            #expect(result.exitCode == 0, "\(result.testDescription)")
            outcome = try await Outcome.read(sandbox, plugin, try Az(sandbox))
        }
        return try #require(outcome)
    }
}
