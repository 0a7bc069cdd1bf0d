import Azure
import ModeSwitch

/// A model of Azure, a cluster with two API servers, its Secrets and its vault: just enough to make every order of
/// events happen that the design fears. Storage follows k8s.io/apiserver (value/transformer.go: a write is stored by
/// the serving replica's first provider; a read needs the provider that wrote); ARM follows azure-rest-api-specs and
/// the recorded operations (the profile shows its new value while the operation still runs).
struct World: Hashable {
    /// The configuration of one API server. Off keeps the last path for reading: the key is still needed.
    struct Replica: Hashable {
        var writes: Stored
        var path: NetworkMode
        var keyID: String
        /// The key before, kept for reading over its own path: AKS has two slots (Azure/AKS#4648).
        var previousKeyID: String?
        var previousPath = NetworkMode.publicAccess
    }

    enum Stored: Hashable {
        case plaintext
        case encrypted(keyID: String)
    }

    var kms: KMSProfile
    var provisioning = ClusterObservation.Provisioning.succeeded
    var replicas: [Replica]
    /// Configurations that replicas will take when they catch up.
    var behind: [Int: Replica] = [:]
    /// Replicas that went back, and stay there until samples were taken: a slip that comes and goes between two
    /// samples is seen by nobody.
    var rolledBack: Set<Int> = []
    var previous: [Replica]
    var secrets: [Stored]
    /// Secrets whose write admission denies.
    var denied: Set<Int> = []
    var vault: VaultAccess
    var endpointApproved = false
    /// Whether trusted services were let in explicitly, which the new KMS experience needs for Private.
    var trusted = false
    var firewallDenies = false
    /// The version of the key that the run made.
    var madeKey: KeyIdentifier?
    /// How many of them API servers are to take by themselves.
    var versions = 0
    var refusesModeChange = false
    /// Whether the run looks at the vault of another key, which is in its target mode all along.
    var looksAtSecondVault = false
    /// Whether every enabling of Private fails: the identity may not approve the endpoint.
    var refusesPrivate = false
    var sharedWith: [String] = []
    var recreated = false
    /// Whether API servers answer nobody; they do not while they cannot reach their key.
    var silent = false
    var faults: Int
    var receipts = Receipts()
    /// How the probe lies; nil before there is one.
    var probe: Stored?
    /// What its flips say of it.
    var probeForm = ProbeState.Form.asAtBaseline
    /// Steps that were taken although something forbade them.
    var wrongSteps: Set<String> = []
    var ending: Ending?
    /// Changes with every finished change of the cluster, whoever made it.
    var eTag = 1
    /// What preflight answered since the newest other step.
    var checks: [CheckedStep: CheckAnswer] = [:]
    /// What admission said to a rewrite of every Secret; most worlds begin after preflight has asked it.
    var admission: CheckAnswer? = .clear
    /// Whether something stands that a check refuses, such as a lock.
    var locked = false
    /// Whether an engine may say that it rewrote all Secrets though it wrote none.
    var engineLies = false
    /// Whether the run has waited as long as it may.
    var patienceIsOver = false

    enum Ending: Hashable {
        case finished
        case turnedBack
        case stopped(StopReason)
    }
}

extension World {
    static let key = "https://kv.example/keys/k/1"
    static let secondKey = "https://kv2.example/keys/k/2"

    static func start(_ intent: Intent, faults: Int) -> World {
        // A world begins encrypted; a test that begins otherwise says so.
        let replica = Replica(
            writes: intent.original.storageKey.map { .encrypted(keyID: $0) } ?? .plaintext, path: intent.original.mode,
            keyID: intent.original.storageKey ?? intent.original.keyID)
        return World(
            kms: intent.original, replicas: [replica, replica], previous: [replica, replica],
            secrets: [replica.writes, replica.writes],
            vault: intent.originalVaultAccess, endpointApproved: intent.original.mode == .privateAccess,
            trusted: intent.original.isNew && intent.original.mode == .privateAccess,
            looksAtSecondVault: intent.strategy == .secondVault, faults: faults)
    }

    func observation() -> Observation {
        var seen = Observation(
            cluster: ClusterObservation(
                provisioning: provisioning, kms: kms, eTag: "\(eTag)", resourceUID: recreated ? "uid-2" : "uid-1",
                experience: kms.isNew ? .new : .legacy),
            vault: looksAtSecondVault
                ? VaultObservation(access: .disabled, privateEndpoint: .approved)
                : VaultObservation(
                    access: vault, firewallDenies: firewallDenies,
                    privateEndpoint: endpointApproved ? .approved : .pending,
                    // ARM shows the rules only while they are not its default.
                    trust: firewallDenies ? trusted ? .explicit : .none : .byDefault),
            kubernetes: KubernetesObservation(reachable: !silent, kubeSystemUID: recreated ? "ks-2" : "ks-1"),
            otherPublicUsers: sharedWith, receipts: receipts)
        seen.checks = checks
        seen.admission = admission
        seen.patienceIsOver = patienceIsOver
        return seen
    }

    /// Whether a replica's way to a key is open. The second vault is private and its endpoint is approved.
    func reaches(_ keyID: String, _ path: NetworkMode) -> Bool {
        if keyID == KMSProfile.platformManaged.storageKey { return true }
        if keyID == World.secondKey { return path == .privateAccess }
        let isOpen = vault == .enabled && !firewallDenies
        // Trusted services pass the firewall (AKS documentation, kms-data-encryption: Private).
        if keyID.hasPrefix("new ") { return isOpen || path == .privateAccess && trusted }
        // Until a private endpoint is approved, the vault's name resolves to its public address (inferred).
        return vault == .enabled || path == .privateAccess && endpointApproved
    }

    func reads(_ stored: Stored, _ replica: Replica) -> Bool {
        guard case .encrypted(let keyID) = stored else { return true }
        // The previous key's provider stays for reading, over the path that its own vault serves.
        if keyID == replica.keyID { return reaches(keyID, replica.path) }
        guard keyID == replica.previousKeyID else { return false }
        return reaches(keyID, keyID == World.secondKey ? .privateAccess : replica.previousPath)
    }

    /// What the newest profile makes of a replica.
    func configured(_ profile: KMSProfile, _ old: Replica) -> Replica {
        var new = old
        guard var key = profile.storageKey else {
            new.writes = .plaintext
            return new
        }
        // Azure takes the newest version of a key that is named without one.
        if profile.isNew, profile.enabled, versions > 0 { key += "/\(versions)" }
        new.writes = .encrypted(keyID: key)
        new.path = profile.mode
        new.keyID = key
        if key != old.keyID {
            new.previousKeyID = old.keyID
            new.previousPath = old.path
        }
        return new
    }
}
