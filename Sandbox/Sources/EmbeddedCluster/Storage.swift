import Synchronization

/// One stored value: its bytes as they would lie in etcd, and its revisions.
struct StoredValue: Sendable {
    var bytes: [UInt8]
    var created: Int
    var modified: Int
}

/// What all replicas share: keys with bytes, under one revision counter.
final class Storage: Sendable {
    private struct Folder {
        /// Keys below the kind's prefix, in etcd's order.
        var keys: [String] = []
        var values: [String: StoredValue] = [:]
        /// What was deleted of a kind that is watched, with the revision of that.
        var deleted: [(value: StoredValue, at: Int)] = []

        func position(of key: String) -> Int {
            var (low, high) = (0, keys.count)
            while low < high {
                let middle = (low + high) / 2
                if keys[middle] < key { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    private struct State {
        var revision = 1
        var folders: [String: Folder] = [:]
    }

    struct Page {
        var items: [(key: String, value: StoredValue)]
        /// How many follow the page.
        var remaining: Int
        var revision: Int
    }

    private let state = Mutex(State())

    var revision: Int { state.withLock { $0.revision } }

    func get(_ kind: ResourceKind, _ key: String) -> StoredValue? {
        state.withLock { $0.folders[kind.storagePrefix]?.values[key] }
    }

    /// Writes if the key is still at that revision (nil: does not exist); the new revision, or nil when it moved.
    func put(_ kind: ResourceKind, _ key: String, _ bytes: [UInt8], at expected: Int?) -> Int? {
        state.withLock { state in
            var folder = state.folders.removeValue(forKey: kind.storagePrefix) ?? Folder()
            defer { state.folders[kind.storagePrefix] = folder }
            guard folder.values[key]?.modified == expected else { return nil }
            state.revision += 1
            if let old = folder.values[key] {
                folder.values[key] = StoredValue(bytes: bytes, created: old.created, modified: state.revision)
            } else {
                folder.keys.insert(key, at: folder.position(of: key))
                folder.values[key] = StoredValue(bytes: bytes, created: state.revision, modified: state.revision)
            }
            return state.revision
        }
    }

    /// Removes the key if it is still at that revision; false when it moved.
    func delete(_ kind: ResourceKind, _ key: String, at expected: Int) -> Bool {
        state.withLock { state in
            guard state.folders[kind.storagePrefix]?.values[key]?.modified == expected else { return false }
            state.revision += 1
            if kind == .storageVersionMigrations, let value = state.folders[kind.storagePrefix]?.values[key] {
                state.folders[kind.storagePrefix]?.deleted.append((value, state.revision))
            }
            state.folders[kind.storagePrefix]?.values[key] = nil
            if let position = state.folders[kind.storagePrefix]?.position(of: key) {
                state.folders[kind.storagePrefix]?.keys.remove(at: position)
            }
            return true
        }
    }

    /// Adds many new keys at once; those that exist stay as they are.
    func insert(_ kind: ResourceKind, _ entries: [(key: String, bytes: [UInt8])]) {
        state.withLock { state in
            var folder = state.folders.removeValue(forKey: kind.storagePrefix) ?? Folder()
            for entry in entries where folder.values[entry.key] == nil {
                state.revision += 1
                folder.values[entry.key] = StoredValue(
                    bytes: entry.bytes, created: state.revision, modified: state.revision)
                folder.keys.append(entry.key)
            }
            folder.keys.sort()
            state.folders[kind.storagePrefix] = folder
        }
    }

    /// Keys of a folder (all of it, or those of one namespace) from `start` on, without those created after `revision`.
    func page(
        _ kind: ResourceKind, namespace: String?, from start: String?, limit: Int?, createdBy revision: Int?
    ) -> Page {
        state.withLock { state in
            guard let folder = state.folders[kind.storagePrefix] else {
                return Page(items: [], remaining: 0, revision: state.revision)
            }
            let first = namespace.map { folder.position(of: $0 + "/") } ?? 0
            // "0" is what follows "/", so this is where the namespace's keys end.
            let end = namespace.map { folder.position(of: $0 + "0") } ?? folder.keys.count
            var position = max(first, start.map(folder.position(of:)) ?? first)
            var items: [(key: String, value: StoredValue)] = []
            while position < end, items.count < limit ?? .max {
                let key = folder.keys[position]
                position += 1
                if let value = folder.values[key], value.created <= revision ?? .max { items.append((key, value)) }
            }
            return Page(items: items, remaining: max(0, end - position), revision: state.revision)
        }
    }

    /// What a watch from a revision on would tell, in order; of each object only the newest state.
    func changes(_ kind: ResourceKind, since revision: Int) -> [(type: String, object: JSON)] {
        let folder = state.withLock { $0.folders[kind.storagePrefix] } ?? Folder()
        func object(_ value: StoredValue, at revision: Int) -> JSON {
            var object = (try? JSON(parsing: value.bytes)) ?? [:]
            object["metadata"]?["resourceVersion"] = .string(String(revision))
            return object
        }
        let changed = folder.values.values.filter { $0.modified > revision }.map {
            (at: $0.modified, type: $0.created > revision ? "ADDED" : "MODIFIED", object: object($0, at: $0.modified))
        }
        let deleted = folder.deleted.filter { $0.at > revision }.map {
            (at: $0.at, type: "DELETED", object: object($0.value, at: $0.at))
        }
        return (changed + deleted).sorted { $0.at < $1.at }.map { ($0.type, $0.object) }
    }

    /// All values of a kind, for whoever looks at the storage itself.
    func forEach(_ kind: ResourceKind, _ body: (_ key: String, _ bytes: [UInt8]) -> Void) {
        let values = state.withLock { $0.folders[kind.storagePrefix]?.values } ?? [:]
        for (key, value) in values { body(key, value.bytes) }
    }

    /// Overwrites bytes behind the API's back: no revision moves.
    func tamper(_ kind: ResourceKind, _ key: String, _ change: (inout [UInt8]) -> Void) -> Bool {
        state.withLock { state in
            guard var value = state.folders[kind.storagePrefix]?.values[key] else { return false }
            change(&value.bytes)
            state.folders[kind.storagePrefix]?.values[key] = value
            return true
        }
    }
}
