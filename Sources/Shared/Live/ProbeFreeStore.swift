import KubeAPI
import SecretRewrite

/// The cluster's Secrets without our probes: a pass that touched them would blur what they tell.
struct ProbeFreeStore: SecretStore {
    let base: KubeSecretStore

    func namespaces(_ request: PageRequest) async throws(StoreFailure) -> NamePage {
        try await base.namespaces(request)
    }

    func secrets(in namespace: String, _ request: PageRequest) async throws(StoreFailure) -> NamePage {
        var page = try await base.secrets(in: namespace, request)
        if namespace == RunLock.namespace { page.names.removeAll { $0.hasPrefix(ProbeSecrets.namePrefix) } }
        return page
    }

    func touch(_ name: String, in namespace: String, dryRun: Bool) async throws(StoreFailure) -> Int64 {
        try await base.touch(name, in: namespace, dryRun: dryRun)
    }
}

/// The machine's monotonic clock, for passes.
struct MonotonicClock: PassClock {
    private let start = ContinuousClock.now

    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    func sleep(until seconds: Double) async {
        try? await Task.sleep(until: start + .seconds(seconds), clock: .continuous)
    }
}
