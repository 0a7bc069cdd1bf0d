/// What a pass over all Secrets is for.
package enum PassKind: String, Sendable, Hashable, Codable {
    /// Every Secret is brought to the present configuration, once.
    case rewrite
    /// The same, as the proof: unless all API servers are known to write alike, a Secret whose version moved is touched
    /// again until two answers agree.
    case verify
    /// A dry run through admission and validation: nothing is written, staleness is not judged.
    case admission
}

/// What a pass may do.
package struct PassOptions: Sendable, Hashable {
    package var kind: PassKind
    /// Only these namespaces; nil for all that exist.
    package var namespaces: [String]?
    /// Receipts of an interrupted pass of the same kind and configuration; those without failure are taken over.
    package var finished: [NamespaceReceipt]
    /// The most requests under way. More than 64 are only where the server is far away (`AdaptiveConcurrency`).
    package var concurrency: Int
    /// The most requests a second; nil for no cap.
    package var requestsPerSecond: Double?
    /// How many Secrets are expected in all, for the estimate; nil when it was not counted.
    package var expectedTotal: Int?
    /// The pass ends when more Secrets than this have failed; nil for never.
    package var failureBudget: Int?
    /// Seconds without any useful answer after which the API server counts as unreachable.
    package var patience: Double
    /// Whether all API servers are known to write alike, before this pass and after it. Then a version that moved since
    /// the list is proof, whoever wrote it; a verifying pass without it touches such a Secret until two answers agree.
    package var isBracketed: Bool
    /// Seconds, beside four round trips, after which a list that is read from the API server's memory is late; such a
    /// list takes some hundredths. Nil, in tests whose clock jumps: never.
    var wholeListPatience: Double? = 1

    /// Four connections with a hundred streams each, which a kube-apiserver allows since its answer to CVE-2023-44487
    /// (kubernetes/kubernetes#121120; 250 before).
    package static let usualConcurrency = 400

    package init(
        _ kind: PassKind, namespaces: [String]? = nil, finished: [NamespaceReceipt] = [],
        concurrency: Int = PassOptions.usualConcurrency,
        requestsPerSecond: Double? = nil, expectedTotal: Int? = nil, failureBudget: Int? = nil, patience: Double = 300,
        isBracketed: Bool = false
    ) {
        self.kind = kind
        self.namespaces = namespaces
        self.finished = finished
        self.concurrency = concurrency
        self.requestsPerSecond = requestsPerSecond
        self.expectedTotal = expectedTotal
        self.failureBudget = failureBudget
        self.patience = patience
        self.isBracketed = isBracketed
    }

    /// Seconds for which a request that the server is too busy for is tried again. A dry run changes nothing that would
    /// have to be finished.
    var transientPatience: Double { kind == .admission ? 30 : 180 }
}

/// The bounds that keep memory and repetition finite. They are not options, because nobody has a reason to change them.
enum Bounds {
    /// Namespaces of one page; kubectl's own choice.
    static let namespacePage = 500
    /// Secrets of one page. The API server decrypts them one after the other, and with KMS v1 asks the key management
    /// plugin for each: while it is busy with writes, several short lists at a time are quicker than a long one.
    static let page = 100
    /// Secrets of one page where the API server is far away, by how many lists there are. A page takes a round trip
    /// and the time of its Secrets: a single list in pages of a hundred would give less than 500 names a second at
    /// 200 ms.
    static let farPages = 50...400
    /// Lists that are read side by side there.
    static let farLists = 32
    /// The room that a list takes there at least, however small namespaces are.
    static let leastReserved = 10
    /// Secrets that wait for their turn or are being listed. With KMS v1 an API server keeps the data keys of a
    /// thousand Secrets by default (`cachesize` of EncryptionConfiguration): lists that run further ahead push out the
    /// keys of those that wait, and each write asks the plugin, and so the key vault, a second time.
    static let namesAhead = 800
    /// The same far away, where two hundred more names are on the way there and back: with 800 an API server asked the
    /// plugin 8,300 times for 5,000 Secrets, with 500 it asked 4,925 times.
    static let farNamesAhead = 500
    /// Secrets of a first page, and of a whole list at most, which is read at once from the API server's memory. The
    /// first page tells how many there are: a server without that memory would read them all from storage, as it would
    /// all Secrets of the cluster for each controller that watches them.
    static let firstPage = 20
    static let wholeList = 2000
    /// Lists of which the rest can be read at once, beyond which no further one is begun.
    static let begunLists = 6
    /// While more names than these wait, no whole list is asked for. It is less than `namesAhead`, so that first pages,
    /// which take longer, are read before.
    static let wholeListsAhead = 500
    /// Namespaces of a cluster in which whole lists are read: before Kubernetes 1.32 each of them costs the API server
    /// a look at every Secret that it holds.
    static let wholeListNamespaces = 500
    /// Requests that wait for another attempt, beyond which nothing new starts.
    static let retries = 1000
    /// Attempts that a request loses while others succeed, before it is left for the end of the pass.
    static let earlyStrikes = 3
    /// The same, after which it has failed, if it has been tried for `PassOptions.transientPatience`.
    static let allStrikes = 6
    /// Attempts that a Secret gets while its webhook has not answered anybody for that long.
    static let webhookAttempts = 2
    /// Further attempts for a Secret that could not be decrypted: a plugin that restarts looks the same as a lost key.
    static let decryptRetries = 2
    /// Attempts, about four minutes of them, after which a Secret that is refused as busy has failed when no other is
    /// left, or whose webhook answers others but never for it.
    static let lastAttempts = 12
    /// Writes refused for lack of encryption, over at least so many seconds and with none that worked in between,
    /// that end the pass: a key management plugin that only restarts is back sooner.
    static let encryptFailures = 5
    static let encryptPatience = 10.0
    /// Seconds in which nothing is sent after such a refusal.
    static let encryptPause = 2.0
    /// Times that a namespace's list may begin anew, or bring nothing new.
    static let relists = 100
    /// Touches of one Secret in a verifying pass.
    static let touches = 3
    /// Failures that a result names.
    static let namedFailures = 200
}
