import Azure
import AzureAccount
import AzureResources
import JSON
import Preflight
import Text

/// Who else takes keys from the vault, as far as the caller can see.
extension PreflightScene {
    /// Other clusters, and disk encryption sets: of what takes keys, the kind that names its vault in ARM and stops
    /// machines from starting.
    func readOtherUsers() async -> FactChange {
        guard closesVault else {
            return {
                $0.conflicts.otherClusters = .notApplicable
                $0.conflicts.otherConsumers = .notApplicable
            }
        }
        let places = await subscriptions()
        async let clusters = vault.thenRead { await otherClusters(of: $0, in: places) }
        async let consumers = vault.thenRead { try await diskEncryptionSets(of: $0, in: places) }
        let (others, sets) = await (clusters, consumers)
        return {
            $0.conflicts.otherClusters = others
            $0.conflicts.otherConsumers = sets
        }
    }

    /// Where to look, and why that may not be everywhere.
    private struct Places: Sendable {
        var subscriptions: [String]
        var trouble: String?
    }

    /// The cluster's and the vault's, and all others of the vault's own tenant: KMS takes keys from no other.
    private func subscriptions() async -> Places {
        var places = Places(subscriptions: [subject.cluster.subscription, vaultID.subscription])
        do {
            let tenant = vault.value?.tenantID?.lowercased()
            let all = try await arm.subscriptions()
            guard all.contains(where: { $0.id.lowercased() == subject.cluster.subscription.lowercased() }) else {
                throw Unreadable("Azure's list of them lacks the cluster's own")
            }
            places.subscriptions +=
                all.filter { tenant == nil || $0.tenantID.isEmpty || $0.tenantID.lowercased() == tenant }.map(\.id)
        } catch {
            places.trouble = "other subscriptions (\(error))"
        }
        var seen: Set<String> = []
        places.subscriptions = places.subscriptions.filter { seen.insert($0.lowercased()).inserted }
        return places
    }

    private func otherClusters(of vault: Vault, in places: Places) async -> PreflightFacts.OtherClusters {
        let search = await ManagedClusters(arm: arm).all(in: places.subscriptions)
        let clusters = search.found.using(vault, except: subject.cluster).filter {
            !subject.switchedToo.contains($0.id)
        }.map { other in
            PreflightFacts.OtherCluster(id: other.id.description, mode: other.kms?.mode)
        }
        let notLooked = search.unreadable.map { "subscription \($0.id)" } + (places.trouble.map { [$0] } ?? [])
        return PreflightFacts.OtherClusters(clusters: clusters, notLooked: notLooked)
    }

    private func diskEncryptionSets(of vault: Vault, in places: Places) async throws -> [String] {
        var found: [String] = []
        var trouble: (any Error)?
        for subscription in places.subscriptions {
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
        if found.isEmpty {
            if let trouble { throw trouble }
            if let trouble = places.trouble { throw Unreadable(trouble) }
        }
        return found
    }

    private static func takesKeys(of vault: Vault, _ set: JSONValue) throws(Unreadable) -> Bool {
        let url = try set.text("properties.activeKey.keyUrl", absent: "")
        if let key = try? KeyIdentifier(parsing: url) { return vault.owns(key) }
        let source = try set.text("properties.activeKey.sourceVault.id", absent: "")
        return (try? AzureResourceID(parsing: source)) == vault.id
    }
}
