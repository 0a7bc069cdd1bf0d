/// The rest of a namespace's list at once, from what the API server has in memory.
///
/// A page is read from storage, where each Secret is decrypted: one after the other, and with KMS v1 by the plugin.
/// What is in memory has been decrypted already. It is asked for at the revision of the first page or a later one, so
/// that it shows all that the pages would have shown, and only once a Secret was written after that revision: the
/// memory comes to it by itself then, where an old API server would else wait for three seconds and refuse.
///
/// Only a rewriting pass does so: the verifying pass, which is the proof, reads its lists from storage.
extension PassMachine {
    var readsWholeLists: Bool {
        newestWritten > 0 && !refusesWholeLists && namespaces.count <= Bounds.wholeListNamespaces
    }

    /// Whether the rest of enough lists can be had at once, so that no further one need be begun.
    var hasEnoughBegun: Bool {
        guard readsWholeLists, continuations.count >= Bounds.begunLists else { return false }
        return continuations.count { goingOn($0)?.namespace.mayBeWhole == true } >= Bounds.begunLists
    }

    /// No more than a quarter of what may be under way, so that these can be late without stopping all.
    var mostWholeLists: Int { pace.limit / 4 }

    /// The same list as a whole; nil where it is to be read page by page.
    func wholeList(_ work: Work) -> PageRequest? {
        guard readsWholeLists, mostWholeLists > 0, let (namespace, page) = goingOn(work), namespace.mayBeWhole,
            let revision = namespace.receipt.anchor, newestWritten > revision
        else { return nil }
        var whole = page
        whole.notOlderThan = revision
        return whole
    }

    /// The namespace of a further page.
    private func goingOn(_ work: Work) -> (namespace: OpenNamespace, page: PageRequest)? {
        guard case .secrets(let index, let request) = work.job, request.token != nil else { return nil }
        return open[index].map { ($0, request) }
    }

    /// When the oldest whole list under way has taken too long.
    var wholeListIsLateAt: Double? {
        guard let patience = options.wholeListPatience else { return nil }
        return wholeLists.values.map(\.since).min().map { $0 + patience + 4 * (pace.shortest ?? 0) }
    }

    /// A server that has just started, or that decrypts more slowly than we write, has its memory ready seconds later.
    /// From then on lists are read by pages; those that were asked for may still come.
    mutating func stopWaitingForWholeLists(now: Double) {
        guard let wholeListIsLateAt, wholeListIsLateAt <= now else { return }
        refusesWholeLists = true
        for (index, list) in wholeLists {
            namesAskedFor -= list.reserved
            lateLists.insert(index)
        }
        wholeLists.removeAll()
    }

    /// A whole list was not given, or not believed: its pages are read instead.
    mutating func readPages(of index: Int, _ request: PageRequest) {
        open[index]?.isPagedOnly = true
        let next = PageRequest(limit: request.limit, token: request.token)
        continuations.insert(Work(job: .secrets(namespace: index, next)), at: 0)
    }
}

extension PassMachine.OpenNamespace {
    /// Whether the rest of its list may be had at once.
    var mayBeWhole: Bool { isOrdered && !isPagedOnly && unlisted > 0 && known <= Bounds.wholeList }

    /// The Secrets that were listed or announced.
    var known: Int { listed + unlisted }

    /// Whether a whole list shows as many further names as were announced, and is as new as was asked for. Where others
    /// deleted Secrets meanwhile, the pages tell.
    func isCovered(by page: NamePage, since revision: Int64) -> Bool {
        guard page.resourceVersion >= revision, let lastName else { return false }
        return page.next == nil && page.names.count { $0 > lastName } >= unlisted
    }
}
