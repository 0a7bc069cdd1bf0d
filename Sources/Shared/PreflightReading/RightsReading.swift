import Azure
import AzureAccount
import AzureResources
import HTTP
import JSON
import Preflight

/// What the caller may do in ARM, and what forbids it to all.
extension PreflightScene {
    func readCallerOnCluster() async -> FactChange {
        let permissions = await callerPermissions(at: subject.cluster)
        return { $0.rights.onCluster = permissions }
    }

    func readCallerOnVault() async -> FactChange {
        let permissions = await callerPermissions(at: vaultID)
        return { $0.rights.onVault = permissions }
    }

    private func callerPermissions(at resource: AzureResourceID) async -> Fact<[Permission]> {
        await .reading { try await Authorization(arm: arm).ownPermissions(at: resource) }
    }

    /// ARM checks a write of the cluster against its identities and its subnets too.
    func readLinkedRights() async -> FactChange {
        let needed = cluster.then { cluster in
            try Self.linkedActions(of: cluster.document)
        }
        let rights = await needed.thenRead { needed in
            var rights: [PreflightFacts.LinkedRight] = []
            for (scope, action) in needed {
                let permissions = try await callerPermissions(at: scope).known()
                rights.append(
                    PreflightFacts.LinkedRight(
                        action: action, scope: scope.description, allowed: permissions.allow(action)))
            }
            return rights
        }
        return { $0.rights.linked = rights }
    }

    private static func linkedActions(of document: JSONValue) throws -> [(AzureResourceID, String)] {
        let identities = try document.member("identity.userAssignedIdentities")?.object ?? [:]
        var needed: [(AzureResourceID, String)] = []
        for identity in identities.keys.sorted() {
            let id = try AzureResourceID(parsing: identity)
            needed += AzureRight.neededActions(on: .identity).map { (id, $0) }
        }
        var subnets = [try document.text("properties.apiServerAccessProfile.subnetId", absent: "")]
        for pool in try document.items("properties.agentPoolProfiles") {
            subnets += [try pool.text("vnetSubnetID", absent: ""), try pool.text("podSubnetID", absent: "")]
        }
        for subnet in Set(subnets.map { $0.lowercased() }).sorted() where !subnet.isEmpty {
            let id = try AzureResourceID(parsing: subnet)
            needed += AzureRight.neededActions(on: .subnet).map { (id, $0) }
        }
        return needed
    }

    /// Role assignments of the caller that have an end, as Privileged Identity Management gives them.
    func readEndingRights() async -> FactChange {
        let rights = await Fact<[PreflightFacts.EndingRight]>.reading {
            var seen: Set<String> = []
            var rights: [PreflightFacts.EndingRight] = []
            for resource in subject.resources {
                for item in try await schedules(at: resource) {
                    let id = try item.text("id").lowercased()
                    let end = try item.text("properties.endDateTime", absent: "")
                    guard !end.isEmpty, seen.insert(id).inserted else { continue }
                    guard let time = Timestamp.iso8601(end) else {
                        throw Unreadable("the end of a role assignment is not a time")
                    }
                    let role = try item.text("properties.roleDefinitionId", absent: "a role")
                    rights.append(
                        PreflightFacts.EndingRight(
                            role: try item.text(
                                "properties.expandedProperties.roleDefinition.displayName", absent: role),
                            scope: try item.text("properties.scope", absent: resource.description), ends: time))
                }
            }
            return rights
        }
        return { $0.rights.ending = rights }
    }

    private func schedules(at resource: AzureResourceID) async throws -> [JSONValue] {
        do {
            return try await arm.list(
                resource.urlPath + "/providers/Microsoft.Authorization/roleAssignmentScheduleInstances",
                apiVersion: PreflightAPIVersions.roleSchedules, query: [("$filter", "asTarget()")])
        } catch {
            // A tenant without the licence has no rights that end by themselves. (No `catch where`: Swift 6.2 makes
            // invalid code of one in a function that throws any error.)
            guard error.code.lowercased() == "aadpremiumlicenserequired" else { throw error }
            return []
        }
    }

    func readLocks() async -> FactChange {
        let locks = await Fact<[ResourceLock]>.reading {
            let authorization = Authorization(arm: arm)
            var locks: [String: ResourceLock] = [:]
            for resource in subject.resources {
                for lock in try await authorization.locks(on: resource) {
                    guard !lock.level.isEmpty else { throw Unreadable("a lock has no level") }
                    locks[lock.id.lowercased()] = lock
                }
            }
            return locks.values.sorted { $0.id < $1.id }
        }
        return { $0.rights.locks = locks }
    }

    /// A vault's own subscription has Key Vault registered, and the private endpoint is made in the cluster's.
    func readProviders() async -> FactChange {
        let subscription = subject.cluster.subscription
        guard question.target == .privateAccess, subscription.lowercased() != vaultID.subscription.lowercased()
        else {
            return { $0.rights.providers = .notApplicable }
        }
        let registrations = await Fact<[PreflightFacts.ProviderRegistration]>.reading {
            let provider = try await ResourceProvider.read("Microsoft.KeyVault", subscription: subscription, arm: arm)
            guard let state = provider.registrationState, provider.namespace.lowercased() == "microsoft.keyvault" else {
                throw Unreadable("Azure does not tell whether Microsoft.KeyVault is registered")
            }
            return [.init(namespace: provider.namespace, subscription: subscription, state: state)]
        }
        return { $0.rights.providers = registrations }
    }
}
