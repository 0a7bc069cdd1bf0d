import Azure
import HTTP
import JSON
import Preflight
import SecretRewrite

@testable import AzureResources
@testable import PreflightReading
@testable import Run

private let clusterID =
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"
private let vaultID =
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv1"
private let keyID = "https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"

extension Target {
    static let azure = [
        Target("cluster") { input in
            guard let document = try? JSONValue(parsing: input), let cluster = try? ManagedCluster(document),
                let vault = try? AzureResourceID(parsing: vaultID),
                let key = try? KeyIdentifier(parsing: keyID)
            else { return }
            read(cluster)
            for setting in [KMSSetting.off, .onPublic(key: key), .onPrivate(key: key, vault: vault)] {
                guard let body = try? cluster.updateBody(settingKMS: setting) else { continue }
                precondition(body[path: "properties", "securityProfile", "azureKeyVaultKms"]?["enabled"] != nil)
                // What is sent must not lack anything but what Azure marks as read-only.
                var wanted = document.withoutReadOnlyMembers
                wanted["properties"]?["securityProfile"]?["azureKeyVaultKms"] = nil
                var sent = body
                sent["properties"]?["securityProfile"]?["azureKeyVaultKms"] = nil
                let lost = membersGone(before: wanted, after: sent)
                precondition(lost.isEmpty, "an update loses \(lost)")
            }
        },
        Target("members-gone") { input in
            let parts = parts(input)
            guard let before = try? JSONValue(parsing: parts[part: 0]),
                let after = try? JSONValue(parsing: parts[part: 1])
            else { return }
            _ = membersGone(before: before, after: after)
            precondition(membersGone(before: before, after: before).isEmpty)
            if let earlier = try? ManagedCluster(before), let later = try? ManagedCluster(after) {
                _ = later.isUnchanged(since: earlier)
            }
        },
        Target("vault") { input in
            let parts = parts(input)
            guard let document = try? JSONValue(parsing: parts[part: 0]) else { return }
            let key = VaultKey(document)
            _ = (key.isEnabled, key.expires)
            _ = DeletedVault(document).vaultID
            guard let vault = try? Vault(document) else { return }
            read(vault)
            if let other = try? JSONValue(parsing: parts[part: 1]), let cluster = try? ManagedCluster(other) {
                _ = vault.endpointState(of: cluster)
            }
        },
        Target(
            "authorization",
            awaiting: { input in
                guard let arm = armClient(Answers(input)), let vault = try? AzureResourceID(parsing: vaultID) else {
                    return
                }
                let authorization = Authorization(arm: arm)
                _ = try? await authorization.locks(on: vault)
                _ = try? await authorization.ownPermissions(at: vault)
                _ = try? await arm.subscriptions()
            }),
        Target("action-pattern") { input in
            let parts = parts(input)
            _ = [Permission(actions: [text(parts[part: 0])])].allow(text(parts[part: 1]))
        },
        Target("arm-error") { input in
            let answer = Answers(input).first
            let error = ARMError(answer: answer, action: "GET a")
            _ = (error.description, error.advice)
            _ = claimsChallenge(in: HTTPResponse(status: 401, headers: answer.headers))
        },
        Target("api-versions") { input in
            if let preview = newestPreview(offeredIn: text(input)) { precondition(preview.utf8.count == 18) }
            guard let version = newestStableVersion(offeredIn: text(input)) else { return }
            precondition(version.utf8.count == 10)
        },
        Target("operation") { input in
            var polling = OperationPolling(start: 0, timeout: 3600)
            for round in 1...3 {
                let next = polling.take(Answers(input).first, at: Double(round) * 10)
                if case .wait(let seconds) = next { precondition(seconds >= 1 && seconds <= 3600) }
                _ = "\(next) \(polling.progress)"
            }
        },
        Target(
            "arm-list",
            awaiting: { input in
                guard let arm = armClient(Answers(input)), let id = try? AzureResourceID(parsing: clusterID) else {
                    return
                }
                let clusters = ManagedClusters(arm: arm)
                _ = try? await clusters.list(subscription: id.subscription)
                _ = try? await clusters.get(id)
                _ = try? await clusters.userCredentials(id)
                _ = try? await Vaults(arm: arm).ids(named: "kv1", subscription: id.subscription)
            }),
        Target(
            "preflight",
            awaiting: { input in
                let answers = Answers(input)
                guard let arm = armClient(answers), let cluster = try? AzureResourceID(parsing: clusterID),
                    let vault = try? AzureResourceID(parsing: vaultID)
                else { return }
                let reader = PreflightReader(arm: arm, kube: .known(kubeClient(answers)), clock: MonotonicClock())
                let subject = PreflightSubject(cluster: cluster, vault: vault, keyID: keyID, kubeconfigCluster: "c")
                let circumstances = PreflightCircumstances(
                    isTheARMCluster: .known(true), skipsTLSVerification: .known(false),
                    credential: .known(.init(renewable: true, expires: nil)), lock: .known(nil),
                    journalWritable: .known(true))
                let question = PreflightReader.Question(
                    target: .privateAccess, subject: subject, circumstances: circumstances, now: now, concurrency: 4)
                let facts = await reader.critical(before: .disable, question)
                _ = PreflightReport.critical(before: .disable, facts, accepting: []).blockers.map { "\($0)" }
            }),
    ]

    private static func read(_ cluster: ManagedCluster) {
        _ = (cluster.name, cluster.apiServerHosts, cluster.hasVNetIntegration)
        _ = (cluster.kms?.keyID, cluster.kms?.mode, cluster.kms?.vaultID, cluster.identity)
        _ = cluster.busyPools
        _ = (cluster.provisioningError?.description, cluster.encryption.description, cluster.encryption.note)
    }

    private static func read(_ vault: Vault) {
        _ = (vault.name, vault.authority, vault.access, vault.shownAccess, vault.firewallDenies, vault.accessPolicies)
        _ = vault.privateEndpointConnections.map { ($0.endpoint, $0.status) }
    }
}
