import Foundation

/// What the world file may set; every member has a default.
public struct WorldDescription: Sendable, Codable {
    public struct Vault: Sendable, Codable {
        public var name: String
        public var publicNetworkAccess: String = "Enabled"
        public var keys: [String] = ["kms"]
        public var usesRoles = true
        public var purgeProtection = true

        public init(name: String, publicNetworkAccess: String = "Enabled") {
            self.name = name
            self.publicNetworkAccess = publicNetworkAccess
        }

        public init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            name = try members.decode(String.self, forKey: .name)
            publicNetworkAccess = try members.decodeIfPresent(String.self, forKey: .publicNetworkAccess) ?? "Enabled"
            keys = try members.decodeIfPresent([String].self, forKey: .keys) ?? ["kms"]
            usesRoles = try members.decodeIfPresent(Bool.self, forKey: .usesRoles) ?? true
            purgeProtection = try members.decodeIfPresent(Bool.self, forKey: .purgeProtection) ?? true
        }
    }

    /// A subscription that holds nothing.
    public struct EmptySubscription: Sendable, Codable {
        public var id: String
        public var name: String
    }

    /// The ways of AKS to sign in to an API server.
    public enum Access: String, Sendable, Codable {
        /// Static credentials, which ARM gives out.
        case local
        /// Tokens of Entra; ARM gives out static ones to administrators.
        case entra
        /// Tokens of Entra only: `disableLocalAccounts`.
        case entraOnly
    }

    public var tenantID = "72f988bf-0000-4000-8000-2d7cd011db47"
    public var subscriptionID = "5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11"
    public var subscriptionName = "Sandbox"
    public var otherSubscriptions: [EmptySubscription] = []
    public var resourceGroup = "rg-demo"
    public var location = "westeurope"
    public var cluster = "demo"
    public var kubernetesVersion = "1.33.3"
    /// The state of KMS at the start, a `KMSStart`.
    public var mode = "Public"
    /// The newest api-version of managed clusters that this cloud offers; nil: all that the sandbox knows.
    public var newestVersion: String?
    /// Whether managed clusters and their pools have eTags.
    public var hasETags = true
    public var isVNetIntegrated = true
    /// Tags of the first cluster, beside the one that all have.
    public var tags: [String: String] = [:]
    /// Further clusters, each with API servers of its own.
    public var clusters: [FurtherCluster] = []
    /// How people sign in to the API server.
    public var access = Access.local
    public var vaults = [Vault(name: "kv-demo"), Vault(name: "kv-demo-private", publicNetworkAccess: "Disabled")]
    public var clientID = "7c1b3c2e-6a52-4e5f-a2b3-5d6e7f809a1b"
    public var clientSecret = "sandbox-secret-of-no-value"
    /// PEM of a certificate for the same client, and of its public key; a world file cannot set it.
    public var clientCertificate: String?
    /// A service principal without any role.
    public var leastClientID = "8d2c4d3f-7b63-4f60-b3c4-6e7f80910a2c"
    public var leastClientSecret = "sandbox-secret-of-less-value"
    public static let leastObjectID = "4a607182-5d7f-4e90-81a2-0d4e5f607005"
    public var userName = "admin@sandbox.test"
    public var userPassword = "sandbox-password-of-no-value"

    public init() {}

    public init(from decoder: any Decoder) throws {
        let given = try JSON(from: decoder)
        // The defaults, as JSON, with what the file gives laid over them.
        let whole = try JSON(parsing: [UInt8](JSONEncoder().encode(Defaults(WorldDescription())))).merging(given)
        let defaults = try JSONDecoder().decode(Defaults.self, from: Data(whole.bytes))
        self = defaults.description
    }

    /// The same members with the compiler's own decoding.
    private struct Defaults: Codable {
        var tenantID, subscriptionID, subscriptionName, resourceGroup, location, cluster, kubernetesVersion: String
        var mode: String
        var newestVersion: String?
        var hasETags: Bool
        var isVNetIntegrated: Bool
        var tags: [String: String]
        var clusters: [FurtherCluster]
        var access: Access
        var otherSubscriptions: [EmptySubscription]
        var vaults: [Vault]
        var clientID, clientSecret, leastClientID, leastClientSecret, userName, userPassword: String

        init(_ from: WorldDescription) {
            tenantID = from.tenantID
            subscriptionID = from.subscriptionID
            subscriptionName = from.subscriptionName
            resourceGroup = from.resourceGroup
            location = from.location
            cluster = from.cluster
            kubernetesVersion = from.kubernetesVersion
            mode = from.mode
            newestVersion = from.newestVersion
            hasETags = from.hasETags
            isVNetIntegrated = from.isVNetIntegrated
            tags = from.tags
            clusters = from.clusters
            access = from.access
            otherSubscriptions = from.otherSubscriptions
            vaults = from.vaults
            clientID = from.clientID
            clientSecret = from.clientSecret
            leastClientID = from.leastClientID
            leastClientSecret = from.leastClientSecret
            userName = from.userName
            userPassword = from.userPassword
        }

        var description: WorldDescription {
            var to = WorldDescription()
            to.tenantID = tenantID
            to.subscriptionID = subscriptionID
            to.subscriptionName = subscriptionName
            to.resourceGroup = resourceGroup
            to.location = location
            to.cluster = cluster
            to.kubernetesVersion = kubernetesVersion
            to.mode = mode
            to.newestVersion = newestVersion
            to.hasETags = hasETags
            to.isVNetIntegrated = isVNetIntegrated
            to.tags = tags
            to.clusters = clusters
            to.access = access
            to.otherSubscriptions = otherSubscriptions
            to.vaults = vaults
            to.clientID = clientID
            to.clientSecret = clientSecret
            to.leastClientID = leastClientID
            to.leastClientSecret = leastClientSecret
            to.userName = userName
            to.userPassword = userPassword
            return to
        }
    }
}

extension WorldDescription {
    func vaultID(_ name: String) -> ResourceID {
        ResourceID(subscription: subscriptionID, group: resourceGroup, type: "Microsoft.KeyVault/vaults", name: name)
    }

    public var clusterID: ResourceID {
        ResourceID(
            subscription: subscriptionID, group: resourceGroup, type: "Microsoft.ContainerService/managedClusters",
            name: cluster)
    }

    /// The id of the first version of a key: it is the same at every start, so that storage outlives the sandbox.
    static func keyVersion(vault: String, key: String, number: Int) -> String {
        let bytes = KeyMaterial.derive("\(vault)/\(key)/\(number)")
        return bytes.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    public func keyID(vault: String, suffix: String, number: Int = 1) -> String {
        let key = vaults.first { $0.name == vault }?.keys.first ?? "kms"
        return "https://\(vault)\(suffix)/keys/\(key)/\(Self.keyVersion(vault: vault, key: key, number: number))"
    }

    /// - Parameter suffix: what follows a vault's name in its host, with the leading dot, such as `.vault.azure.net`.
    func world(fqdn: String, vaultSuffix suffix: String, now: Date) -> World {
        let principal = Principal(
            kind: .servicePrincipal, name: clientID, objectID: "0b0a1c5e-3f7d-4f0e-8a42-6b0f3d1c2e01",
            secret: clientSecret, certificate: clientCertificate)
        let user = Principal(
            kind: .user, name: userName, objectID: "1d3e5f70-2a4c-4b6d-9e8f-7a1b2c3d4e02", secret: userPassword)
        let scope = "/subscriptions/\(subscriptionID)"
        var assignments = [
            RoleAssignment(
                name: "a1f0c1de-0001-4a00-8000-000000000001", principalID: principal.objectID,
                principalKind: .servicePrincipal, roleID: RoleDefinition.builtIn[0].id, scope: scope),
            RoleAssignment(
                name: "a1f0c1de-0001-4a00-8000-000000000002", principalID: user.objectID, principalKind: .user,
                roleID: RoleDefinition.builtIn[0].id, scope: scope),
        ]
        for (index, vault) in vaults.enumerated() {
            assignments += rolesOnVault(vault.name, of: Self.identityObjectID) { step in
                "a1f0c1de-0002-4a00-8000-" + String(repeating: "0", count: index > 9 ? 9 : 10) + "\(index)\(step)"
            }
        }
        for plan in plans.dropFirst() {
            guard let vault = plan.vault else { continue }
            assignments += rolesOnVault(vault, of: plan.identityObjectID) { Self.uuid("role/\(plan.name)/\($0)") }
        }
        // Owner holds no data actions: who administers keys has a role for them.
        for (index, holder) in [principal, user].enumerated() {
            assignments.append(
                RoleAssignment(
                    name: "a1f0c1de-0003-4a00-8000-00000000000\(index)", principalID: holder.objectID,
                    principalKind: holder.kind, roleID: "14b46e9e-c2b7-41b4-b07b-48a6ebf60603", scope: scope))
        }
        return World(
            tenantID: tenantID, tenantDomain: "sandbox.test",
            subscriptions: [Subscription(id: subscriptionID, name: subscriptionName)]
                + otherSubscriptions.map { Subscription(id: $0.id, name: $0.name) },
            groups: groups,
            principals: [
                principal, user,
                Principal(
                    kind: .servicePrincipal, name: leastClientID, objectID: Self.leastObjectID,
                    secret: leastClientSecret),
            ], assignments: assignments,
            clusters: plans.map { managedCluster($0, fqdn: fqdn, suffix: suffix) },
            vaults: allVaults.map { make($0, suffix: suffix, now: now) },
            identities: Dictionary(
                uniqueKeysWithValues: plans.map { (alone($0).identityID, identityResource($0)) }))
    }

    /// Each cluster's group and the one of its nodes.
    private var groups: [ResourceGroup] {
        var names: [String] = []
        for name in [resourceGroup] + plans.flatMap({ [$0.resourceGroup, alone($0).nodeResourceGroup] })
        where !names.contains(where: { $0.lowercased() == name.lowercased() }) { names.append(name) }
        return names.map { ResourceGroup(name: $0, location: location) }
    }

    /// What a legacy KMS needs: Key Vault Crypto User and Contributor.
    private func rolesOnVault(
        _ vault: String, of identity: String, name: (Int) -> String
    ) -> [RoleAssignment] {
        ["12338af0-0e69-4776-bea7-57ae8d297424", "f25e0fa2-a7c8-4377-a976-54943a77a395"].enumerated().map {
            RoleAssignment(
                name: name($0), principalID: identity, principalKind: .servicePrincipal, roleID: $1,
                scope: vaultID(vault).description)
        }
    }

    static let identityObjectID = "2e4f6071-3b5d-4c7e-af90-8b2c3d4e5f03"

    var nodeResourceGroup: String { "MC_\(resourceGroup)_\(cluster)_\(location)" }

    var identityID: ResourceID {
        ResourceID(
            subscription: subscriptionID, group: resourceGroup,
            type: "Microsoft.ManagedIdentity/userAssignedIdentities", name: "id-\(cluster)")
    }

    private func identityResource(_ plan: ClusterPlan) -> JSON {
        let id = alone(plan).identityID
        return [
            "id": .string(id.description), "name": .string(id.name), "type": .string(id.type),
            "location": .string(location), "tags": [:],
            "properties": [
                "tenantId": .string(tenantID), "principalId": .string(plan.identityObjectID),
                "clientId": .string(plan.identityClientID),
            ],
        ]
    }

    private func make(_ vault: Vault, suffix: String, now: Date) -> AzureStandIn.Vault {
        var properties: JSON = [
            "sku": ["family": "A", "name": "standard"], "tenantId": .string(tenantID), "accessPolicies": [],
            "enabledForDeployment": false, "enableSoftDelete": true, "softDeleteRetentionInDays": 90,
            "enableRbacAuthorization": .bool(vault.usesRoles),
            "vaultUri": .string("https://\(vault.name)\(suffix)/"), "provisioningState": "Succeeded",
            "publicNetworkAccess": .string(vault.publicNetworkAccess),
        ]
        let isOfPrivateKey = plans.contains { $0.vault == vault.name && $0.start == .customerPrivate }
        if isOfPrivateKey {
            properties["networkAcls"] = [
                "bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": [],
            ]
        }
        if vault.purgeProtection { properties["enablePurgeProtection"] = true }
        if !vault.usesRoles {
            let holders = plans.prefix(1) + plans.dropFirst().filter { $0.vault == vault.name }
            properties["accessPolicies"] = .array(
                holders.map {
                    [
                        "tenantId": .string(tenantID), "objectId": .string($0.identityObjectID),
                        "permissions": ["keys": ["encrypt", "decrypt"], "secrets": [], "certificates": []],
                    ]
                })
        }
        let created = Int(now.timeIntervalSince1970) - 86_400 * 30
        return AzureStandIn.Vault(
            id: vaultID(vault.name), location: location, tenantID: tenantID, properties: properties,
            keys: vault.keys.map { name in
                let numbers = [1]
                return Key(
                    name: name,
                    versions: numbers.map {
                        KeyVersion(
                            version: Self.keyVersion(vault: vault.name, key: name, number: $0), created: created,
                            updated: created)
                    })
            },
            history: [NetworkChange(time: now, value: vault.publicNetworkAccess, method: "START")],
            createdAt: Date(timeIntervalSince1970: Double(created)), createdBy: clientID, modifiedAt: now,
            modifiedBy: clientID)
    }
}
