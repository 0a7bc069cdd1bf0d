import ClusterModel

/// What an update owes to the Secrets that are stored.
extension StandIn {
    /// An update hangs while Secrets lie under a key that is in no slot any more: "cluster stuck in updating status"
    /// after a second rotation without a rewrite (Azure/kubernetes-kms#291, Azure/AKS#4648). Neither thread knows a
    /// limit. That it ends when no such Secret is left, or is aborted, is inferred.
    func waitForSecrets(_ id: String, _ change: Change) async throws {
        guard change.isKMS, change.after == plane(change.cluster).applied else { return }
        let backend = plane(change.cluster).backend
        while isRunning(id), try await backend?.secretsLockedOut() ?? 0 > 0 { try await configuration.sleep(0.2) }
        guard isOfNewKMS(change), faults.holds(.reencryptionWithinOperation, at: .cluster(change.cluster)) != nil else {
            return
        }
        while isRunning(id), faults.holds(.controllerOff, at: .cluster(change.cluster)) == nil,
            await !rewriteOnce(change.cluster)
        {
            try await configuration.pace(60)
        }
    }

    /// The controller begins when the operation has ended, if the API servers have the new key.
    func startReencryption(after change: Change) {
        guard change.isKMS, isOfNewKMS(change), change.after == plane(change.cluster).applied,
            faults.holds(.reencryptionWithinOperation, at: .cluster(change.cluster)) == nil
        else { return }
        startReencryption(change.cluster)
    }

    private func isOfNewKMS(_ change: Change) -> Bool {
        world.clusterIndex(change.cluster).map { world.clusters[$0].hasBackend && world.clusters[$0].usesNewKMS }
            ?? false
    }
}
