extension PassMachine {
    /// Takes the answer to a request that `next` had started.
    mutating func handle(_ answer: Answer, to work: Work, latency: Double, now: Double) {
        let underWay = inFlight
        inFlight -= 1
        if case .secrets(let index, let request) = work.job {
            listsInFlight -= 1
            // The names of a late list were released when it became late.
            if request.notOlderThan == nil || lateLists.remove(index) == nil {
                wholeLists[index] = nil
                namesAskedFor -= work.reserved
            }
        }
        if case .failure(let failure) = answer {
            handle(failure, to: work, now: now)
            return
        }
        usefulAnswers += 1
        troubledSince = nil
        trouble = nil
        switch (work.job, answer) {
        case (.touch(let index, let name, let previous, let number), .version(let version)):
            if let webhook = work.webhook { webhooksAway[webhook] = nil }
            // Lists take their own time: only touches tell how the server bears the load.
            pace.answered(latency: latency, underWay: underWay)
            touched(name, in: index, version: version, previous: previous, number: number)
        case (.namespaces(let request), .page(let page)):
            pace.reached(after: latency)
            listed(namespaces: page, request)
        case (.secrets(let index, let request), .page(let page)):
            listed(secrets: page, in: index, request)
        default:
            handle(.malformed(detail: "an answer of another kind"), to: work, now: now)
        }
    }

    // MARK: Touches

    private mutating func touched(_ name: String, in index: Int, version: Int64, previous: Int64?, number: Int) {
        guard let anchor = open[index]?.receipt.anchor else { return }
        switch options.kind {
        case .admission:
            settle(name, in: index, .admitted)
        case .rewrite:
            let moved = version > anchor
            if moved {
                encryptFailures = 0
                newestWritten = max(newestWritten, version)
            }
            settle(name, in: index, moved ? .rewritten : .current, version: version)
        case .verify where options.isBracketed && version > anchor:
            encryptFailures = 0
            settle(name, in: index, .rewritten, version: version)
        case .verify:
            if let previous {
                if version == previous {
                    settle(name, in: index, .rewritten, version: version)
                } else if number >= Bounds.touches {
                    fail(name, in: index, .unsettled, cause: "\(number) versions", detail: "")
                } else {
                    recheck(name, in: index, version: version, number: number)
                }
            } else if version > anchor {
                encryptFailures = 0
                recheck(name, in: index, version: version, number: number)
            } else {
                settle(name, in: index, .current, version: version)
            }
        }
    }

    private mutating func recheck(_ name: String, in index: Int, version: Int64, number: Int) {
        rechecks.append(Work(job: .touch(namespace: index, name: name, previous: version, number: number + 1)))
    }

    mutating func settle(_ name: String, in index: Int, _ outcome: Outcome, version: Int64? = nil) {
        open[index]?.settle(outcome, version)
        settled += 1
        closeIfDone(index)
    }

    mutating func fail(_ name: String, in index: Int, _ outcome: Outcome, cause: String, detail: String) {
        note(SecretFailure(namespace: namespaces[index], name: name, outcome: outcome, cause: cause), detail)
        settle(name, in: index, outcome)
    }

    mutating func note(_ failure: SecretFailure, _ detail: String) {
        untold.append((failure, detail))
        if failures.count < Bounds.namedFailures { failures.append(failure) } else { failuresOmitted += 1 }
        if let budget = options.failureBudget, failures.count + failuresOmitted > budget, ending == nil {
            ending = .aborted(.tooManyFailures)
        }
    }

    mutating func closeIfDone(_ index: Int) {
        guard open[index]?.isDone == true, var namespace = open[index] else { return }
        namespace.receipt.isComplete = true
        closed.append(namespace.receipt)
        closedCounts.add(namespace.receipt.counts)
        open[index] = nil
    }

    // MARK: Lists

    private mutating func listed(namespaces page: NamePage, _ request: PageRequest) {
        namespaces.append(contentsOf: page.names)
        if let token = page.next {
            guard token != request.token else {
                return abort(.namespacesUnlisted, .malformed(detail: "the list's pages do not come to an end"))
            }
            chosen = Work(job: .namespaces(PageRequest(limit: Bounds.namespacePage, token: token)))
        } else {
            learn(namespaces: namespaces)
        }
    }

    private mutating func listed(secrets page: NamePage, in index: Int, _ request: PageRequest) {
        guard var namespace = open[index] else { return }
        if let revision = request.notOlderThan, !namespace.isCovered(by: page, since: revision) {
            return readPages(of: index, request)
        }
        // A list that begins anew keeps the first anchor: what was written since then was written since then.
        namespace.receipt.anchor = namespace.receipt.anchor ?? page.resourceVersion
        if request.token == nil && request.after == nil { namespace.cursor = nil }
        let known = namespace.isOrdered ? namespace.lastName : nil
        var fresh: [String] = []
        for name in page.names {
            if let known, name <= known { continue }
            // It was named as undecryptable, and has its outcome.
            if namespace.unreadable.remove(name) != nil { continue }
            if let last = namespace.lastName, name <= last { namespace.isOrdered = false }
            namespace.lastName = name
            fresh.append(name)
        }
        if request.notOlderThan == nil { typicalPage += (Double(page.names.count) - typicalPage) / 16 }
        namespace.listed += fresh.count
        namespace.outstanding += fresh.count
        namespace.unlisted = page.next == nil ? 0 : page.remaining ?? 0
        namespace.isListed = page.next == nil
        namespace.isCounted = true
        if !fresh.isEmpty {
            batches.append(Batch(namespace: index, names: fresh))
            waitingNames += fresh.count
        }
        // A list whose pages do not advance would otherwise keep us for ever.
        let advances = page.names.last.map { last in namespace.cursor.map { last > $0 } ?? true } ?? false
        if !advances { namespace.relists += 1 }
        namespace.cursor = page.names.last ?? namespace.cursor
        open[index] = namespace

        if let token = page.next {
            guard token != request.token, namespace.relists <= Bounds.relists else {
                return giveUpListing(index, cause: "endless list", detail: "its pages do not come to an end")
            }
            let limit = request.limit == Bounds.firstPage ? Bounds.page : min(Bounds.page, request.limit * 4)
            let next = PageRequest(limit: limit, token: token)
            continuations.append(Work(job: .secrets(namespace: index, next)))
        } else {
            closeIfDone(index)
        }
    }

    /// The rest of a namespace's list cannot be had: what was listed is still touched.
    mutating func giveUpListing(_ index: Int, cause: String, detail: String) {
        guard var namespace = open[index] else { return }
        namespace.isListed = true
        namespace.unlisted = 0
        namespace.receipt.isUnlisted = true
        open[index] = namespace
        note(SecretFailure(namespace: namespaces[index], name: nil, outcome: .failed, cause: cause), detail)
        closeIfDone(index)
    }

    /// Ends the pass; the first reason is the one that stays.
    mutating func abort(_ reason: AbortReason, _ failure: StoreFailure) {
        guard ending == nil else { return }
        ending = .aborted(reason)
        trouble = failure
    }
}

extension PassMachine.OpenNamespace {
    fileprivate var isDone: Bool { isListed && outstanding == 0 }

    /// A Secret has its outcome and, where the server gave one, its version.
    fileprivate mutating func settle(_ outcome: Outcome, _ version: Int64?) {
        receipt.counts.add(outcome)
        outstanding -= 1
        if let version { receipt.newest = max(version, receipt.newest ?? version) }
    }
}
