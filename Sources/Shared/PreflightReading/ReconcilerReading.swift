import Azure
import AzureResources
import HTTP
import JSON
import KubeAPI
import Preflight

/// What keeps the cluster or the vault as a definition says, as far as tags and the cluster's own API tell.
extension PreflightScene {
    func readReconcilers() async -> FactChange {
        let tagged =
            Reconciler.tagging("cluster", with: tags(cluster.map(\.document)))
            + Reconciler.tagging("vault", with: tags(vault.map(\.document)))
        let inside = await kube.thenRead { try await installed($0) }
        // What was found is worth more than what was not.
        let found: Fact<[Reconciler]> =
            tagged.isEmpty
            ? inside
            : .known(
                tagged
                    + (inside.value ?? []).filter { new in
                        !tagged.contains { $0.tool == new.tool }
                    })
        return { $0.conflicts.reconcilers = found }
    }

    private func tags(_ document: Fact<JSONValue>) -> [String: String] {
        guard let members = document.value?["tags"]?.object else { return [:] }
        return Dictionary(
            members.compactMap { tag in tag.value.string.map { (tag.key, $0) } }, uniquingKeysWith: { $1 })
    }

    private func installed(_ kube: KubeClient) async throws -> [Reconciler] {
        let answer = try await kube.json(KubeRequest(.get, ["apis"]))
        guard let groups = answer["groups"]?.array else {
            throw Unreadable("the API server does not tell which APIs it serves")
        }
        var found: [Reconciler] = []
        for group in groups {
            guard let name = group["name"]?.string else { continue }
            if name == Self.serviceOperator, let version = group["preferredVersion"]?["version"]?.string,
                let managing = try? await self.managing(kube, version)
            {
                found += managing
            } else {
                found += Reconciler.installed(groups: [name])
            }
        }
        return found
    }

    private static let serviceOperator = "containerservice.azure.com"

    /// The objects of Azure Service Operator whose `status.id` is this cluster.
    private func managing(_ kube: KubeClient, _ version: String) async throws -> [Reconciler] {
        let list = try await kube.json(
            KubeRequest(.get, ["apis", Self.serviceOperator, version, "managedclusters"], query: ["limit": "500"]))
        guard list["metadata"]?["continue"]?.string ?? "" == "" else {
            throw Unreadable("there are more than 500 of them")
        }
        let ours = (list["items"]?.array ?? []).filter { item in
            guard let id = item["status"]?["id"]?.string else { return false }
            return (try? AzureResourceID(parsing: id)) == subject.cluster
        }
        return ours.flatMap { item in
            let metadata = item["metadata"]
            return Reconciler.managing(
                object: "\(metadata?["namespace"]?.string ?? "")/\(metadata?["name"]?.string ?? "")",
                owner: metadata?["ownerReferences"]?.array?.first?["kind"]?.string,
                managers: (metadata?["managedFields"]?.array ?? []).compactMap { $0["manager"]?.string })
        }
    }
}
