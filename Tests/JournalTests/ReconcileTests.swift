import Journal
import ModeSwitch
import SecretRewrite
import Testing

@testable import Azure

@Suite struct ReconcileTests {
    static let key = keyID(in: "kv1")
    static let vault = vaultID("kv1")

    static func keyID(in vault: String) -> KeyIdentifier {
        KeyIdentifier(
            vaultAuthority: "\(vault).vault.azure.net", name: "k", version: "0123456789abcdef0123456789abcdef")
    }

    static func vaultID(_ name: String) -> AzureResourceID { id("Microsoft.KeyVault", "vaults", name) }

    private static func id(_ provider: String, _ segments: String...) -> AzureResourceID {
        AzureResourceID(
            checked: "00000000-0000-0000-0000-000000000001", resourceGroup: "g", provider: provider, segments: segments)
    }

    private static func cluster(_ name: String) -> AzureResourceID {
        id("Microsoft.ContainerService", "managedClusters", name)
    }

    static func record(
        run: String = "run-1", key: KeyIdentifier = key, vault: AzureResourceID = vault, changes: Int = 1
    ) -> SwitchRecord {
        let profile = KMSProfile(
            enabled: true, keyID: key.description, mode: .publicAccess, vaultID: vault.description)
        let intent = Intent(
            runID: run, target: .privateAccess, strategy: .inPlace, original: profile, originalVaultAccess: .enabled,
            keyID: key, vaultID: vault, clusterID: cluster("c"), resourceUID: "uid", kubeSystemUID: "ks")
        var receipts = Receipts()
        for _ in 0..<changes { receipts.changeSent(intent.offProfile, at: 1) }
        return SwitchRecord(intent: intent, receipts: receipts)
    }

    static let identity = RecordedIdentity(
        clusterID: cluster("C"), resourceUID: "uid", kubeSystemUID: "ks", keyID: key.description, vaultID: vault)

    private func known(_ file: SwitchRecord?, _ configMap: SwitchRecord?) throws(JournalError) -> KnownRun {
        try KnownRun(file: file, configMap: configMap, identity: Self.identity)
    }

    private func resumed(
        _ file: SwitchRecord?, _ configMap: SwitchRecord?, _ named: NamedRun = NamedRun(),
        keyID: String = key.description, vaultID: AzureResourceID? = vault
    ) throws(JournalError) -> SwitchRecord? {
        var identity = Self.identity
        identity.keyID = keyID
        identity.vaultID = vaultID
        return try known(file, configMap).resumed(named, identity, configMapName: "the ConfigMap")
    }

    /// A run with everything that it can claim: converged, verified, proven.
    private func proven(_ run: String = "run-1", completed: Bool = false) -> SwitchRecord {
        var record = Self.record(run: run)
        record.receipts.changeEnded(.succeeded, at: 2)
        record.receipts.sampled(
            .baseline, ConvergenceReceipt(state: .converged), under: record.intent.original, at: "1")
        for kind in [RewritePurpose.rewrite, .verify] {
            let began = record.receipts.passBegins()
            record.receipts.passEnded(PassReceipt(kind: kind, total: 40, complete: true, began: began), at: "1")
        }
        record.receipts.converged(ConvergenceReceipt(state: .converged), at: "1")
        record.receipts.soaked(SoakReceipt(result: .passed), at: "1")
        record.receipts.proved(ProofReceipt(items: [.init(id: "a", verdict: .passed, detail: "")]), at: "1")
        if completed { record.receipts.finished() }
        return record
    }

    private func claimsNothing(_ receipts: Receipts?) -> Bool {
        guard let receipts else { return false }
        return receipts.convergence.isEmpty && receipts.passes.isEmpty && receipts.soak == nil && receipts.proof == nil
            && receipts.baseline == nil && receipts.probes.isEmpty && !receipts.completed
    }

    @Test func `a run that was refused before its first change stands in nobody's way`() throws {
        let refused = Self.record(run: "run-2", changes: 0)
        #expect(!refused.isUnfinished)
        #expect(try known(nil, refused) == .none)
        let unfinished = Self.record()
        #expect(try known(refused, unfinished) == .hint(unfinished))
        #expect(try known(unfinished, refused) == .mine(unfinished))
    }

    @Test func `this machine's record keeps its evidence while the cluster's copy says the same`() throws {
        let record = proven()
        #expect(try resumed(record, record) == record)
        #expect(try resumed(record, nil) == record)
    }

    @Test func `a process that ended between its two places loses no evidence`() throws {
        var before = proven()
        before.save = "a"
        before.earlier = []
        var mine = proven()
        mine.receipts.changeSent(mine.intent.targetProfile, at: 3)
        mine.save = "c"
        mine.earlier = ["a", "b"]
        #expect(try known(mine, before) == .mine(mine))
        for (save, run) in [("d", "run-1"), (nil, "run-1"), ("a", "run-2")] {
            var theirs = before
            theirs.save = save
            theirs.intent.runID = run
            guard case .mine = try known(mine, theirs) else { continue }
            Issue.record("\(save ?? "no save") of \(run)")
        }
    }

    @Test func `the cluster's copy is never taken for the later one`() throws {
        var mine = proven()
        mine.save = "a"
        var theirs = proven()
        theirs.receipts.changeSent(theirs.intent.targetProfile, at: 3)
        theirs.save = "b"
        theirs.earlier = ["a"]
        #expect(try known(mine, theirs) == .changedElsewhere(mine: mine, theirs: theirs))
    }

    @Test(arguments: [1, 3]) func `where the copies differ neither is evidence, whichever counts further`(
        _ changes: Int
    ) throws {
        var mine = proven()
        for _ in 1..<changes { mine.receipts.changeSent(mine.intent.offProfile, at: 3) }
        var theirs = proven()
        theirs.receipts.changeSent(theirs.intent.targetProfile, at: 4)
        let record = try resumed(mine, theirs)
        #expect(record?.intent == mine.intent)
        #expect(record?.receipts.changes == mine.receipts.changes)
        #expect(claimsNothing(record?.receipts))
    }

    @Test func `a copy that says that the run is complete does not end this machine's`() throws {
        let mine = proven()
        let record = try resumed(mine, proven(completed: true))
        #expect(record != nil)
        #expect(claimsNothing(record?.receipts))
        #expect(try known(mine, proven(completed: true)).record != nil)
    }

    @Test func `that KMS may have been off is believed of either copy`() throws {
        var mine = Self.record()
        mine.receipts.changeEnded(.refused, at: 2)
        let record = try resumed(mine, Self.record())
        #expect(record?.receipts.mayHaveBeenOff == true)
    }

    @Test func `a run that only the cluster knows needs its target from the person, and brings no evidence`() throws {
        let theirs = proven()
        #expect(throws: JournalError.self) { try resumed(nil, theirs) }
        let record = try resumed(nil, theirs, NamedRun(target: .privateAccess))
        #expect(record?.intent.target == .privateAccess)
        #expect(claimsNothing(record?.receipts))
        // A planted target is not the one that the person wants.
        #expect(try resumed(nil, theirs, NamedRun(target: .publicAccess))?.intent.target == .publicAccess)
    }

    @Test func `a run that only the cluster knows is shown without anything that it claims`() throws {
        #expect(claimsNothing(try known(nil, proven()).record?.receipts))
    }

    @Test func `a run that only the cluster knows goes to a second vault only with a key that is in one`() throws {
        var theirs = Self.record()
        theirs.intent.strategy = .secondVault
        #expect(try resumed(nil, theirs, NamedRun(target: .privateAccess))?.intent.strategy == .inPlace)
        let second = Self.keyID(in: "other")
        theirs.intent.keyID = second
        let named = NamedRun(target: .privateAccess, keyID: second)
        #expect(try resumed(nil, theirs, named)?.intent.strategy == .secondVault)
    }

    @Test func `options and the order of a run that only the cluster knows are not believed`() throws {
        var theirs = Self.record()
        theirs.intent.options = Intent.Options(
            acceptedFailures: [.denied], acceptUnprovenConvergence: true, vaultSharedOK: true, soakSeconds: 0,
            onFailure: .stop)
        theirs.intent.strategy = .closeVaultFirst
        let record = try resumed(nil, theirs, NamedRun(target: .privateAccess))
        #expect(record?.intent.options == Intent.Options())
        #expect(record?.intent.strategy == .inPlace)
    }

    @Test func `a key that Azure does not show is refused`() {
        let forged = Self.record(key: Self.keyID(in: "evil"))
        #expect(throws: JournalError.self) { try resumed(nil, forged, NamedRun(target: .privateAccess)) }
    }

    @Test func `the vault is the one that holds the key, whatever the cluster's copy names`() throws {
        let forged = Self.record(vault: Self.vaultID("evil"))
        #expect(try resumed(nil, forged, NamedRun(target: .privateAccess))?.intent.vaultID == Self.vault)
        #expect(throws: JournalError.self) {
            try resumed(nil, forged, NamedRun(target: .privateAccess), vaultID: nil)
        }
    }

    @Test func `when Azure drops the key after off, only a key named by the person confirms the cluster's copy`() throws
    {
        let record = Self.record()
        #expect(throws: JournalError.self) { try resumed(nil, record, NamedRun(target: .privateAccess), keyID: "") }
        let named = NamedRun(target: .privateAccess, keyID: Self.key)
        #expect(try resumed(nil, record, named, keyID: "")?.intent.keyID == Self.key)
    }

    @Test func `another run that came later is told, and the person chooses`() throws {
        let mine = proven("run-1")
        for other in [Self.record(run: "run-3"), proven("run-3", completed: true)] {
            #expect(throws: JournalError(.overtaken(mine: "run-1", other: "run-3"), source: "the ConfigMap")) {
                try resumed(mine, other)
            }
            let record = try resumed(mine, other, NamedRun(runID: "run-1"))
            #expect(record?.intent.runID == "run-1")
            #expect(claimsNothing(record?.receipts))
        }
        #expect(throws: JournalError.self) { try resumed(mine, Self.record(run: "run-3"), NamedRun(runID: "run-9")) }
    }

    @Test func `a later run that is complete blocks no new switch, an unfinished one does`() throws {
        #expect(try known(proven("run-1"), proven("run-3", completed: true)).record == nil)
        #expect(try known(proven("run-1"), Self.record(run: "run-3")).record?.intent.runID == "run-3")
    }

    @Test func `a run that this machine finished is over, also where its copy was not written any more`() throws {
        #expect(try known(proven(completed: true), proven()) == .none)
    }

    @Test(arguments: [("other", "ks"), ("uid", "other")])
    func `a record of a cluster that was created anew is refused`(_ resourceUID: String, _ kubeSystemUID: String) {
        var identity = Self.identity
        identity.resourceUID = resourceUID
        identity.kubeSystemUID = kubeSystemUID
        #expect(throws: JournalError.self) {
            try KnownRun(file: Self.record(), configMap: nil, identity: identity)
        }
    }
}
