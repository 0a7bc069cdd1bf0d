/// Where the Secrets are. The only port of this target: no method takes or gives what a Secret holds.
package protocol SecretStore: Sendable {
    /// One page of the names of all namespaces.
    func namespaces(_ request: PageRequest) async throws(StoreFailure) -> NamePage

    /// One page of the names of a namespace's Secrets, in the order of their names; a whole list is in any order.
    ///
    /// A namespace that does not exist has no Secrets: an empty page.
    func secrets(in namespace: String, _ request: PageRequest) async throws(StoreFailure) -> NamePage

    /// Sends a patch that changes nothing, and gives the Secret's resourceVersion after it.
    ///
    /// The API server writes if and only if the stored bytes are stale for the configuration of the replica that
    /// serves the request (kubernetes/apiserver, pkg/storage/etcd3/store.go, `GuaranteedUpdate`). Repeating it is
    /// harmless, so a lost answer may be followed by another attempt.
    /// - Parameter dryRun: runs admission and validation only (`dryRun=All`): staleness is not judged, nothing is
    ///   written.
    func touch(_ name: String, in namespace: String, dryRun: Bool) async throws(StoreFailure) -> Int64
}

/// Which page of a list is asked for.
package struct PageRequest: Sendable, Hashable {
    /// The most names that the page may hold.
    package var limit: Int
    /// The token that the page before gave; nil asks for the first page.
    package var token: String?
    /// Begins after this name, with the newest state, where no token leads there: past a Secret that cannot be
    /// decrypted and therefore fails every page that holds it.
    package var after: String?
    /// Asks for the whole list at once, at this revision or a later one, from what the API server holds in memory; the
    /// limit and the token are for the case that it does not give it.
    package var notOlderThan: Int64?

    package init(limit: Int = 500, token: String? = nil, after: String? = nil, notOlderThan: Int64? = nil) {
        self.limit = limit
        self.token = token
        self.after = after
        self.notOlderThan = notOlderThan
    }
}

/// A page of names.
package struct NamePage: Sendable, Hashable {
    package var names: [String]
    /// The revision of the storage that the list shows.
    package var resourceVersion: Int64
    /// The token for the next page; nil when this one is the last.
    package var next: String?
    /// How many follow this page, as the server estimates it.
    package var remaining: Int?

    package init(names: [String], resourceVersion: Int64, next: String? = nil, remaining: Int? = nil) {
        self.names = names
        self.resourceVersion = resourceVersion
        self.next = next
        self.remaining = remaining
    }
}

/// Why the store gave no answer. Server text in it is cut by the adapter, and is never part of a result.
package enum StoreFailure: Error, Sendable, Hashable {
    /// A list's token is too old (410); the server may offer one that goes on with a newer state.
    case expired(inconsistentToken: String?)
    /// There is no such object any more (404).
    case gone
    /// An admission webhook or policy refused; `by` is its name, where the server tells it.
    case denied(by: String, detail: String)
    /// An admission webhook that must be asked gave no answer; `by` is its name. A webhook that has too much to do
    /// looks like one that is gone, so that it is asked again before this counts as a failure.
    case webhookAway(by: String, detail: String)
    /// A dry run cannot pass this webhook, because it has side effects: nothing is known about the real request.
    case dryRunUnsupported(by: String, detail: String)
    /// The stored object does not pass today's validation (422); `fields` are the paths at fault.
    case invalid(fields: String, detail: String)
    /// Storage holds bytes that no configured provider can decrypt; `keys` are the storage keys that the server names.
    case undecryptable(keys: [String], detail: String)
    /// The API server could not encrypt: its key management service does not serve writes.
    case encryptFailed(detail: String)
    /// The credential was refused, also after it was renewed (401).
    case unauthorized(detail: String)
    /// The user lacks the right (403 by authorization, not by admission).
    case forbidden(detail: String)
    /// 429, 503, 504, or a 500 of a moment as of storage that elects a leader; seconds where the server says when.
    case busy(retryAfter: Double?, detail: String)
    /// 409, which a patch without a version should never meet.
    case conflict(detail: String)
    /// 406: the server offers only forms that would carry the Secret's data.
    case wouldSendData(detail: String)
    /// The request may or may not have arrived: the connection failed or no answer came in time.
    case lost(detail: String)
    /// An answer that is not what the protocol promises.
    case malformed(detail: String)
    /// Any other refusal.
    case other(status: Int, reason: String, detail: String)
}

extension StoreFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .expired: "the list's continue token is too old"
        case .gone: "it does not exist any more"
        case .denied(let name, let detail): "admission by \(name) refused it: \(detail)"
        case .dryRunUnsupported(let name, let detail): "the webhook \(name) cannot be tried in a dry run: \(detail)"
        case .invalid(let fields, let detail): "the stored object is not valid (\(fields)): \(detail)"
        case .webhookAway(let name, let detail): "the admission webhook \(name) gave no answer: \(detail)"
        case .undecryptable(let keys, let detail): "storage cannot decrypt \(keys.first ?? "an object"): \(detail)"
        case .encryptFailed(let detail): "the API server cannot encrypt: \(detail)"
        case .unauthorized(let detail): "the credential was refused: \(detail)"
        case .forbidden(let detail): "the right is missing: \(detail)"
        case .busy(_, let detail): "the API server is busy: \(detail)"
        case .conflict(let detail): "it was changed at the same time: \(detail)"
        case .wouldSendData(let detail): "the answer would have carried the Secret's data: \(detail)"
        case .lost(let detail): "no answer came: \(detail)"
        case .malformed(let detail): "the answer was not understood: \(detail)"
        case .other(let status, let reason, let detail): "status \(status) \(reason): \(detail)"
        }
    }
}
