import Console
import FoundationEssentials
import ModeSwitch
import Synchronization

@testable import Azure
@testable import SecretRewrite

let keyID = KeyIdentifier(vaultAuthority: "kv-prod.vault.azure.net", name: "etcd", version: "0123456789abcdef")
let vaultID = AzureResourceID(
    checked: "s-1", resourceGroup: "rg-kv", provider: "Microsoft.KeyVault", segments: ["vaults", "kv-prod"])

func makeIntent(
    _ target: NetworkMode = .privateAccess, strategy: Strategy = .inPlace, purpose: Intent.Purpose = .switchMode,
    cluster: String = "prod", key: KeyIdentifier = keyID
) -> Intent {
    Intent(
        runID: "run-1", purpose: purpose, target: target, strategy: strategy,
        original: KMSProfile(
            enabled: true, keyID: keyID.description, mode: target == .publicAccess ? .privateAccess : .publicAccess,
            vaultID: target == .publicAccess ? vaultID.description : ""),
        originalVaultAccess: target == .privateAccess ? .enabled : .disabled, keyID: key, vaultID: vaultID,
        clusterID: AzureResourceID(
            checked: "s-1", resourceGroup: "rg-prod", provider: "Microsoft.ContainerService",
            segments: ["managedClusters", cluster]),
        resourceUID: "uid-1", kubeSystemUID: "uid-2")
}

/// The world as it is before the first change.
func makeSeen(_ intent: Intent) -> Observation {
    Observation(
        cluster: ClusterObservation(kms: intent.original, eTag: "e-1", resourceUID: "uid-1"),
        vault: VaultObservation(access: intent.originalVaultAccess, privateEndpoint: .approved),
        kubernetes: KubernetesObservation(kubeSystemUID: "uid-2"))
}

/// As a run leaves it that turned KMS off and rewrote everything.
func makeSeenOff(_ intent: Intent) -> Observation {
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

func makeFacts(_ intent: Intent, secrets: Int? = 5000, eTag: String = "e-1") -> PlanFacts {
    PlanFacts(secrets: secrets, eTag: eTag, kms: intent.original, vaultAccess: intent.originalVaultAccess)
}

func makeFailure(namespace: String, name: String, cause: String) throws -> SecretFailure {
    let members = ["namespace": namespace, "name": name, "outcome": "denied", "cause": cause]
    return try JSONDecoder().decode(SecretFailure.self, from: JSONEncoder().encode(members))
}

func makeProgress(done: Int, total: Int?, rate: Double? = 500) -> PassProgress {
    PassProgress(
        kind: .rewrite, done: done, total: total, counts: OutcomeCounts(), namespacesDone: 1, namespaces: 2, rate: rate,
        concurrency: 8, isPaused: false, trouble: nil, elapsed: 4)
}

/// A run's progress with the steps of its plan.
func makeState(_ intent: Intent, exposedSince: Double? = nil, kmsIsOn: Bool? = nil) -> ProgressState {
    ProgressState(
        intent: intent, steps: plan(for: intent, makeFacts(intent)).steps, exposedSince: exposedSince, kmsIsOn: kmsIsOn)
}

/// Keeps what was written.
final class Screen: Sendable {
    private let text = Mutex("")
    private let time = Mutex(1000.0)

    var written: String { text.withLock { $0 } }
    var now: Double { time.withLock { $0 } }
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }

    var writer: TextWriter {
        TextWriter { bytes in
            self.text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
            return true
        }
    }

    func progress(_ intent: Intent, terminal: Terminal, verbosity: Verbosity = .normal) -> TerminalProgress {
        TerminalProgress(
            makeState(intent), writer: writer, terminal: { terminal }, verbosity: verbosity,
            now: { self.now })
    }
}
