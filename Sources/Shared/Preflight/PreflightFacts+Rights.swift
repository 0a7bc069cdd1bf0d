package import Azure

extension PreflightFacts {
    /// What the caller may do in ARM, and what stands in the way of anyone.
    package struct Rights: Sendable, Hashable {
        /// The caller's permissions at the cluster (`Microsoft.Authorization/permissions`).
        package var onCluster: Fact<[Permission]> = .unread
        /// The caller's permissions at the vault.
        package var onVault: Fact<[Permission]> = .unread
        /// Rights on other resources that a PUT of the cluster needs, such as joining its subnets.
        package var linked: Fact<[LinkedRight]> = .unread
        /// Rights that end by themselves, such as those that Privileged Identity Management activated.
        package var ending: Fact<[EndingRight]> = .unread
        /// The management locks that hold for the cluster or the vault, wherever they were put.
        package var locks: Fact<[ResourceLock]> = .unread
        package var providers: Fact<[ProviderRegistration]> = .unread
        package var policies: Fact<[PolicyRestriction]> = .unread

        package init() {}
    }

    package struct LinkedRight: Sendable, Hashable {
        /// Such as `Microsoft.ManagedIdentity/userAssignedIdentities/assign/action`.
        package var action: String
        package var scope: String
        package var allowed: Bool

        package init(action: String, scope: String, allowed: Bool) {
            self.action = action
            self.scope = scope
            self.allowed = allowed
        }
    }

    package struct EndingRight: Sendable, Hashable {
        package var role: String
        package var scope: String
        /// Seconds since 1970.
        package var ends: Int64

        package init(role: String, scope: String, ends: Int64) {
            self.role = role
            self.scope = scope
            self.ends = ends
        }
    }

    package struct ProviderRegistration: Sendable, Hashable {
        package var namespace: String
        package var subscription: String
        /// `Registered`, `Registering`, `NotRegistered` or `Unregistering`.
        package var state: String

        package init(namespace: String, subscription: String, state: String) {
            self.namespace = namespace
            self.subscription = subscription
            self.state = state
        }
    }

    /// A policy that keeps the vault's network from one setting.
    package struct PolicyRestriction: Sendable, Hashable {
        /// The ARM id of the policy assignment.
        package var assignment: String
        /// `deny` answers an error, `modify` accepts the request and keeps the old value.
        package var effect: String
        /// What cannot be set.
        package var forbids: VaultSetting

        package init(assignment: String, effect: String, forbids: VaultSetting) {
            self.assignment = assignment
            self.effect = effect
            self.forbids = forbids
        }
    }
}
