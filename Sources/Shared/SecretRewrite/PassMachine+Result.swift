import FoundationEssentials

extension PassMachine {
    /// The namespace that a job is about; empty for the list of namespaces.
    func namespaceName(of job: Job) -> String {
        switch job {
        case .namespaces: ""
        case .secrets(let index, _), .touch(let index, _, _, _): namespaces[index]
        }
    }

    mutating func takeUntold() -> [(SecretFailure, String)] {
        defer { untold.removeAll(keepingCapacity: true) }
        return untold
    }

    /// Secrets that have an outcome.
    var done: Int { settled }

    func progress(rate: Double?, now: Double) -> PassProgress {
        let counts = totals
        let listed = counts.total + open.values.reduce(0) { $0 + $1.outstanding + $1.unlisted }
        let allListed = namespacesKnown && nextNamespace == namespaces.count && open.values.allSatisfy(\.isCounted)
        return PassProgress(
            kind: options.kind, done: counts.total,
            total: allListed ? listed : options.expectedTotal.map { max($0, listed) }, counts: counts,
            namespacesDone: closed.count, namespaces: namespaceCount, rate: rate, concurrency: pace.limit,
            isPaused: pace.pausedUntil > now, trouble: trouble?.description, elapsed: now - startedAt)
    }

    func result(startedAt: Date, endedAt: Date) -> PassResult {
        let receipts = (closed + open.values.map(\.receipt)).sorted { $0.namespace < $1.namespace }
        return PassResult(
            kind: options.kind, ending: ending ?? .stopped, startedAt: startedAt, endedAt: endedAt, counts: totals,
            receipts: receipts, namespaceCount: namespaceCount, denials: denials, failures: failures,
            failuresOmitted: failuresOmitted)
    }

    private var namespaceCount: Int { namespaces.count + takenOver }

    private var totals: OutcomeCounts {
        var counts = closedCounts
        for namespace in open.values { counts.add(namespace.receipt.counts) }
        return counts
    }
}
