import Journal
import ModeSwitch
import Testing

@Suite struct ReconcileTests {
    static let key = "https://kv.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef"
    static let vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv"

    static func record(run: String = "run-1", key: String = key, vault: String = vault, changes: Int = 1)
        -> SwitchRecord
    {
        let profile = KMSProfile(enabled: true, keyID: key, mode: .publicAccess, vaultID: vault)
        let intent = Intent(
            runID: run, target: .privateAccess, strategy: .inPlace, original: profile, originalVaultAccess: .enabled,
            keyID: key, vaultID: vault, clusterID: "/c", resourceUID: "uid", kubeSystemUID: "ks")
        var receipts = Receipts()
        for _ in 0..<changes { receipts.changeSent(intent.offProfile, at: 1) }
        return SwitchRecord(intent: intent, receipts: receipts)
    }

    private func joined(
        file: SwitchRecord?, configMap: SwitchRecord?, keyID: String = key, vaultID: String = vault,
        resourceUID: String = "uid", kubeSystemUID: String = "ks", named: String? = nil
    ) throws(JournalError) -> SwitchRecord? {
        try reconcile(
            file: file, configMap: configMap,
            identity: RecordedIdentity(
                clusterID: "/C", resourceUID: resourceUID, kubeSystemUID: kubeSystemUID, keyID: keyID, vaultID: vaultID),
            confirmedKeyID: named, configMapName: "the ConfigMap")
    }

    @Test func `a run that was refused before its first change stands in nobody's way`() throws {
        let refused = Self.record(run: "run-2", changes: 0)
        #expect(!refused.isUnfinished)
        #expect(try joined(file: nil, configMap: refused) == nil)
        let unfinished = Self.record()
        #expect(try joined(file: refused, configMap: unfinished) == unfinished)
        #expect(try joined(file: unfinished, configMap: refused) == unfinished)
    }

    @Test func `of two copies of one run the newer is taken`() throws {
        let older = Self.record(changes: 1)
        let newer = Self.record(changes: 2)
        #expect(try joined(file: older, configMap: newer) == newer)
        #expect(try joined(file: newer, configMap: older) == newer)
    }

    @Test func `a colleague resumes from the ConfigMap alone when Azure shows the same key and vault`() throws {
        let record = Self.record()
        #expect(try joined(file: nil, configMap: record) == record)
    }

    @Test func `a ConfigMap that names a key that Azure does not show is refused`() {
        let forged = Self.record(key: "https://evil.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef")
        #expect(throws: JournalError.self) { try joined(file: nil, configMap: forged) }
    }

    @Test func `a ConfigMap that names another vault is refused`() {
        let forged = Self.record(vault: "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/evil")
        #expect(throws: JournalError.self) { try joined(file: nil, configMap: forged) }
    }

    @Test func `when Azure drops the key after off, only a key named by the user confirms the ConfigMap`() throws {
        let record = Self.record()
        #expect(throws: JournalError.self) { try joined(file: nil, configMap: record, keyID: "") }
        #expect(try joined(file: nil, configMap: record, keyID: "", named: Self.key) == record)
    }

    @Test func `the same run with another intent in the ConfigMap is refused`() {
        var forged = Self.record(changes: 3)
        forged.intent.target = .publicAccess
        #expect(throws: JournalError.self) { try joined(file: Self.record(), configMap: forged) }
    }

    @Test func `a make-safe that was killed between its two writes can go on`() throws {
        var file = Self.record(changes: 2)
        file.intent.purpose = .makeSafe
        file.intent.options.vaultSharedOK = true
        #expect(try joined(file: file, configMap: Self.record(changes: 1)) == file)
    }

    @Test func `two unfinished runs are refused`() {
        #expect(throws: JournalError.self) {
            try joined(file: Self.record(run: "run-1"), configMap: Self.record(run: "run-2"))
        }
    }

    @Test func `a finished run in the ConfigMap says nothing any more`() throws {
        var finished = Self.record(run: "run-2")
        finished.receipts.finished()
        let mine = Self.record()
        #expect(try joined(file: mine, configMap: finished) == mine)
        #expect(try joined(file: nil, configMap: finished) == nil)
    }

    @Test func `a run that a colleague finished is finished on the machine that began it too`() throws {
        var finished = Self.record(changes: 2)
        finished.receipts.finished()
        let mine = Self.record(changes: 1)
        #expect(try joined(file: mine, configMap: finished)?.isUnfinished == false)
        // What this machine did since is not finished by an older word, nor is another job by this one.
        let newer = Self.record(changes: 3)
        #expect(try joined(file: newer, configMap: finished) == newer)
        finished.intent.target = .publicAccess
        #expect(try joined(file: mine, configMap: finished) == mine)
    }

    @Test(arguments: [("other", "ks"), ("uid", "other")])
    func `a record of a cluster that was created anew is refused`(_ resourceUID: String, _ kubeSystemUID: String) {
        #expect(throws: JournalError.self) {
            try joined(
                file: Self.record(), configMap: nil, resourceUID: resourceUID, kubeSystemUID: kubeSystemUID)
        }
    }
}
