import Azure
import Journal
import ModeSwitch
import SecretRewrite

/// Inputs that the program itself writes, so that they are of the layout that it reads today: `TARGET/NAME`.
enum OwnSeeds {
    static let all: [String: [UInt8]] = [
        "record/unfinished": bytes(unfinished),
        "record/two": bytes(unfinished) + [partSeparator] + bytes(unfinished.map(completed)),
        "record/migration": bytes(unfinished.map(migrating)),
    ]

    private static let key = "https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"
    private static let group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/g/providers/"

    private static func bytes(_ record: SwitchRecord?) -> [UInt8] { record?.bytes() ?? [] }

    private static var unfinished: SwitchRecord? {
        guard let keyID = try? KeyIdentifier(parsing: key),
            let vault = try? AzureResourceID(parsing: group + "Microsoft.KeyVault/vaults/kv1"),
            let cluster = try? AzureResourceID(parsing: group + "Microsoft.ContainerService/managedClusters/c")
        else { return nil }
        let intent = Intent(
            runID: "run", target: .privateAccess, strategy: .inPlace,
            original: KMSProfile(enabled: true, keyID: key, mode: .publicAccess, vaultID: ""),
            originalVaultAccess: .enabled, keyID: keyID, vaultID: vault, clusterID: cluster, resourceUID: "r",
            kubeSystemUID: "k")
        var receipts = Receipts()
        receipts.changeSent(intent.offProfile, at: 1_795_478_400)
        receipts.changeEnded(.succeeded, at: 1_795_478_700)
        let began = receipts.passBegins()
        receipts.passEnded(
            PassReceipt(kind: .rewrite, total: 40, rewritten: 39, failures: [.denied: 1], complete: true, began: began),
            at: "e")
        receipts.converged(
            ConvergenceReceipt(state: .converged, samples: 20, at: 1_795_478_900), at: "e")
        return SwitchRecord(intent: intent, receipts: receipts)
    }

    private static func migrating(_ unfinished: SwitchRecord) -> SwitchRecord {
        var record = unfinished
        record.intent.purpose = .migrate
        record.intent.strategy = .viaPlatformKey
        record.intent.newKey = .customerManaged
        record.receipts = Receipts()
        record.receipts.changeSent(.platformManaged, at: 1_795_478_400)
        record.receipts.vaultChanged(to: .trustServices, readBack: .enabled, holds: true, at: 1_795_479_000)
        return record
    }

    private static func completed(_ unfinished: SwitchRecord) -> SwitchRecord {
        var record = unfinished
        record.receipts.vaultChanged(to: .closed, readBack: .disabled, at: 1_795_479_000)
        record.receipts.soaked(SoakReceipt(result: .passed, writes: 60, seconds: 600), at: "e")
        record.receipts.proved(ProofReceipt(items: [.init(id: "arm", verdict: .passed, detail: "on")]), at: "e")
        record.receipts.finished()
        return record
    }
}
