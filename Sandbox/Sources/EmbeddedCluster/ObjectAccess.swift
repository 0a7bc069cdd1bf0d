import Foundation

/// Objects as one replica serves them from the shared storage (k8s.io/apiserver pkg/storage/etcd3/store.go).
struct ObjectAccess: Sendable {
    let storage: Storage
    let transformers: Transformers
    let clock: any ClusterClock
    /// Whether errors are worded as since Kubernetes 1.37.
    var namesCorruptObjects = false

    struct Listing {
        var items: [JSON]
        var revision: Int
        var next: ContinueToken?
        var remaining: Int
    }

    private static func key(_ namespace: String?, _ name: String) -> String {
        namespace.map { $0 + "/" + name } ?? name
    }

    private func decode(_ kind: ResourceKind, _ key: String, _ value: StoredValue) async throws -> (
        object: JSON, plaintext: [UInt8], isStale: Bool
    ) {
        do {
            let full = kind.storagePrefix + key
            let (plaintext, isStale) =
                kind == .secrets
                ? try await transformers.fromStorage(value.bytes, key: full) : (value.bytes, false)
            var object = try JSON(parsing: plaintext)
            object["metadata"]?["resourceVersion"] = .string(String(value.modified))
            return (object, plaintext, isStale)
        } catch {
            let full = kind.storagePrefix + key
            throw namesCorruptObjects
                ? APIStatus.internalError(CorruptObject(key: full, cause: "\(error)").message)
                : APIStatus.internalError("unable to transform key \"\(full)\": \(error)")
        }
    }

    private func encode(_ kind: ResourceKind, _ key: String, _ plaintext: [UInt8]) throws -> [UInt8] {
        guard kind == .secrets else { return plaintext }
        do {
            return try transformers.toStorage(plaintext, key: kind.storagePrefix + key)
        } catch {
            throw APIStatus.internalError(String(describing: error))
        }
    }

    /// The bytes that are stored: without the revision, which is the storage's to say.
    private func plaintext(of object: JSON) -> [UInt8] {
        var stored = object
        stored["metadata"]?["resourceVersion"] = nil
        return stored.encoded()
    }

    func get(_ kind: ResourceKind, namespace: String?, name: String) async throws -> JSON {
        let key = Self.key(namespace, name)
        guard let value = storage.get(kind, key) else { throw APIStatus.notFound(kind, name) }
        return try await decode(kind, key, value).object
    }

    func exists(_ kind: ResourceKind, namespace: String?, name: String) -> Bool {
        storage.get(kind, Self.key(namespace, name)) != nil
    }

    func list(
        _ kind: ResourceKind, namespace: String?, limit: Int?, token: ContinueToken?,
        matches: (JSON) -> Bool
    ) async throws -> Listing {
        var items: [JSON] = []
        // A token counts from the prefix that is listed, which a namespace is part of.
        let prefix = namespace.map { $0 + "/" } ?? ""
        var start = token.map { prefix + $0.start }
        let snapshot = token.flatMap { $0.revision >= 0 ? $0.revision : nil }
        var revision = snapshot
        while true {
            let page = storage.page(kind, namespace: namespace, from: start, limit: limit, createdBy: snapshot)
            let listRevision = revision ?? page.revision
            revision = listRevision
            var corrupt: [CorruptObject] = []
            for (key, value) in page.items {
                let object: JSON
                do {
                    object = try await decode(kind, key, value).object
                } catch  where namesCorruptObjects {
                    // A list names all of its page that cannot be read, since 1.37.
                    corrupt.append(CorruptObject(key: kind.storagePrefix + key, status: error))
                    continue
                }
                guard corrupt.isEmpty else { continue }
                guard matches(object) else { continue }
                items.append(object)
                if items.count == limit, key != page.items.last?.key || page.remaining > 0 {
                    let next = ContinueToken(
                        revision: listRevision, start: String(key.dropFirst(prefix.count)) + "\0",
                        issued: clock.now())
                    return Listing(items: items, revision: listRevision, next: next, remaining: page.remaining)
                }
            }
            guard corrupt.isEmpty else { throw APIStatus.unreadable(kind, corrupt) }
            guard page.remaining > 0, let last = page.items.last else {
                return Listing(items: items, revision: listRevision, next: nil, remaining: 0)
            }
            start = last.key + "\0"
        }
    }

    func create(_ kind: ResourceKind, namespace: String?, name: String, object: JSON, dryRun: Bool) throws -> JSON {
        let key = Self.key(namespace, name)
        guard storage.get(kind, key) == nil else { throw APIStatus.alreadyExists(kind, name) }
        var created = object
        guard !dryRun else { return created }
        let bytes = try encode(kind, key, plaintext(of: object))
        guard let revision = storage.put(kind, key, bytes, at: nil) else { throw APIStatus.alreadyExists(kind, name) }
        created["metadata"]?["resourceVersion"] = .string(String(revision))
        return created
    }

    /// Changes an object and writes it if its bytes differ or what is stored is stale; a lost race starts over.
    func update(
        _ kind: ResourceKind, namespace: String?, name: String, dryRun: Bool, change: (JSON) throws -> JSON
    ) async throws -> JSON {
        let key = Self.key(namespace, name)
        while true {
            guard let value = storage.get(kind, key) else { throw APIStatus.notFound(kind, name) }
            let current = try await decode(kind, key, value)
            var updated = try change(current.object)
            updated["metadata"]?["resourceVersion"] = .string(String(value.modified))
            let data = plaintext(of: updated)
            if dryRun || (!current.isStale && data == current.plaintext) { return updated }
            let bytes = try encode(kind, key, data)
            if let revision = storage.put(kind, key, bytes, at: value.modified) {
                updated["metadata"]?["resourceVersion"] = .string(String(revision))
                return updated
            }
        }
    }

    /// Removes an object; `check` may refuse what is there.
    func delete(
        _ kind: ResourceKind, namespace: String?, name: String, dryRun: Bool, check: (JSON) throws -> Void
    ) async throws -> JSON {
        let key = Self.key(namespace, name)
        while true {
            guard let value = storage.get(kind, key) else { throw APIStatus.notFound(kind, name) }
            let object = try await decode(kind, key, value).object
            try check(object)
            if dryRun || storage.delete(kind, key, at: value.modified) { return object }
        }
    }
}

/// Where a list goes on (k8s.io/apiserver pkg/storage/continue.go): revision -1 goes on inconsistently.
struct ContinueToken: Sendable, Equatable {
    var revision: Int
    /// The first key that may come next.
    var start: String
    /// When the list began or went on; what is too old is refused. Kubernetes knows that from the revision, so a token
    /// of another's making has no time; without a revision it needs none.
    var issued: Double

    var text: String {
        let value: JSON = [
            "v": "meta.k8s.io/v1", "rv": .number(String(revision)), "start": .string(start),
            "t": .number(String(issued)),
        ]
        return Data(value.encoded()).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    init(revision: Int, start: String, issued: Double) {
        self.revision = revision
        self.start = start
        self.issued = issued
    }

    init(text: String) throws {
        let invalid = APIStatus.badRequest("continue key is not valid: illegal base64 data")
        var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
        guard let data = Data(base64Encoded: base64), let value = try? JSON(parsing: Array(data)),
            case .number(let revision)? = value["rv"], let revision = Int(revision), let start = value["start"]?.string
        else { throw invalid }
        var issued = 0.0
        if case .number(let time)? = value["t"] { issued = Double(time) ?? 0 }
        self.init(revision: revision, start: start, issued: issued)
    }
}
