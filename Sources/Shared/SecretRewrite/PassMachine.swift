/// Decides, request by request, what a pass does next. It has no effects: time and answers come in, jobs go out.
///
/// Memory stays bounded: the names of some `Bounds.namesAhead` Secrets wait, of a whole list's more where one is read,
/// is tried again or comes late, and what stays of a Secret that went well is its share of a namespace's counters.
struct PassMachine: Sendable {
    enum Job: Sendable, Hashable {
        case namespaces(PageRequest)
        case secrets(namespace: Int, PageRequest)
        /// `previous` is the version that the touch before gave, in a verifying pass.
        case touch(namespace: Int, name: String, previous: Int64?, number: Int)
    }

    struct Work: Sendable, Hashable {
        var job: Job
        /// Failed attempts so far; they set how long the next one waits.
        var attempts = 0
        /// Those that failed while other requests succeeded; only they can make it a failure.
        var strikes = 0
        /// When the first of them failed.
        var failingSince: Double?
        /// The webhook that gave no answer to the newest attempt.
        var webhook: String?
        /// How many useful answers there had been when it was started last, and in which epoch that was.
        var startedAfter = 0
        var epoch = 0
        /// The names for which there is to be room when a list is answered.
        var reserved = 0
    }

    enum Answer: Sendable {
        case page(NamePage)
        case version(Int64)
        case failure(StoreFailure)
    }

    enum Step: Sendable, Hashable {
        case start(Work)
        case wait(until: Double)
        case waitForAnswer
        case finished
    }

    /// A namespace between its first page and its last outcome.
    struct OpenNamespace: Sendable {
        var receipt: NamespaceReceipt
        /// Names up to this one are known; a list that begins anew skips them.
        var lastName: String?
        /// False once names came out of order; then nothing may be skipped.
        var isOrdered = true
        /// The last name of the page before, in the present list.
        var cursor: String?
        /// Names that were listed.
        var listed = 0
        /// Those that have been given out and have no outcome yet, and those that wait.
        var outstanding = 0
        /// Secrets that the server has named as undecryptable, and that the list has not passed yet.
        var unreadable: Set<String> = []
        /// How many the server says are still to be listed.
        var unlisted = 0
        var isListed = false
        /// Whether the first page has come, which says how many there are.
        var isCounted = false
        var relists = 0
        /// Whether its whole list was not given, or not believed.
        var isPagedOnly = false
    }

    struct Batch: Sendable {
        let namespace: Int
        let names: [String]
        var next = 0
    }

    let options: PassOptions
    let startedAt: Double

    var pace: AdaptiveConcurrency
    var bucket: TokenBucket?

    var namespaces: [String] = []
    var namespacesKnown = false
    var nextNamespace = 0
    var namespaceListRunning = false
    var open: [Int: OpenNamespace] = [:]
    var closed: [NamespaceReceipt] = []
    /// The sum over the closed ones, how many of them came from an earlier pass, and how many Secrets have an outcome.
    var closedCounts = OutcomeCounts()
    var takenOver = 0
    var settled = 0

    var chosen: Work?
    var continuations: [Work] = []
    var batches: [Batch] = []
    var waitingNames = 0
    var rechecks: [Work] = []
    /// Sorted so that the one that is due first is last.
    var retries: [(due: Double, work: Work)] = []
    var late: [Work] = []
    var inFlight = 0
    var listsInFlight = 0
    /// What they may bring, and what a page of late has brought.
    var namesAskedFor = 0
    var typicalPage = Double(Bounds.page)
    /// The newest version that a touch gave to a Secret: the API server's memory comes to it by itself.
    var newestWritten: Int64 = 0
    /// Whether the API server did not give a whole list, or not soon; then it is not asked for another.
    var refusesWholeLists = false
    /// Whole lists under way that are not late: since when, and the names for which there is to be room.
    var wholeLists: [Int: (since: Double, reserved: Int)] = [:]
    /// Those that are late. They wait, and so do not count as work for the server.
    var lateLists: Set<Int> = []

    var usefulAnswers = 0
    var troubledSince: Double?
    var trouble: StoreFailure?
    /// Writes refused for lack of encryption since the last one that worked, and when the first of them was.
    var encryptFailures = 0
    var encryptFailingSince = 0.0
    /// Since when a webhook has not answered for any Secret that it was asked about, by its name.
    var webhooksAway: [String: Double] = [:]
    var ending: PassEnding?

    var denials: [String: Int] = [:]
    var failures: [SecretFailure] = []
    var failuresOmitted = 0
    /// Failures that nobody has been told of yet, with the server's words.
    var untold: [(SecretFailure, String)] = []

    init(_ options: PassOptions, now: Double) {
        self.options = options
        startedAt = now
        pace = AdaptiveConcurrency(ceiling: options.concurrency)
        bucket = options.requestsPerSecond.map { TokenBucket(perSecond: max(0.01, $0), now: now) }
        if let chosen = options.namespaces { learn(namespaces: chosen) }
    }

    /// What to do now. `.start` is a promise: its answer must come back through `handle`.
    mutating func next(now: Double) -> Step {
        if ending == nil, let troubledSince, now - troubledSince > options.patience { ending = .aborted(.unreachable) }
        if ending != nil { return inFlight == 0 ? .finished : .waitForAnswer }

        stopWaitingForWholeLists(now: now)
        guard inFlight - lateLists.count < pace.limit, inFlight < options.concurrency else {
            return wholeListIsLateAt.map { .wait(until: $0) } ?? .waitForAnswer
        }
        if chosen == nil { chosen = choose(now: now) }
        guard var work = chosen else {
            if let due = [retries.last?.due, wholeListIsLateAt].compactMap(\.self).min() { return .wait(until: due) }
            if inFlight > 0 { return .waitForAnswer }
            ending = .finished
            return .finished
        }

        if pace.pausedUntil > now { return .wait(until: pace.pausedUntil) }
        if let ready = bucket?.ready(now: now), ready > now { return .wait(until: ready) }

        bucket?.take()
        chosen = nil
        inFlight += 1
        if case .secrets(let index, let request) = work.job {
            listsInFlight += 1
            namesAskedFor += work.reserved
            if request.notOlderThan != nil { wholeLists[index] = (now, work.reserved) }
        }
        work.startedAfter = usefulAnswers
        work.epoch = pace.epoch
        return .start(work)
    }

    /// No further request starts; those under way still count.
    mutating func stop() { if ending == nil { ending = .stopped } }

    // MARK: Choosing

    private mutating func choose(now: Double) -> Work? {
        if let recheck = rechecks.popLast() { return recheck }
        if let due = retries.last?.due, due <= now { return retries.removeLast().work }
        guard retries.count < Bounds.retries else { return nil }
        if let list = chooseList() { return list }
        if let touch = chooseName() { return touch }
        guard everythingTried, let work = late.popLast() else { return nil }
        return work
    }

    /// Whether only requests that failed before are left.
    private var everythingTried: Bool { onlyFailedOnesAreLeft && retries.isEmpty }

    var onlyFailedOnesAreLeft: Bool {
        namespacesKnown && nextNamespace == namespaces.count && listsInFlight == 0 && continuations.isEmpty
            && batches.isEmpty
    }

    private mutating func chooseName() -> Work? {
        guard var batch = batches.first else { return nil }
        let name = batch.names[batch.next]
        batch.next += 1
        waitingNames -= 1
        if batch.next == batch.names.count { batches.removeFirst() } else { batches[0] = batch }
        return Work(job: .touch(namespace: batch.namespace, name: name, previous: nil, number: 1))
    }

    /// The namespaces are all known: sorted, so that a resume goes the same way, and without those that are done.
    mutating func learn(namespaces all: [String]) {
        let done = options.finished.filter(\.isDone)
        let wanted = Set(all)
        closed = done.filter { wanted.contains($0.namespace) }
        takenOver = closed.count
        for receipt in closed { closedCounts.add(receipt.counts) }
        settled = closedCounts.total
        namespaces = wanted.subtracting(done.map(\.namespace)).sorted()
        namespacesKnown = true
    }
}
