import Azure
import JSON
import Journal
import KubeAPI
import ModeSwitch

@testable import AzExtensionShim

extension Target {
    /// Records of runs, and what az asks for.
    static let runs = [
        Target("record") { input in
            let parts = parts(input)
            let records = parts.prefix(2).map { try? SwitchRecord(parsing: $0, source: "a") }
            guard let first = records.compactMap({ $0 }).first else { return }
            precondition((try? SwitchRecord(parsing: first.bytes(), source: "a")) == first)
            let intent = first.intent
            let identity = RecordedIdentity(
                clusterID: intent.clusterID, resourceUID: intent.resourceUID, kubeSystemUID: intent.kubeSystemUID,
                keyID: intent.keyID?.description ?? "", vaultID: intent.vaultID)
            for (file, configMap) in [(records.first ?? nil, records.last ?? nil), (first, nil), (nil, first)] {
                do {
                    let known = try KnownRun(file: file, configMap: configMap, identity: identity)
                    _ = (known.record, known.hints)
                    for named in [
                        NamedRun(), NamedRun(target: .publicAccess, keyID: intent.keyID, runID: intent.runID),
                    ] {
                        if let record = try known.resumed(named, identity, configMapName: "b") { goOn(record) }
                    }
                } catch {
                    _ = "\(error)"
                }
            }
        },
        Target("shim-request") { input in
            var splitter = LineSplitter(limit: 4096)
            for case .line(let line) in splitter.lines(of: input[...]) {
                guard let document = try? JSONValue(parsing: line) else { continue }
                do {
                    _ = "\(try ShimRequest(document, kubeconfigVariable: nil))"
                } catch {
                    _ = "\(error)"
                }
            }
        },
    ]

    /// What a run does with a record: everything that adds to it, and the choice of the next step.
    private static func goOn(_ record: SwitchRecord) {
        var receipts = record.receipts
        let intent = record.intent
        let cluster = ClusterObservation(kms: intent.original, eTag: "e", resourceUID: intent.resourceUID)
        func next() -> Step {
            nextStep(
                intent,
                Observation(
                    cluster: cluster, vault: VaultObservation(access: .enabled),
                    kubernetes: KubernetesObservation(kubeSystemUID: intent.kubeSystemUID), receipts: receipts))
        }
        _ = "\(next())"
        receipts.resumed()
        receipts.changeSent(intent.offProfile, at: 0)
        receipts.changeEnded(.succeeded, at: 1)
        let began = receipts.passBegins()
        receipts.passEnded(PassReceipt(kind: .rewrite, complete: true, began: began), at: "e")
        receipts.vaultChanged(to: .closed, readBack: nil, at: 2)
        receipts.vaultChanged(to: .trustServices, readBack: .enabled, holds: true, at: 3)
        receipts.keyVersionMade(KeyVersionReceipt(keyID: intent.keyID, at: 4), isTakenByAzure: intent.newKey != nil)
        _ = "\(next())"
        _ = SwitchRecord(intent: intent, receipts: receipts).bytes()
    }
}
