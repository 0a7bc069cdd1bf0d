extension PreflightFacts {
    /// Whether a thing is there, and if not, whether it can come back.
    package enum Presence: String, Sendable, Hashable {
        case present
        case softDeleted
        case gone
    }

    /// What ARM says of the vault.
    package struct Vault: Sendable, Hashable {
        package var presence: Fact<Presence> = .unread
        package var provisioningState: Fact<String> = .unread
        /// `Enabled`, `Disabled` or `SecuredByPerimeter`.
        package var publicNetworkAccess: Fact<String> = .unread
        /// ARM leaves `networkAcls` out if nothing is restricted: that is known as `Allow` without rules.
        package var networkACLs: Fact<NetworkACLs> = .unread
        package var privateEndpointConnections: Fact<[PrivateEndpointConnection]> = .unread
        package var softDelete: Fact<Bool> = .unread
        package var purgeProtection: Fact<Bool> = .unread
        /// `enableRbacAuthorization`: roles decide if true, access policies if false.
        package var rbacAuthorization: Fact<Bool> = .unread
        package var tenant: Fact<String> = .unread
        package var resourceID: Fact<String> = .unread
        /// `vaultUri`, with or without its closing slash.
        package var uri: Fact<String> = .unread

        package init() {}
    }

    package struct NetworkACLs: Sendable, Hashable {
        package var defaultAction: String
        /// IP and virtual network rules together.
        package var ruleCount: Int

        package init(defaultAction: String, ruleCount: Int) {
            self.defaultAction = defaultAction
            self.ruleCount = ruleCount
        }
    }

    package struct PrivateEndpointConnection: Sendable, Hashable {
        package var id: String
        /// `privateLinkServiceConnectionState.status`: `Approved`, `Pending`, `Rejected` or `Disconnected`.
        package var status: String

        package init(id: String, status: String) {
            self.id = id
            self.status = status
        }
    }

    /// What the vault or ARM says of the key version.
    package struct Key: Sendable, Hashable {
        package var presence: Fact<Presence> = .unread
        /// The identifier that enable will send: the profile's, or the one asked for.
        package var id: Fact<String> = .unread
        package var enabled: Fact<Bool> = .unread
        /// Seconds since 1970; nil if the key never expires.
        package var expires: Fact<Int64?> = .unread
        /// Seconds since 1970; nil if there is no such bound.
        package var notBefore: Fact<Int64?> = .unread
        /// `key_ops`, such as `encrypt`.
        package var operations: Fact<[String]> = .unread
        /// `kty`, such as `RSA` or `EC`.
        package var type: Fact<String> = .unread

        package init() {}
    }

    /// What the cluster's identity may do on the vault.
    package struct Identity: Sendable, Hashable {
        /// The object id that role assignments and access policies name.
        package var principalID: Fact<String> = .unread
        /// The permissions of all roles that the identity has at the vault or above it.
        package var permissions: Fact<[ARMPermission]> = .unread
        /// The names of those roles.
        package var roles: Fact<[String]> = .unread
        /// Key permissions of the identity's access policy, such as `encrypt`; empty if it has none.
        package var accessPolicyKeys: Fact<[String]> = .unread
        /// When the newest of those roles was assigned, in seconds since 1970; nil if that is long ago.
        package var newestAssignment: Fact<Int64?> = .unread

        package init() {}
    }
}
