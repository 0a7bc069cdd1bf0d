import Azure

extension Receipts {
    /// Takes what ARM shows as the outcome of the newest change. Returns whether anything was recorded.
    package mutating func settle(_ cluster: ClusterObservation, at time: Double) -> Bool {
        guard let last = lastChange, cluster.presence == .present else { return false }
        let shown = cluster.kms.means(last.profile)
        switch (last.outcome, cluster.provisioning) {
        case (_, .inProgress): return false
        case (.sent, .failed(let why)), (.accepted, .failed(let why)): changeEnded(.failed, because: why, at: time)
        case (.sent, .succeeded) where shown, (.accepted, .succeeded) where shown: changeEnded(.succeeded, at: time)
        case (.sent, .succeeded): changeEnded(.deferred, because: withoutEffect(last.refusal), at: time)
        case (.accepted, .succeeded): changedByOthers(cluster.kms, at: time)
        case (.succeeded, .succeeded) where !shown, (.byOthers, .succeeded) where !shown:
            changedByOthers(cluster.kms, at: time)
        default: return false
        }
        return true
    }

    /// A change whose answer was lost, once a look has shown that nothing came of it.
    private func withoutEffect(_ lost: AzureRefusal?) -> AzureRefusal {
        var refusal = lost ?? AzureRefusal(what: "")
        refusal.what = "it had no effect" + (lost.map { "; instead of an answer came: \($0.what)" } ?? "")
        return refusal
    }
}
