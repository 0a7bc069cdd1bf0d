import AzureAccount
import AzureResources
import JSON
import Preflight

/// Who else takes keys from the vault, in every subscription that can be read.
extension PreflightScene {
    func readOtherClusters() async -> FactChange {
        guard closesVault else { return { $0.conflicts.otherClusters = .notApplicable } }
        let others = await vault.thenRead { vault in
            let subscriptions = try await readableSubscriptions()
            let search = await ManagedClusters(arm: arm).all(in: subscriptions)
            let clusters = search.found.using(vault, except: subject.cluster).map { other in
                PreflightFacts.OtherCluster(
                    id: other.id.description,
                    mode: other.kms?.networkAccess.flatMap { PreflightFacts.Mode(rawValue: $0.rawValue) })
            }
            return PreflightFacts.OtherClusters(
                clusters: clusters, unreadableSubscriptions: search.unreadable.map(\.id))
        }
        return { $0.conflicts.otherClusters = others }
    }

    /// Those of the vault's own tenant: KMS takes keys from no other.
    private func readableSubscriptions() async throws -> [String] {
        let all = try await arm.subscriptions()
        guard all.contains(where: { $0.id.lowercased() == subject.cluster.subscription.lowercased() }) else {
            throw Unreadable("Azure's list of subscriptions lacks the cluster's own")
        }
        let tenant = vault.value?.tenantID?.lowercased()
        let mine = all.filter { tenant == nil || $0.tenantID.isEmpty || $0.tenantID.lowercased() == tenant }.map(\.id)
        let named = [subject.cluster.subscription, subject.vault.subscription]
        var seen: Set<String> = []
        return (named + mine).filter { seen.insert($0.lowercased()).inserted }
    }

    /// Disk encryption sets: of what takes keys, the kind that names its vault in ARM and stops machines from starting.
    func readOtherConsumers() async -> FactChange {
        guard closesVault else { return { $0.conflicts.otherConsumers = .notApplicable } }
        let consumers = await vault.thenRead { vault in
            var found: [String] = []
            var trouble: (any Error)?
            for subscription in try await readableSubscriptions() {
                do {
                    let sets = try await arm.list(
                        "/subscriptions/\(percentEncoded(subscription))/providers/Microsoft.Compute/diskEncryptionSets",
                        apiVersion: PreflightAPIVersions.diskEncryptionSets)
                    found += try sets.filter { try Self.takesKeys(of: vault, $0) }.map { try $0.text("id") }
                } catch {
                    trouble = error
                }
            }
            // What was found is worth more than what was not.
            if found.isEmpty, let trouble { throw trouble }
            return found
        }
        return { $0.conflicts.otherConsumers = consumers }
    }

    private static func takesKeys(of vault: Vault, _ set: JSONValue) throws(Unreadable) -> Bool {
        let url = try set.text("properties.activeKey.keyUrl", absent: "")
        if let key = try? AzureResources.KeyIdentifier(parsing: url) { return vault.owns(key) }
        let source = try set.text("properties.activeKey.sourceVault.id", absent: "")
        return (try? AzureResourceID(parsing: source)) == vault.id
    }
}
