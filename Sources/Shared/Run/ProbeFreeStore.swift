import KubeAPI
import SecretRewrite

/// The cluster's Secrets without a run's own probes: a pass that touched them would blur what they tell.
///
/// Those that a lost run left behind, and whatever else bears such a name, are Secrets like all others.
struct ProbeFreeStore: SecretStore {
    let base: any SecretStore
    let probes: Set<String>

    func namespaces(_ request: PageRequest) async throws(StoreFailure) -> NamePage {
        try await base.namespaces(request)
    }

    func secrets(in namespace: String, _ request: PageRequest) async throws(StoreFailure) -> NamePage {
        var page = try await base.secrets(in: namespace, request)
        if namespace == RunLock.namespace { page.names.removeAll(where: probes.contains) }
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
