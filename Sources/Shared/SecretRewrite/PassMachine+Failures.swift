extension PassMachine {
    mutating func handle(_ failure: StoreFailure, to work: Work, now: Double) {
        if case .secrets(let index, let request) = work.job, request.notOlderThan != nil, failure.isOfWholeList {
            // Whether the server bears the load is told by the page that is asked for instead.
            return wholeListFailed(in: index, request)
        }
        switch load(failure, now: now) {
        case .none:
            usefulAnswers += 1
            isAnswering()
        case .webhook(let slows):
            // The API server itself is there.
            isAnswering()
            trouble = failure
            if slows { pace.refused(startedIn: work.epoch, pause: nil, now: now) }
        case .server(let pause):
            pace.refused(startedIn: work.epoch, pause: pause, now: now)
            troubledSince = troubledSince ?? now
            trouble = failure
        }
        // While a pass ends, what has no outcome simply stays undone.
        switch work.job {
        case .touch(let index, let name, _, _): touchFailed(failure, name, in: index, work, now: now)
        case .namespaces(let request): namespacesFailed(failure, request, work, now: now)
        case .secrets(let index, let request): listFailed(failure, in: index, request, work, now: now)
        }
    }

    private mutating func isAnswering() {
        troubledSince = nil
        trouble = nil
    }

    /// What a failure says about the state of the server rather than about the request.
    private enum Load {
        case none
        /// A webhook gave no answer. An administrator's certificate is exempt from priority and fairness and is never
        /// answered with 429: time-outs of webhooks are then the only sign of too many requests.
        case webhook(slows: Bool)
        case server(pause: Double?)
    }

    private mutating func load(_ failure: StoreFailure, now: Double) -> Load {
        switch failure {
        case .busy(let pause, _):
            // A pause beyond our patience is the same as no answer: the pass ends when it is over.
            return .server(pause: pause.map { min($0, options.patience + 1) })
        case .lost: return .server(pause: nil)
        case .encryptFailed: return .server(pause: Bounds.encryptPause)
        case .webhookAway(let name, _):
            let since = webhooksAway[name] ?? now
            if webhooksAway.count < Bounds.namedFailures { webhooksAway[name] = since }
            // Going slower has not brought it back.
            return .webhook(slows: now - since < options.transientPatience)
        default: return .none
        }
    }

    // MARK: Touches

    private mutating func touchFailed(
        _ failure: StoreFailure, _ name: String, in index: Int, _ work: Work, now: Double
    ) {
        switch failure {
        case .gone:
            settle(name, in: index, .gone)
        case .denied(let by, let detail):
            if denials[by] != nil || denials.count < Bounds.namedFailures { denials[by, default: 0] += 1 }
            fail(name, in: index, .denied, cause: by, detail: detail)
        case .dryRunUnsupported(let by, let detail):
            fail(name, in: index, .unknown, cause: by, detail: detail)
        case .invalid(let fields, let detail):
            fail(name, in: index, .invalid, cause: fields, detail: detail)
        case .undecryptable where work.attempts < Bounds.decryptRetries:
            retry(work, name, in: index, failure, now: now)
        case .undecryptable(_, let detail):
            fail(name, in: index, .undecryptable, cause: "undecryptable", detail: detail)
        case .unauthorized: abort(.unauthorized, failure)
        case .forbidden: abort(.forbidden, failure)
        case .wouldSendData: abort(.wouldSendData, failure)
        case .encryptFailed:
            if encryptFailures == 0 { encryptFailingSince = now }
            encryptFailures += 1
            let lasts = now - encryptFailingSince >= Bounds.encryptPatience
            if lasts, encryptFailures >= Bounds.encryptFailures { return abort(.encryptionUnavailable, failure) }
            retry(work, name, in: index, failure, now: now)
        case .busy, .lost, .webhookAway:
            retry(work, name, in: index, failure, now: now)
        case .conflict where work.attempts == 0:
            retry(work, name, in: index, failure, now: now)
        case .other(let status, _, _) where status >= 500 && work.attempts == 0:
            retry(work, name, in: index, failure, now: now)
        case .conflict, .other, .malformed, .expired:
            fail(name, in: index, .failed, cause: failure.cause, detail: failure.description)
        }
    }

    private mutating func retry(_ work: Work, _ name: String, in index: Int, _ failure: StoreFailure, now: Double) {
        var next = again(work, now: now)
        next.webhook = nil
        if case .webhookAway(let by, _) = failure { next.webhook = by }
        if isHopeless(next, failure, now: now) {
            fail(name, in: index, .failed, cause: failure.cause, detail: failure.description)
        } else if next.strikes == Bounds.earlyStrikes, late.count < Bounds.retries {
            late.append(next)
        } else {
            schedule(next, now: now)
        }
    }

    /// Whether a touch was tried for long enough: a count alone would give up Secrets of a server that refuses every
    /// third request for a minute.
    private func isHopeless(_ next: Work, _ failure: StoreFailure, now: Double) -> Bool {
        let lasts = now - (next.failingSince ?? now) >= options.transientPatience
        switch failure {
        case .webhookAway(let by, _):
            if lasts, next.attempts >= Bounds.lastAttempts { return true }
            let isAway = now - (webhooksAway[by] ?? now) >= options.transientPatience
            return isAway && next.attempts >= Bounds.webhookAttempts
        case .busy where onlyFailedOnesAreLeft && next.attempts >= Bounds.lastAttempts:
            // At the end nobody else is left to succeed: a server that answers, but never this, is not unreachable.
            return lasts
        case .busy, .lost:
            return lasts && next.strikes >= Bounds.allStrikes
        default:
            return next.strikes >= Bounds.allStrikes
        }
    }

    /// The same request as its next attempt.
    private func again(_ work: Work, now: Double) -> Work {
        var next = work
        next.attempts += 1
        next.failingSince = work.failingSince ?? now
        if usefulAnswers > work.startedAfter { next.strikes += 1 }
        return next
    }

    /// 1, 2, 4, 8, 16, then 30 seconds. What the server asks for is waited for by all, in `pace`.
    private mutating func schedule(_ work: Work, now: Double) {
        let delay = min(30, Double(1 << min(5, max(0, work.attempts - 1))))
        let due = now + delay
        let place = retries.firstIndex { $0.due < due } ?? retries.endIndex
        retries.insert((due, work), at: place)
    }

    // MARK: Lists

    private mutating func namespacesFailed(
        _ failure: StoreFailure, _ request: PageRequest, _ work: Work, now: Double
    ) {
        switch failure {
        case .unauthorized: abort(.unauthorized, failure)
        case .forbidden: abort(.forbidden, failure)
        case .expired(let token) where request.token != nil && work.attempts < Bounds.relists:
            // Names seen twice are one in the set that `learn` makes.
            var next = again(work, now: now)
            next.job = .namespaces(PageRequest(limit: Bounds.namespacePage, token: token))
            if token == nil { namespaces = [] }
            schedule(next, now: now)
        case .busy, .lost:
            schedule(again(work, now: now), now: now)
        case .other(let status, _, _) where status >= 500 && work.attempts < Bounds.earlyStrikes:
            schedule(again(work, now: now), now: now)
        default:
            let lists = SecretFailure(namespace: "", name: nil, outcome: .failed, cause: failure.cause)
            note(lists, failure.description)
            abort(.namespacesUnlisted, failure)
        }
    }

    private mutating func listFailed(
        _ failure: StoreFailure, in index: Int, _ request: PageRequest, _ work: Work, now: Double
    ) {
        switch failure {
        case .gone:
            open[index]?.isListed = true
            closeIfDone(index)
        case .unauthorized: abort(.unauthorized, failure)
        case .forbidden: abort(.forbidden, failure)
        case .wouldSendData: abort(.wouldSendData, failure)
        case .expired(let token) where request.token != nil:
            relist(index, PageRequest(limit: request.limit, token: token))
        case .undecryptable where work.attempts < Bounds.decryptRetries:
            schedule(again(work, now: now), now: now)
        case .undecryptable(let keys, let detail):
            isolate(index, request, keys, detail: detail)
        case .busy, .lost, .encryptFailed, .webhookAway:
            retryList(work, in: index, failure, patience: options.transientPatience, now: now)
        case .other(let status, _, _) where status >= 500:
            retryList(work, in: index, failure, patience: 0, now: now)
        default:
            giveUpListing(index, cause: failure.cause, detail: failure.description)
        }
    }

    private mutating func wholeListFailed(in index: Int, _ request: PageRequest) {
        refusesWholeLists = true
        readPages(of: index, request)
    }

    private mutating func retryList(
        _ work: Work, in index: Int, _ failure: StoreFailure, patience: Double, now: Double
    ) {
        let next = again(work, now: now)
        if next.strikes >= Bounds.allStrikes, now - (next.failingSince ?? now) >= patience {
            giveUpListing(index, cause: failure.cause, detail: failure.description)
        } else {
            schedule(next, now: now)
        }
    }

    /// Goes on with the token that the server offers, else from the start, past the names that are known.
    private mutating func relist(_ index: Int, _ request: PageRequest) {
        open[index]?.relists += 1
        guard let relists = open[index]?.relists, relists <= Bounds.relists else {
            return giveUpListing(index, cause: "Expired", detail: "its list expired again and again")
        }
        continuations.insert(Work(job: .secrets(namespace: index, request)), at: 0)
    }

    /// One object that cannot be decrypted fails every page that holds it. All that the server names have their outcome
    /// at once: Kubernetes 1.37 names up to a hundred, older versions the first. Pages become smaller until one of them
    /// stands alone; then the list goes on behind it, so that no Secret in between is left out.
    private mutating func isolate(_ index: Int, _ request: PageRequest, _ keys: [String], detail: String) {
        let culprits = Set(keys.compactMap { Self.name(in: $0, of: namespaces[index]) })
            .filter { $0 > open[index]?.cursor ?? "" }.sorted()
        for name in culprits { unreadable(name, in: index, detail: detail) }
        var next = request
        if request.limit > 1 {
            next.limit = max(1, request.limit / 4)
        } else {
            guard let name = culprits.first else {
                return giveUpListing(index, cause: "undecryptable", detail: detail)
            }
            if name > open[index]?.lastName ?? "" { open[index]?.lastName = name }
            open[index]?.cursor = name
            open[index]?.unreadable.remove(name)
            next = PageRequest(limit: 1, after: name)
        }
        continuations.insert(
            Work(job: .secrets(namespace: index, next), attempts: Bounds.decryptRetries), at: 0)
    }

    private mutating func unreadable(_ name: String, in index: Int, detail: String) {
        // One that was listed before is touched, and gets its outcome there.
        guard name > open[index]?.lastName ?? "", open[index]?.unreadable.insert(name).inserted == true else { return }
        let cause = "undecryptable"
        note(SecretFailure(namespace: namespaces[index], name: name, outcome: .undecryptable, cause: cause), detail)
        open[index]?.receipt.counts.add(.undecryptable)
        settled += 1
    }

    /// The last part of a storage key as `/registry/secrets/<namespace>/<name>`.
    private static func name(in key: String, of namespace: String) -> String? {
        guard let range = key.ranges(of: "/\(namespace)/").last, range.upperBound < key.endIndex else {
            return nil
        }
        return String(key[range.upperBound...])
    }
}

extension StoreFailure {
    /// Whether a page might be had where a whole list failed so.
    fileprivate var isOfWholeList: Bool {
        switch self {
        case .gone, .unauthorized, .forbidden, .wouldSendData: false
        default: true
        }
    }

    /// The kind of failure, in words that are ours or the protocol's, never a server's sentence.
    var cause: String {
        switch self {
        case .expired: "Expired"
        case .gone: "NotFound"
        case .denied(let by, _), .dryRunUnsupported(let by, _), .webhookAway(let by, _): by
        case .invalid(let fields, _): fields
        case .undecryptable: "undecryptable"
        case .encryptFailed: "encryption failed"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .busy: "busy"
        case .conflict: "Conflict"
        case .wouldSendData: "NotAcceptable"
        case .lost: "no answer"
        case .malformed: "malformed answer"
        case .other(let status, let reason, _): reason.isEmpty ? "status \(status)" : reason
        }
    }
}
