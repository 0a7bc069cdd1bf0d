import ModeSwitch
import Testing

@testable import Azure

/// The jobs that are explored.
extension Intent {
    static func sample(_ target: NetworkMode, _ strategy: Strategy = .inPlace) -> Intent {
        func id(_ type: String, _ name: String) -> AzureResourceID {
            AzureResourceID(checked: "s", resourceGroup: "g", provider: "Microsoft", segments: [type, name])
        }
        let usesSecond = strategy == .secondVault
        let from = KMSProfile(
            enabled: true, keyID: World.key, mode: target == .publicAccess ? .privateAccess : .publicAccess,
            vaultID: id("vaults", "kv").description)
        return Intent(
            runID: "run", target: target, strategy: strategy, original: from,
            originalVaultAccess: target == .privateAccess ? .enabled : .disabled,
            keyID: KeyIdentifier(
                vaultAuthority: usesSecond ? "kv2.example" : "kv.example", name: "k", version: usesSecond ? "2" : "1"),
            vaultID: id("vaults", usesSecond ? "kv2" : "kv"), clusterID: id("clusters", "c"), resourceUID: "uid-1",
            kubeSystemUID: "ks-1")
    }
}

extension Intent {
    /// One where two would take long: the way by Azure's own key has twice the steps, and of jobs that differ by little
    /// only one is explored further.
    var faultsExplored: Int {
        let isLikeAnother =
            purpose == .migrate && original.enabled && target == .publicAccess
            || purpose == .migrate && newKey == .platformManaged && original.enabled
            || purpose == .rotate && target == .publicAccess
        return strategy == .viaPlatformKey || isLikeAnother ? 1 : 2
    }

    /// The faults after which make-safe begins. Azure's own rewriting makes many orders of a new version alone.
    var faultsBeforeMakeSafe: Int {
        faultsExplored == 1 || purpose == .rotate && newKey != nil ? 0 : 1
    }

    var makingSafe: Intent {
        var intent = self
        intent.purpose = .makeSafe
        return intent
    }

    /// The same with `--on-failure stop`.
    var stopping: Intent {
        var intent = self
        intent.options.onFailure = .stop
        return intent
    }
}

extension Intent: CustomTestStringConvertible {
    package var testDescription: String {
        let job = purpose == .rotate ? "rotation, " : purpose == .migrate ? "migration, " : ""
        return job + (newKey.map { "\($0.rawValue), " } ?? "") + "\(strategy) to \(target.rawValue)"
    }
}

extension Intent {
    /// A switch on the new KMS experience.
    static func onNew(_ target: NetworkMode, _ strategy: Strategy = .direct, firewall: Bool = false) -> Intent {
        var intent = Intent.sample(target)
        intent.strategy = strategy
        intent.newKey = .customerManaged
        intent.original = intent.profile(target == .privateAccess ? .publicAccess : .privateAccess)
        intent.options.closesFirewall = firewall ? true : nil
        return intent
    }

    /// From the legacy KMS, on or off, or from another key of the new experience.
    static func migration(
        to key: NewKey, in mode: NetworkMode = .publicAccess, via strategy: Strategy = .direct,
        from change: (inout Intent) -> Void = { _ in }
    ) -> Intent {
        var intent = Intent.sample(mode == .publicAccess ? .privateAccess : .publicAccess)
        intent.purpose = .migrate
        intent.target = mode
        intent.strategy = strategy
        intent.newKey = key
        change(&intent)
        if key == .platformManaged, !intent.original.enabled { (intent.keyID, intent.vaultID) = (nil, nil) }
        return intent
    }

    /// Another version of the legacy KMS's key, given or made.
    static func rotation(in mode: NetworkMode = .publicAccess, makes: Bool = false) -> Intent {
        var intent = Intent.sample(mode == .publicAccess ? .privateAccess : .publicAccess)
        intent.purpose = .rotate
        intent.target = mode
        intent.strategy = .rotation
        intent.keyID = KeyIdentifier(vaultAuthority: "kv.example", name: "k", version: makes ? nil : "2")
        return intent
    }

    /// A new version of the customer's key on the new experience.
    static func newVersion(in mode: NetworkMode = .publicAccess) -> Intent {
        var intent = Intent.onNew(mode == .publicAccess ? .privateAccess : .publicAccess)
        intent.purpose = .rotate
        intent.target = mode
        intent.keyID = intent.keyID?.versionless
        return intent
    }
}
