import SecretRewrite
import Synchronization

/// API servers with one storage behind them, as far as a touch can tell: staleness is judged by the replica that
/// serves.
final class ModelCluster: SecretStore {
    struct Object: Sendable, Hashable {
        var provider: String
        var version: Int64
    }

    struct State: Sendable {
        var revision: Int64 = 100
        var namespaces: [String] = []
        var objects: [String: [String: Object]] = [:]
        /// The write provider of each replica; all can read all providers in `readable`.
        var replicas: [String] = ["identity"]
        var readable: Set<String> = ["identity", "kms"]
        /// Whether a list names all that it cannot read (KEP-3926), or the first.
        var namesAllUnreadable = false
        var nextReplica = 0
        /// Called before a touch is served; what it throws is the answer.
        var beforeTouch: @Sendable (inout State, String, String) throws(StoreFailure) -> Void = {
            (_: inout State, _: String, _: String) throws(StoreFailure) in
        }
        var beforeList: @Sendable (inout State, String, PageRequest) throws(StoreFailure) -> Void = {
            (_: inout State, _: String, _: PageRequest) throws(StoreFailure) in
        }
        /// What a whole list does not show, and how far behind the storage it is.
        var forgotten: Set<String> = []
        var behind: Int64 = 0
        var touches: [String: Int] = [:]
        var lists: [String] = []
        /// Names that were given out, and how many of them at most had not been touched yet.
        var listed = 0
        var mostAhead = 0
        var writes = 0
        var inFlight = 0
        var mostInFlight = 0
        var dryRuns = 0

        mutating func write(_ namespace: String, _ name: String, provider: String) {
            revision += 1
            objects[namespace, default: [:]][name] = Object(provider: provider, version: revision)
        }
    }

    let state: Mutex<State>
    let pageLimit: Int

    init(_ layout: [String: Int], storedAs provider: String = "kms", pageLimit: Int = 500) {
        var state = State()
        for (namespace, count) in layout {
            state.namespaces.append(namespace)
            state.objects[namespace] = [:]
            for number in 0..<count {
                let digits = String(number)
                let name = "s-" + String(repeating: "0", count: 6 - digits.count) + digits
                state.write(namespace, name, provider: provider)
            }
        }
        self.state = Mutex(state)
        self.pageLimit = pageLimit
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    func read<T: Sendable>(_ body: (State) -> T) -> T { state.withLock { body($0) } }

    /// How many Secrets are stored under a provider.
    func stored(as provider: String) -> Int {
        read { $0.objects.values.reduce(0) { $0 + $1.values.count { $0.provider == provider } } }
    }

    func namespaces(_ request: PageRequest) async throws(StoreFailure) -> NamePage {
        try list("", request) { $0.namespaces }
    }

    func secrets(in namespace: String, _ request: PageRequest) async throws(StoreFailure) -> NamePage {
        try list(namespace, request) { Array(($0.objects[namespace] ?? [:]).keys) }
    }

    private func list(
        _ namespace: String, _ request: PageRequest, _ all: (State) -> [String]
    ) throws(StoreFailure) -> NamePage {
        let answer: Result<NamePage, StoreFailure> = state.withLock { state in
            state.lists.append("\(namespace)?\(request.notOlderThan == nil ? request.token ?? "" : "whole")")
            do throws(StoreFailure) {
                try state.beforeList(&state, namespace, request)
            } catch { return .failure(error) }
            if request.notOlderThan != nil {
                // From memory: decrypted long ago, and before Kubernetes 1.27 in no order.
                let names = Array(all(state).filter { !state.forgotten.contains($0) }.sorted().reversed())
                return .success(NamePage(names: names, resourceVersion: state.revision - state.behind))
            }
            // A token is the last name of the page before, at the list's revision.
            let start = request.token.map { String($0.split(separator: "@")[0]) } ?? request.after ?? ""
            let rest = all(state).sorted().filter { $0 > start }
            let page = Array(rest.prefix(min(pageLimit, request.limit)))
            let left = rest.count - page.count
            if !namespace.isEmpty { state.listed += page.count }
            state.mostAhead = max(state.mostAhead, state.listed - state.touches.count)
            let unreadable = page.filter { name in
                state.objects[namespace]?[name].map { !state.readable.contains($0.provider) } ?? false
            }
            if !unreadable.isEmpty {
                let keys = unreadable.map { "/registry/secrets/\(namespace)/\($0)" }
                let named = state.namesAllUnreadable ? keys : Array(keys.prefix(1))
                return .failure(.undecryptable(keys: named, detail: "no key"))
            }
            return .success(
                NamePage(
                    names: page, resourceVersion: state.revision,
                    next: left > 0 ? "\(page[page.count - 1])@\(state.revision)" : nil, remaining: left > 0 ? left : nil
                ))
        }
        return try answer.get()
    }

    func touch(_ name: String, in namespace: String, dryRun: Bool) async throws(StoreFailure) -> Int64 {
        change {
            $0.inFlight += 1
            $0.mostInFlight = max($0.mostInFlight, $0.inFlight)
        }
        await Task.yield()
        let answer: Result<Int64, StoreFailure> = state.withLock { state in
            state.inFlight -= 1
            state.touches["\(namespace)/\(name)", default: 0] += 1
            do throws(StoreFailure) { try state.beforeTouch(&state, namespace, name) } catch { return .failure(error) }
            guard let object = state.objects[namespace]?[name] else { return .failure(.gone) }
            if dryRun {
                state.dryRuns += 1
                return .success(object.version)
            }
            guard state.readable.contains(object.provider) else {
                return .failure(.undecryptable(keys: ["/registry/secrets/\(namespace)/\(name)"], detail: "no key"))
            }
            let replica = state.replicas[state.nextReplica % state.replicas.count]
            state.nextReplica += 1
            guard object.provider != replica else { return .success(object.version) }
            state.writes += 1
            state.write(namespace, name, provider: replica)
            return .success(state.revision)
        }
        return try answer.get()
    }
}

/// A clock whose sleepers are woken at once: time passes only by sleeping.
final class SteppingClock: PassClock {
    private let now = Mutex(1000.0)

    var seconds: Double { now.withLock { $0 } }

    func sleep(until seconds: Double) async {
        await Task.yield()
        now.withLock { $0 = max($0, seconds) }
    }

    func advance(_ seconds: Double) { now.withLock { $0 += seconds } }
}

/// What an observer was told.
final class Notes: Sendable {
    private let state = Mutex<(progress: [PassProgress], failures: [(SecretFailure, String)])>(([], []))

    var progress: [PassProgress] { state.withLock { $0.progress } }
    var failures: [(SecretFailure, String)] { state.withLock { $0.failures } }

    var observer: PassObserver {
        PassObserver(
            progress: { value in self.state.withLock { $0.progress.append(value) } },
            failure: { failure, detail in self.state.withLock { $0.failures.append((failure, detail)) } })
    }
}

func pass(_ store: any SecretStore, clock: any PassClock = SteppingClock()) -> RewritePass {
    RewritePass(store: store, clock: clock)
}
