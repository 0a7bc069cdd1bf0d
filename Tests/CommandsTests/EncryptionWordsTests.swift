import Azure
import AzureResources
import Console
import ModeSwitch
import Report
import TestDoubles
import Testing
import Usage

@testable import Commands
@testable import Connections
@testable import Run

/// What commands say of a cluster on the new KMS experience.
@Suite struct EncryptionWordsTests {
    /// Platform-managed after a legacy KMS: it is off in the profile and keeps its versioned key.
    private static let platform = clusterText(
        security: #"\#(platformKey),"azureKeyVaultKms":{"enabled":false,"keyId":"\#(keyText)"}"#)
    private static let customer = clusterText(
        security: #""azureKeyVaultKms":{"enabled":true,"keyId":"https://kv1.vault.azure.net/keys/kms","#
            + #""keyVaultNetworkAccess":"Private"}"#)

    private func refusal(_ text: String) throws -> SubjectError? {
        let cluster = try managedCluster(text)
        return cluster.encryption.refusal(of: cluster)
    }

    @Test func `list names the state of each cluster and does not call the new experience off`() throws {
        let states = try [clusterText(), clusterText(security: kmsOff), Self.platform, Self.customer].map {
            ListedCluster(try managedCluster($0))
        }
        #expect(states.map(\.encryption) == [.legacyOn, .legacyOff, .platformManaged, .customerKeyPrivate])
        #expect(states.map(\.newKMSExperience) == [false, false, true, true])
        guard case .table(let table)? = ListResult(clusters: states, unreadable: []).sections.first else {
            Issue.record("no table")
            return
        }
        #expect(table.rows.map { $0[2] } == ["legacy-on", "legacy-off", "platform-managed", "customer-key-private"])
    }

    @Test func `list says what an older API version does not show`() throws {
        let listed = ListedCluster(try managedCluster(clusterText(), version: "2026-06-01"))
        #expect(listed.encryption == .legacyOn && listed.encryptionNote?.contains("2026-06-01") == true)
        #expect(ListResult(clusters: [listed, listed], unreadable: []).sections.count == 2)
    }

    @Test(arguments: [true, false])
    func `status never advises make-safe or resume there`(unfinished: Bool) throws {
        let view = try managedCluster(Self.platform).observation()
        #expect(view.newKMSExperience)
        let advice = StatusJob.advice(view, nil, .unreadable, unfinished: unfinished).text(for: .kubectl)
        #expect(!advice.contains("make-safe") && !advice.contains("resume"))
        #expect(unfinished ? advice.contains("verify --patch") : advice.hasPrefix("nothing: "))
    }

    @Test(arguments: [true, false])
    func `status calls KMS that was turned off a thing to mend, and only one that never was nothing`(
        neverHadKMS: Bool
    ) throws {
        let view = try managedCluster(clusterText(security: kmsOff)).observation()
        #expect(!view.kms.enabled && view.kms.keyID.isEmpty)
        let advice = StatusJob.advice(view, nil, .unreadable, unfinished: false, neverHadKMS: neverHadKMS)
            .text(for: .kubectl)
        #expect(advice.hasPrefix("nothing, if KMS was never on") == neverHadKMS)
        #expect(advice.contains("turns KMS on again") == !neverHadKMS)
    }

    @Test func `switch, resume, make-safe and preflight are refused with what the cluster is and what to do`() throws {
        #expect(try refusal(clusterText()) == nil)
        #expect(try refusal(clusterText(security: kmsOff)) == nil)
        for (text, words) in [(Self.platform, "platform-managed key"), (Self.customer, "its vault as Private")] {
            let refusal = try #require(try self.refusal(text))
            #expect(
                refusal.description.hasPrefix("c is on the new KMS experience") && refusal.description.contains(words))
            for command in [CommandRequest.Command.makeSafe, .resume, .preflight, .switchMode(dryRun: false)] {
                let failure = CommandFailure(refusal, command)
                #expect(failure.problem.id == "new-kms-experience")
                // Nothing there can be plaintext because of a run of ours.
                #expect(
                    failure.problem.state == "Nothing was changed."
                        && failure.problem.next.text(for: .kubectl).contains("leave"))
                #expect(failure.exitCode == (command.changes ? .refused : .failed))
            }
        }
    }

    @Test func `a run that meets the new experience stops before anything else`() throws {
        let cluster = try managedCluster(Self.platform)
        let profile = cluster.kmsProfile
        let intent = Intent(
            runID: "r", purpose: .makeSafe, target: .privateAccess, strategy: .inPlace, original: profile,
            originalVaultAccess: .enabled, keyID: try KeyIdentifier(parsing: keyText),
            vaultID: try AzureResourceID(parsing: clusterPath).child("vaults", "v"),
            clusterID: try AzureResourceID(parsing: clusterPath), resourceUID: "uid", kubeSystemUID: "k")
        for state in ["Succeeded", "Failed"] {
            let text = Self.platform.replacing(#""Succeeded""#, with: #""\#(state)""#)
            let seen = Observation(
                cluster: try managedCluster(text).observation(),
                vault: VaultObservation(access: .enabled), kubernetes: KubernetesObservation(kubeSystemUID: "k"))
            #expect(nextStep(intent, seen) == .stop(.newKMSExperience))
        }
    }
}
