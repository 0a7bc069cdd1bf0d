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
        if let next = continuations.first {
            guard let work = admitted(next) else { return nil }
            continuations.removeFirst()
            return work
        }
        guard nextNamespace < namespaces.count else { return nil }
        let first = Work(job: .secrets(namespace: nextNamespace, PageRequest(limit: Bounds.page)))
        guard let work = admitted(first) else { return nil }
        open[nextNamespace] = OpenNamespace(receipt: NamespaceReceipt(namespace: namespaces[nextNamespace]))
        nextNamespace += 1
        return work
    }

    /// The list with its room reserved; nil while there is none.
    private func admitted(_ work: Work) -> Work? {
        guard case .secrets(let index, var request) = work.job else { return work }
        // A shorter page than usual looks for a Secret that cannot be decrypted.
        if request.limit == Bounds.page, isFar, listsLeft < Bounds.fewLists { request.limit = Bounds.farPage }
        var admitted = work
        admitted.job = .secrets(namespace: index, request)
        admitted.reserved = request.limit
        if isFar, request.limit == Bounds.page {
            admitted.reserved = min(request.limit, max(Bounds.leastReserved, Int(typicalPage * 2)))
        }
        return waitingNames + namesAskedFor + admitted.reserved <= Bounds.namesAhead ? admitted : nil
    }

    private var isFar: Bool { pace.shortest.map { $0 >= Bounds.farSeconds } ?? false }

    /// Lists under way, and those that could be at the same time.
    private var listsLeft: Int { listsInFlight + continuations.count + namespaces.count - nextNamespace }
}
