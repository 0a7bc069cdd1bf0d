extension PassMachine {
    mutating func handle(_ failure: StoreFailure, to work: Work, now: Double) {
        let isTransient = noteLoad(failure, work, now: now)
        if !isTransient {
            usefulAnswers += 1
            troubledSince = nil
            trouble = nil
        }
        // While a pass ends, what has no outcome simply stays undone.
        switch work.job {
        case .touch(let index, let name, _, _): touchFailed(failure, name, in: index, work, now: now)
        case .namespaces(let request): namespacesFailed(failure, request, work, now: now)
        case .secrets(let index, let request):
            listsInFlight -= 1
            listFailed(failure, in: index, request, work, now: now)
        }
    }

    /// Slows down where the failure says so; true if the failure is about the server's state and not the request's.
    private mutating func noteLoad(_ failure: StoreFailure, _ work: Work, now: Double) -> Bool {
        switch failure {
        case .busy(let pause, _):
            // A pause beyond our patience is the same as no answer: the pass ends when it is over.
            pace.refused(startedIn: work.epoch, pause: pause.map { min($0, options.patience + 1) }, now: now)
        case .lost:
            pace.refused(startedIn: work.epoch, pause: nil, now: now)
        case .encryptFailed:
            pace.refused(startedIn: work.epoch, pause: Bounds.encryptPause, now: now)
        default:
            return false
        }
        troubledSince = troubledSince ?? now
        trouble = failure
        return true
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
        case .busy, .lost:
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
        let next = again(work)
        // At the end nobody else is left to succeed: a server that answers, but never this, is not unreachable.
        var isBusy = false
        if case .busy = failure { isBusy = true }
        let isHopeless = isBusy && onlyFailedOnesAreLeft && next.attempts >= Bounds.lastAttempts
        if isHopeless || next.strikes >= Bounds.allStrikes
            || (next.strikes == Bounds.earlyStrikes && late.count >= Bounds.retries)
        {
            fail(name, in: index, .failed, cause: failure.cause, detail: failure.description)
        } else if next.strikes == Bounds.earlyStrikes {
            late.append(next)
        } else {
            schedule(next, now: now)
        }
    }

    /// The same request as its next attempt.
    private func again(_ work: Work) -> Work {
        var next = work
        next.attempts += 1
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
            var next = again(work)
            next.job = .namespaces(PageRequest(limit: Bounds.namespacePage, token: token))
            if token == nil { namespaces = [] }
            schedule(next, now: now)
        case .busy, .lost:
            schedule(again(work), now: now)
        case .other(let status, _, _) where status >= 500 && work.attempts < Bounds.earlyStrikes:
            schedule(again(work), now: now)
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
            schedule(again(work), now: now)
        case .undecryptable(let key, let detail):
            isolate(index, request, key: key, detail: detail)
        case .busy, .lost, .encryptFailed:
            retryList(work, in: index, failure, now: now)
        case .other(let status, _, _) where status >= 500:
            retryList(work, in: index, failure, now: now)
        default:
            giveUpListing(index, cause: failure.cause, detail: failure.description)
        }
    }

    private mutating func retryList(_ work: Work, in index: Int, _ failure: StoreFailure, now: Double) {
        let next = again(work)
        if next.strikes >= Bounds.allStrikes {
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

    /// One object that cannot be decrypted fails every page that holds it. Pages become smaller until it stands alone and
    /// is named; then the list goes on behind it.
    private mutating func isolate(_ index: Int, _ request: PageRequest, key: String?, detail: String) {
        var next = request
        if request.limit > 1 {
            next.limit = max(1, request.limit / 4)
        } else {
            guard let name = Self.name(in: key, of: namespaces[index]), name > open[index]?.cursor ?? "" else {
                return giveUpListing(index, cause: "undecryptable", detail: detail)
            }
            if name > open[index]?.lastName ?? "" {
                note(
                    SecretFailure(
                        namespace: namespaces[index], name: name, outcome: .undecryptable, cause: "undecryptable"),
                    detail)
                open[index]?.receipt.counts.add(.undecryptable)
                open[index]?.lastName = name
                settled += 1
            }
            open[index]?.cursor = name
            next = PageRequest(limit: 1, after: name)
        }
        continuations.insert(
            Work(job: .secrets(namespace: index, next), attempts: Bounds.decryptRetries), at: 0)
    }

    /// The last part of a storage key as `/registry/secrets/<namespace>/<name>`.
    private static func name(in key: String?, of namespace: String) -> String? {
        guard let key, let range = key.ranges(of: "/\(namespace)/").last, range.upperBound < key.endIndex else {
            return nil
        }
        return String(key[range.upperBound...])
    }
}

extension StoreFailure {
    /// The kind of failure, in words that are ours or the protocol's, never a server's sentence.
    var cause: String {
        switch self {
        case .expired: "Expired"
        case .gone: "NotFound"
        case .denied(let by, _), .dryRunUnsupported(let by, _): by
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
