package import ModeSwitch
package import Plan
import SecretRewrite

@testable package import Azure

package let etcdKey = KeyIdentifier(
    vaultAuthority: "kv-prod.vault.azure.net", name: "etcd", version: "0123456789abcdef")
package let etcdVault = AzureResourceID(
    checked: "s-1", resourceGroup: "rg-kv", provider: "Microsoft.KeyVault", segments: ["vaults", "kv-prod"])

package func makeIntent(
    _ target: NetworkMode = .privateAccess, strategy: Strategy = .inPlace, purpose: Intent.Purpose = .switchMode,
    cluster: String = "prod", key: KeyIdentifier = etcdKey
) -> Intent {
    Intent(
        runID: "run-1", purpose: purpose, target: target, strategy: strategy,
        original: KMSProfile(
            enabled: true, keyID: etcdKey.description, mode: target == .publicAccess ? .privateAccess : .publicAccess,
            vaultID: target == .publicAccess ? etcdVault.description : ""),
        originalVaultAccess: target == .privateAccess ? .enabled : .disabled, keyID: key, vaultID: etcdVault,
        clusterID: AzureResourceID(
            checked: "s-1", resourceGroup: "rg-prod", provider: "Microsoft.ContainerService",
            segments: ["managedClusters", cluster]),
        resourceUID: "uid-1", kubeSystemUID: "uid-2")
}

/// The world as it is before the first change.
package func makeSeen(_ intent: Intent) -> Observation {
    Observation(
        cluster: ClusterObservation(kms: intent.original, eTag: "e-1", resourceUID: "uid-1"),
        vault: VaultObservation(access: intent.originalVaultAccess, privateEndpoint: .approved),
        kubernetes: KubernetesObservation(kubeSystemUID: "uid-2"))
}

/// As a run leaves it that turned KMS off and rewrote everything.
package func makeSeenOff(_ intent: Intent) -> Observation {
    var seen = makeSeen(intent)
    seen.cluster.kms = intent.offProfile
    seen.receipts.changeSent(intent.offProfile, at: 1_700_000_000)
    seen.receipts.changeEnded(.accepted, at: 1_700_000_005)
    seen.receipts.changeEnded(.succeeded, at: 1_700_000_200)
    let began = seen.receipts.passBegins()
    seen.receipts.passEnded(
        PassReceipt(
            kind: .rewrite, total: 3, rewritten: 3, complete: true, startedAt: 1_700_000_300,
            endedAt: 1_700_000_310.5, began: began))
    return seen
}

package func makeFacts(_ intent: Intent, secrets: Int? = 5000, eTag: String = "e-1") -> PlanFacts {
    PlanFacts(secrets: secrets, eTag: eTag, kms: intent.original, vaultAccess: intent.originalVaultAccess)
}
