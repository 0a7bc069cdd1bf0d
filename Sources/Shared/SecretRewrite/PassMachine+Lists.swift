extension PassMachine {
    /// The next page to ask for, if its names would not be too far ahead of the touches.
    ///
    /// A page takes a round trip at least. Far away, pages of small namespaces are therefore expected to be small, so
    /// that more of them are under way, and where hardly any other list is left to ask for, pages are longer.
    mutating func chooseList() -> Work? {
        guard namespacesKnown else {
            guard !namespaceListRunning else { return nil }
            namespaceListRunning = true
            return Work(job: .namespaces(PageRequest(limit: Bounds.namespacePage)))
        }
        return opensAnother ? openNext() ?? goOn() : goOn() ?? openNext()
    }

    /// Far away many lists are read side by side: else a few would be left at the end, one page after the other.
    private var opensAnother: Bool {
        pace.isFar && nextNamespace < namespaces.count && listsInFlight + continuations.count < Bounds.farLists
    }

    private mutating func goOn() -> Work? {
        guard let next = continuations.first, let work = admitted(next) else { return nil }
        continuations.removeFirst()
        return work
    }

    private mutating func openNext() -> Work? {
        guard nextNamespace < namespaces.count, !hasEnoughBegun else { return nil }
        let first = Work(job: .secrets(namespace: nextNamespace, PageRequest(limit: Bounds.page)))
        guard let work = admitted(first) else { return nil }
        open[nextNamespace] = OpenNamespace(receipt: NamespaceReceipt(namespace: namespaces[nextNamespace]))
        nextNamespace += 1
        return work
    }

    /// The list with its room reserved; nil while there is none.
    private func admitted(_ work: Work) -> Work? {
        guard case .secrets(let index, let request) = work.job else { return work }
        if let whole = wholeList(work) {
            guard wholeLists.count < mostWholeLists else { return nil }
            let rest = open[index]?.unlisted ?? 0
            return admitted(work, whole, reserved: rest, ahead: Bounds.wholeListsAhead + rest)
        }
        // A shorter page than usual looks for a Secret that cannot be decrypted.
        guard request.limit == Bounds.page else {
            return admitted(work, request, reserved: request.limit, ahead: Bounds.namesAhead)
        }
        var (page, ahead) = (request, Bounds.namesAhead)
        if request.token == nil, request.after == nil, readsWholeLists {
            page.limit = Bounds.firstPage
        } else if pace.isFar {
            page.limit = farPage
            // Of a single list, the next page is asked for while the one before is written.
            ahead = max(Bounds.farNamesAhead, farPage * 2)
        }
        let expected = pace.isFar ? max(Bounds.leastReserved, Int(typicalPage * 2)) : page.limit
        return admitted(work, page, reserved: min(page.limit, expected), ahead: ahead)
    }

    private func admitted(_ work: Work, _ request: PageRequest, reserved: Int, ahead: Int) -> Work? {
        guard case .secrets(let index, _) = work.job else { return work }
        guard waitingNames + namesAskedFor + reserved <= ahead else { return nil }
        var admitted = work
        admitted.job = .secrets(namespace: index, request)
        admitted.reserved = reserved
        return admitted
    }

    /// The more lists can be read side by side, the shorter their pages: they come sooner and more evenly.
    private var farPage: Int {
        let lists = listsInFlight + continuations.count + namespaces.count - nextNamespace
        return min(Bounds.farPages.upperBound, max(Bounds.farPages.lowerBound, Bounds.farNamesAhead / max(1, lists)))
    }
}
