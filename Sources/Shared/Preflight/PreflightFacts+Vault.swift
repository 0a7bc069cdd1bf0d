package import Azure

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
        package var access: Fact<VaultAccess> = .unread
        /// ARM leaves `networkAcls` out if nothing is restricted: that is known as `Allow` without rules.
        package var networkACLs: Fact<NetworkACLs> = .unread
        /// Those of the private endpoints that AKS made for this cluster.
        package var ownConnections: Fact<[PrivateEndpointConnection]> = .unread
        package var softDelete: Fact<Bool> = .unread
        package var purgeProtection: Fact<Bool> = .unread
        /// `enableRbacAuthorization`: roles decide if true, access policies if false.
        package var rbacAuthorization: Fact<Bool> = .unread
        package var tenant: Fact<String> = .unread
        package var resourceID: Fact<String> = .unread
        /// `vaultUri`, with or without its closing slash.
        package var uri: Fact<String> = .unread
        /// What the vault's own endpoint says to this machine, where the run asks it for a new version of the key.
        package var door: Fact<Door> = .unread

        package init() {}
    }

    /// Whether the vault's own endpoint lets this machine in.
    package enum Door: Sendable, Hashable {
        case open
        case closed
    }

    package struct NetworkACLs: Sendable, Hashable {
        package var defaultAction: String
        /// IP and virtual network rules together.
        package var ruleCount: Int
        /// Whether trusted services of Azure pass.
        package var trust: ServiceTrust

        package init(defaultAction: String, ruleCount: Int, trust: ServiceTrust = .byDefault) {
            self.defaultAction = defaultAction
            self.ruleCount = ruleCount
            self.trust = trust
        }

        var denies: Bool { defaultAction.lowercased() == "deny" }
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

    /// What ARM says of the key that encrypts now; nothing where none of a vault does.
    package struct PresentKey: Sendable, Hashable {
        package var id: Fact<String> = .unread
        package var presence: Fact<Presence> = .unread
        package var enabled: Fact<Bool> = .unread
        /// Seconds since 1970; nil if the key never expires.
        package var expires: Fact<Int64?> = .unread

        package init() {}

        /// The part of a key's facts that counts for one that is to be left.
        package init(_ key: Key) {
            id = key.id
            presence = key.presence
            enabled = key.enabled
            expires = key.expires
        }

        package static var notApplicable: Self {
            var key = Self()
            key.id = .notApplicable
            key.presence = .notApplicable
            key.enabled = .notApplicable
            key.expires = .notApplicable
            return key
        }
    }

    /// What the cluster's identity may do on the key and on its vault.
    package struct Identity: Sendable, Hashable {
        /// The object id that role assignments and access policies name.
        package var principalID: Fact<String> = .unread
        /// Its roles at the key, at the vault and above it, its own and those of its groups.
        package var roles: Fact<[HeldRole]> = .unread
        /// The deny assignments at the vault or above it that may hold for the identity.
        package var denials: Fact<[Denial]> = .unread
        /// All access policies of the vault; they count only where roles do not.
        package var accessPolicies: Fact<[AccessPolicy]> = .unread

        package init() {}
    }

    /// A role that the identity holds now.
    package struct HeldRole: Sendable, Hashable {
        package var name: String
        /// Nil if the role's definition could not be read.
        package var permissions: [Permission]?
        /// Given at the key itself: it gives nothing on the vault.
        package var isOnKeyOnly: Bool
        /// A condition makes it unsure what the role gives.
        package var isConditional: Bool
        /// When it was given, in seconds since 1970; nil if Azure does not tell.
        package var assigned: Int64?

        package init(
            name: String, permissions: [Permission]?, isOnKeyOnly: Bool = false, isConditional: Bool = false,
            assigned: Int64? = nil
        ) {
            self.name = name
            self.permissions = permissions
            self.isOnKeyOnly = isOnKeyOnly
            self.isConditional = isConditional
            self.assigned = assigned
        }
    }

    /// A deny assignment: it takes away what roles give.
    package struct Denial: Sendable, Hashable {
        package var name: String
        /// What it takes away, in the form of what a role gives.
        package var permissions: [Permission]
        /// False where that hangs on a group, a condition or its scope.
        package var surelyHolds: Bool

        package init(name: String, permissions: [Permission], surelyHolds: Bool) {
            self.name = name
            self.permissions = permissions
            self.surelyHolds = surelyHolds
        }
    }

    /// An access policy of the vault.
    package struct AccessPolicy: Sendable, Hashable {
        /// A user, an application, an identity or a group: the vault does not tell which.
        package var objectID: String
        /// Whether it names the cluster's identity itself.
        package var isOwn: Bool
        /// Such as `encrypt`; `all` stands for every one.
        package var keyPermissions: [String]

        package init(objectID: String, isOwn: Bool, keyPermissions: [String]) {
            self.objectID = objectID
            self.isOwn = isOwn
            self.keyPermissions = keyPermissions
        }

        func allows(_ permission: String) -> Bool {
            keyPermissions.contains { $0.lowercased() == permission || $0.lowercased() == "all" }
        }
    }
}
