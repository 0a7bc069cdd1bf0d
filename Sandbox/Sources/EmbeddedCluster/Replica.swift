import ClusterModel
import Foundation
import Synchronization

/// How a replica encrypts Secrets: on or off, and the keys that it has, the current one first.
struct ReplicaConfiguration: Sendable, Hashable {
    var isOn = false
    var keys: [KeyUse] = []

    /// The configuration that the profile makes of this one: as many former keys as it says keep decrypting, the newest
    /// of them; the ones before are gone.
    func taking(_ profile: KMSProfile) -> ReplicaConfiguration {
        guard profile.enabled else { return ReplicaConfiguration(isOn: false, keys: keys) }
        let current = KeyUse(keyID: profile.keyID, path: profile.networkPath, plugin: profile.plugin)
        let former = keys.filter { $0.reportedID != current.reportedID }.prefix(profile.formerKeys)
        return ReplicaConfiguration(isOn: true, keys: [current] + former)
    }
}

/// One API server of the cluster: its configuration, its caches, its counters.
final class Replica: Sendable {
    struct KeyUsage: Hashable, Sendable {
        var direction: String
        var provider: String
        var keyID: String
    }

    struct Counters: Sendable {
        var transformations: [Transformation: Int] = [:]
        var keyUses: [KeyUsage: Int] = [:]
        var keyUseTimes: [KeyUsage: Double] = [:]
        var reloads = 0
        var failedReloads = 0
    }

    private struct State {
        var configuration = ReplicaConfiguration()
        var previous = ReplicaConfiguration()
        var providers: [EncryptionProvider] = [.identity]
        var startTime: Double
        var counters = Counters()
        var isUp = true
    }

    let index: Int
    /// The name of the replica's Lease, from which `apiserver_id_hash` is made.
    let identity: String
    private let options: ClusterOptions
    private let access: any KeyAccess
    private let state: Mutex<State>

    init(index: Int, options: ClusterOptions, access: any KeyAccess) {
        self.index = index
        self.options = options
        self.access = access
        identity = "apiserver-" + String(hexDigest("replica-\(index)").prefix(26))
        state = Mutex(State(startTime: options.clock.now() + Double(index)))
    }

    var configuration: ReplicaConfiguration { state.withLock { $0.configuration } }
    var previousConfiguration: ReplicaConfiguration { state.withLock { $0.previous } }
    var startTime: Double { state.withLock { $0.startTime } }
    var counters: Counters { state.withLock { $0.counters } }
    var providers: [EncryptionProvider] { state.withLock { $0.providers } }
    var isUp: Bool {
        get { state.withLock { $0.isUp } }
        set { state.withLock { $0.isUp = newValue } }
    }

    var kmsProviders: [KMSProvider] {
        providers.compactMap { if case .kms(let provider) = $0 { provider } else { nil } }
    }

    var transformers: Transformers {
        Transformers(
            providers: providers,
            record: { [self] what in
                state.withLock { $0.counters.transformations[what, default: 0] += 1 }
            },
            recordKey: { [self] direction, provider, keyID in
                let usage = KeyUsage(direction: direction.rawValue, provider: provider, keyID: keyID)
                let now = options.clock.now()
                state.withLock {
                    $0.counters.keyUses[usage, default: 0] += 1
                    $0.counters.keyUseTimes[usage] = now
                }
            })
    }

    /// Whether the new configuration is only another set of keys behind the same provider, so that the API server is
    /// not told.
    func isPluginChangeOnly(_ new: ReplicaConfiguration) -> Bool {
        let old = configuration
        return options.keyChange == .statusPoll && old.isOn == new.isOn && !old.keys.isEmpty && !new.keys.isEmpty
    }

    /// Takes a configuration into the running process: with a provider that does not answer, the old one stays.
    func reload(_ configuration: ReplicaConfiguration) async {
        if isPluginChangeOnly(configuration) {
            let plugin = KMSPlugin(keys: configuration.keys, access: access)
            for provider in kmsProviders { provider.replacePlugin(plugin) }
            adopt(configuration, providers: providers)
            return
        }
        let providers = makeProviders(configuration)
        let isHealthy = await Self.poll(providers)
        guard isHealthy else {
            state.withLock { $0.counters.failedReloads += 1 }
            return
        }
        adopt(configuration, providers: providers)
        state.withLock { $0.counters.reloads += 1 }
    }

    /// Starts anew: caches are lost, and providers that do not answer are there all the same.
    func restart(_ configuration: ReplicaConfiguration) async {
        let providers = makeProviders(configuration)
        _ = await Self.poll(providers)
        adopt(configuration, providers: providers)
        let now = options.clock.now()
        state.withLock { state in
            state.startTime = max(now, state.startTime + 0.01)
            state.counters = Counters()
        }
    }

    private func adopt(_ configuration: ReplicaConfiguration, providers: [EncryptionProvider]) {
        state.withLock { state in
            if configuration != state.configuration { state.previous = state.configuration }
            state.configuration = configuration
            state.providers = providers
        }
    }

    func pollStatus() async {
        for provider in kmsProviders { await provider.poll() }
    }

    /// Asks the plugins that have failed, and those whose last good answer is as old as that.
    func pollStatus(ifHealthySince due: Double) async {
        for provider in kmsProviders
        where provider.lastFailure != nil || (provider.statusTimes.values.max() ?? 0) <= due {
            await provider.poll()
        }
    }

    private static func poll(_ providers: [EncryptionProvider]) async -> Bool {
        var isHealthy = true
        for case .kms(let provider) in providers where await !provider.poll() { isHealthy = false }
        return isHealthy
    }

    private func makeProviders(_ configuration: ReplicaConfiguration) -> [EncryptionProvider] {
        let kms: [EncryptionProvider] =
            switch options.keyChange {
            case .statusPoll:
                configuration.keys.isEmpty ? [] : [provider(named: options.providerName, keys: configuration.keys)]
            case .newProvider:
                configuration.keys.map { key in
                    provider(named: options.providerName + "-" + key.reportedID.prefix(8), keys: [key])
                }
            }
        return configuration.isOn ? kms + [.identity] : [.identity] + kms
    }

    private func provider(named name: String, keys: [KeyUse]) -> EncryptionProvider {
        .kms(
            KMSProvider(
                name: name, plugin: KMSPlugin(keys: keys, access: access), clock: options.clock,
                coasting: 180 * options.timeScale))
    }
}
