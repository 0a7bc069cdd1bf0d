import Foundation
import Synchronization

/// The controllers of storage version migrations that run in kube-controller-manager (kubernetes/kubernetes,
/// pkg/controller/storageversionmigrator: migrationrunner.go, resourceversion.go, storageversionmigrator.go).
///
/// Inferred: how often the message tells of progress, and its words (kubernetes/kubernetes#138875 has counts in it).
final class MigrationController: Sendable {
    static let name = "storage-version-migrator-controller"
    /// kube-controller-manager's --kube-api-qps and --kube-api-burst (20, 30), of which this controller takes 20 and
    /// 100 times as much (cmd/kube-controller-manager/app/storageversionmigrator.go). AKS's own flags are not known.
    static let limit = RequestLimit(rate: 400, burst: 3000)

    private struct Retry {
        var failures = 0
        var notBefore = 0.0
    }

    private struct State {
        var replica: Int
        /// By the migration's UID.
        var retries: [String: Retry] = [:]
        var tokens = MigrationController.limit.burst
        var refilled = 0.0
    }

    private let storage: Storage
    private let api: ClusterAPI
    private let replicas: [Replica]
    private let token: String
    private let options: ClusterOptions
    private let state: Mutex<State>

    /// - Parameter token: of a user who may patch everything, as the controller's ClusterRole lets it.
    init(storage: Storage, api: ClusterAPI, replicas: [Replica], token: String, options: ClusterOptions) {
        self.storage = storage
        self.api = api
        self.replicas = replicas
        self.token = token
        self.options = options
        state = Mutex(State(replica: options.migratorReplica, refilled: options.clock.now()))
    }

    func run() async {
        while !Task.isCancelled {
            await sweep()
            do { try await options.clock.sleep(seconds: 0.02) } catch { return }
        }
    }

    /// Brings every migration as far as it goes now.
    func sweep() async {
        for group in Dictionary(grouping: migrations(), by: \.resource).values { promote(group) }
        for migration in migrations() where migration.isRunning && !migration.isTerminal { await work(on: migration) }
        for group in Dictionary(grouping: migrations(), by: \.resource).values { promote(group) }
    }

    private func migrations() -> [Migration] {
        storage.page(.storageVersionMigrations, namespace: nil, from: nil, limit: nil, createdBy: nil).items
            .compactMap { try? Migration(object: JSON(parsing: $0.value.bytes)) }
    }

    /// One of a resource runs at a time, the oldest first; the others queue.
    private func promote(_ group: [Migration]) {
        for done in group where done.isRunning && done.isTerminal {
            update(done) {
                $0.set(
                    .running, "False", reason: "MigrationCompleted", message: "Migration completed", now: $1)
            }
        }
        guard !group.contains(where: { $0.isRunning && !$0.isTerminal }),
            let next = group.filter({ !$0.isTerminal }).min(by: { ($0.created, $0.name) < ($1.created, $1.name) })
        else { return }
        update(next) {
            $0.set(.running, "True", reason: "MigrationRunning", message: "The migration is running", now: $1)
        }
    }

    private func work(on migration: Migration) async {
        let now = options.clock.now()
        let retry = state.withLock { $0.retries[migration.uid] ?? Retry() }
        guard now >= retry.notBefore else { return }
        let resource = migration.resource
        guard let kind = ResourceKind.all.first(where: { $0.group == resource.group && $0.plural == resource.resource })
        else {
            // A minute for discovery to learn of a new resource.
            guard let created = seconds(ofTimestamp: migration.created), now - created > 60 * options.timeScale else {
                return
            }
            return fail(migration, "unable to obtain GVR from discovery")
        }
        guard let checkpoint = migration.checkpoint else {
            // The real one lists with limit=1 in a namespace that cannot be, for the list's revision.
            return update(migration) { migration, _ in migration.take(checkpoint: storage.revision) }
        }
        switch await migrate(migration, kind, upTo: checkpoint) {
        case .done:
            update(migration) {
                $0.set(.succeeded, "True", reason: "StorageVersionMigrationSucceeded", message: "", now: $1)
            }
        case .again(let seconds):
            let failures = retry.failures + 1
            // client-go's default of a controller's queue: 5 ms, doubled up to 1000 s.
            let backoff = min(1000, 0.005 * pow(2, Double(min(failures, 20)))) * options.timeScale
            state.withLock {
                $0.retries[migration.uid] = Retry(
                    failures: failures, notBefore: options.clock.now() + max(seconds, backoff))
            }
        case .failed(let why): fail(migration, why)
        case .cancelled: break
        }
    }

    private enum End {
        case done
        /// After that many seconds, if the server names them.
        case again(Double)
        case failed(String)
        case cancelled
    }

    /// Sends an empty apply for each object that is not newer than the checkpoint, one at a time. Each try begins
    /// anew, in the order of a Go map: none. A migration that is deleted meanwhile ends with its try.
    private func migrate(_ migration: Migration, _ kind: ResourceKind, upTo checkpoint: Int) async -> End {
        let page = storage.page(kind, namespace: nil, from: nil, limit: nil, createdBy: nil)
        let due = page.items.filter { $0.value.modified <= checkpoint }.shuffled()
        for (index, item) in due.enumerated() {
            if Task.isCancelled { return .cancelled }
            if index % 100 == 0 {
                let done = page.items.count - due.count + index
                update(migration) {
                    $0.set(
                        .running, "True", reason: "MigrationRunning",
                        message: "migrated \(done) of \(page.items.count) objects", now: $1)
                }
            }
            let response = await apply(item.key, item.value, kind)
            let status = (try? JSON(parsing: response.body)) ?? .null
            switch response.status {
            case _ where response.ending == .drop || response.ending == .truncate: return .again(0)
            // Written, deleted or made anew since: done by others.
            case 200, 201, 409: continue
            case 429, 500, 503, 504:
                let after = response.headers.first { $0.0 == "retry-after" }.flatMap { Double($0.1) }
                return .again(after ?? 0)
            default: return .failed(status["message"]?.string ?? "status \(response.status)")
            }
        }
        return .done
    }

    private func apply(_ key: String, _ value: StoredValue, _ kind: ResourceKind) async -> APIResponse {
        let replica = server()
        let path = kind.isNamespaced ? key.split(separator: "/", maxSplits: 1).map(String.init) : [key]
        let root = kind.group.isEmpty ? "/api/\(kind.version)" : "/apis/\(kind.group)/\(kind.version)"
        let object: JSON = [
            "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind),
            "metadata": [
                "uid": .string(await uid(key, value, kind, replica)), "resourceVersion": .string("\(value.modified)"),
            ],
        ]
        await takeTurn()
        let request = APIRequest(
            method: "PATCH",
            uri: root + (path.count > 1 ? "/namespaces/\(path[0])" : "") + "/\(kind.plural)/\(path[path.count - 1])"
                + "?fieldManager=\(Self.name)",
            headers: ["authorization": "Bearer \(token)", "content-type": ResourceAPI.applyMediaType],
            body: object.encoded())
        return await api.answer(request, on: replica)
    }

    /// The garbage collector's cache has it from before, also of an object that cannot be read any more: that one's
    /// request fails before anybody compares it.
    private func uid(_ key: String, _ value: StoredValue, _ kind: ResourceKind, _ replica: Replica) async -> String {
        let transformers = Transformers(providers: replica.providers)
        let bytes =
            kind == .secrets
            ? try? await transformers.fromStorage(value.bytes, key: kind.storagePrefix + key).plaintext : value.bytes
        let object = bytes.flatMap { try? JSON(parsing: $0) }
        return object?[path: "metadata", "uid"]?.string ?? ""
    }

    /// One connection, which stays with its API server as long as that is there.
    private func server() -> Replica {
        state.withLock { state in
            if !replicas[state.replica % replicas.count].isUp {
                state.replica = replicas.firstIndex(where: \.isUp) ?? state.replica
            }
            return replicas[state.replica % replicas.count]
        }
    }

    private func takeTurn() async {
        while true {
            let now = options.clock.now()
            let wait = state.withLock { state -> Double in
                state.tokens = min(Self.limit.burst, state.tokens + max(0, now - state.refilled) * Self.limit.rate)
                state.refilled = now
                guard state.tokens < 1 else {
                    state.tokens -= 1
                    return 0
                }
                return (1 - state.tokens) / Self.limit.rate
            }
            guard wait > 0, !Task.isCancelled else { return }
            try? await options.clock.sleep(seconds: wait)
        }
    }

    private func fail(_ migration: Migration, _ why: String) {
        update(migration) {
            $0.set(
                .failed, "True", reason: "StorageVersionMigrationFailed",
                message: "migration encountered unhandled error: \(why)", now: $1)
        }
    }

    /// As UpdateStatus: nothing but the status changes, and one that is gone stays so.
    private func update(_ migration: Migration, _ change: (inout Migration, _ now: Double) -> Void) {
        while let value = storage.get(.storageVersionMigrations, migration.name),
            let object = try? JSON(parsing: value.bytes)
        {
            var current = Migration(object: object)
            guard current.uid == migration.uid else { return }
            change(&current, options.clock.now())
            let bytes = current.object.encoded()
            if bytes == value.bytes { return }
            if storage.put(.storageVersionMigrations, migration.name, bytes, at: value.modified) != nil { return }
        }
    }
}
