import Testing

@testable import SecretRewrite

extension ModelCluster {
    /// The lists of Secrets, as `namespace?token`, without the list of namespaces.
    fileprivate var secretLists: [String] { read { $0.lists.filter { !$0.hasPrefix("?") } } }

    fileprivate var isTouchedOnce: Bool { read { $0.touches.values.allSatisfy { $0 == 1 } } }
}

@Suite("Whole lists") struct WholeListTests {
    /// Eleven namespaces, and a last one, which is listed when Secrets of others have been written.
    private func cluster(_ last: Int = 250) -> ModelCluster {
        ModelCluster(Dictionary(uniqueKeysWithValues: (0..<11).map { ("a\($0)", 250) } + [("b", last)]))
    }

    /// The clock of these tests jumps to whatever is waited for.
    private func patient(
        _ kind: PassKind, concurrency: Int = PassOptions.usualConcurrency
    ) -> PassOptions {
        var options = PassOptions(kind, concurrency: concurrency)
        options.wholeListPatience = nil
        return options
    }

    private func stale(_ cluster: ModelCluster) -> ModelCluster {
        cluster.change { $0.replicas = ["identity"] }
        return cluster
    }

    @Test(arguments: [4, 8])
    func `the rest of a list is read at once, in whatever order it comes`(_ concurrency: Int) async {
        let cluster = stale(cluster())
        let result = await pass(cluster).run(patient(.rewrite, concurrency: concurrency))
        #expect(result.isClean && result.counts[.rewritten] == 3000)
        #expect(cluster.isTouchedOnce)
        #expect(cluster.secretLists.filter { $0 == "b?whole" } == ["b?whole"])
        #expect(cluster.secretLists.filter { $0.hasPrefix("b?") }.count == 2)
    }

    @Test(arguments: [PassKind.verify, .admission, .rewrite])
    func `where nothing is written, memory is not asked for what it may wait for`(_ kind: PassKind) async {
        let namespaces = Dictionary(uniqueKeysWithValues: (0..<12).map { ("a\($0)", 250) })
        let cluster = ModelCluster(namespaces, storedAs: "identity")
        let result = await pass(cluster).run(patient(kind))
        #expect(result.counts.total == 3000)
        #expect(!cluster.secretLists.contains { $0.hasSuffix("whole") })
    }

    @Test func `nor for what it may wait for once nothing is written any more`() async {
        let names = (10..<40).map { "a\($0)" }
        let cluster = stale(ModelCluster(Dictionary(uniqueKeysWithValues: names.map { ($0, 250) })))
        cluster.change { state in
            for namespace in names where namespace != "a10" {
                for name in (state.objects[namespace] ?? [:]).keys {
                    state.objects[namespace]?[name]?.provider = "identity"
                }
            }
            state.beforeList = { (state, _, request) throws(StoreFailure) in
                // The newest event that an API server's memory has seen is the last write.
                if let revision = request.notOlderThan, revision >= state.revision { throw .wouldSendData(detail: "") }
            }
        }
        let result = await pass(cluster).run(patient(.rewrite, concurrency: 8))
        #expect(result.isClean && result.counts[.rewritten] == 250 && result.counts[.current] == 7250)
    }

    @Test func `a long list is read page by page to its end`() async {
        let cluster = stale(cluster(3000))
        let result = await pass(cluster).run(patient(.rewrite, concurrency: 8))
        #expect(result.isClean && result.counts.total == 5750)
        #expect(!cluster.secretLists.contains("b?whole"))
    }

    @Test func `many namespaces are read page by page`() async {
        let sizes = Dictionary(uniqueKeysWithValues: (0..<501).map { ("n\($0)", $0 < 3 ? 250 : 1) })
        let cluster = stale(ModelCluster(sizes))
        let result = await pass(cluster).run(patient(.rewrite, concurrency: 8))
        #expect(result.isClean && result.counts.total == 1248)
        #expect(!cluster.secretLists.contains { $0.hasSuffix("whole") })
    }

    @Test(arguments: [
        StoreFailure.busy(retryAfter: 1, detail: "Too large resource version"), .lost(detail: ""),
        .malformed(detail: ""), .other(status: 400, reason: "BadRequest", detail: ""),
        .undecryptable(keys: [], detail: ""), .expired(inconsistentToken: nil),
    ])
    func `a server that gives no whole list is asked for pages, and for no other whole list`(
        _ failure: StoreFailure
    ) async {
        let cluster = stale(ModelCluster(Dictionary(uniqueKeysWithValues: (0..<20).map { ("n\($0)", 250) })))
        cluster.change { state in
            state.beforeList = { (_, _, request) throws(StoreFailure) in
                if request.notOlderThan != nil { throw failure }
            }
        }
        let result = await pass(cluster).run(patient(.rewrite, concurrency: 4))
        #expect(result.isClean && result.counts[.rewritten] == 5000)
        #expect(cluster.isTouchedOnce)
        #expect(cluster.secretLists.count { $0.hasSuffix("whole") } == 1)
    }

    @Test(arguments: [StoreFailure.forbidden(detail: ""), .unauthorized(detail: ""), .wouldSendData(detail: "")])
    func `a right that is lost ends the pass at a whole list, too`(_ failure: StoreFailure) async {
        let cluster = stale(cluster())
        cluster.change { state in
            state.beforeList = { (_, _, request) throws(StoreFailure) in
                if request.notOlderThan != nil { throw failure }
            }
        }
        let result = await pass(cluster).run(patient(.rewrite, concurrency: 8))
        guard case .aborted = result.ending else {
            Issue.record("\(result.ending)")
            return
        }
    }

    @Test func `a whole list that shows fewer than were announced is not believed`() async {
        let cluster = stale(cluster())
        cluster.change { $0.forgotten = ["s-000200", "s-000249"] }
        let result = await pass(cluster).run(patient(.rewrite, concurrency: 8))
        #expect(result.isClean && result.counts[.rewritten] == 3000)
        #expect(cluster.stored(as: "kms") == 0)
        #expect(cluster.isTouchedOnce)
    }

    @Test func `a whole list that is older than was asked for is not believed`() async {
        let cluster = stale(cluster())
        cluster.change { $0.behind = 10_000 }
        let result = await pass(cluster).run(patient(.rewrite, concurrency: 8))
        #expect(result.isClean && result.counts[.rewritten] == 3000)
        #expect(cluster.secretLists.contains("b?whole") && cluster.secretLists.contains { $0.hasPrefix("b?s-") })
        #expect(cluster.isTouchedOnce)
    }

    @Test func `a Secret that storage cannot decrypt is found though memory shows it`() async {
        let cluster = stale(cluster())
        cluster.change { $0.write("b", "s-000200", provider: "lost") }
        let result = await pass(cluster).run(patient(.rewrite, concurrency: 8))
        #expect(result.counts[.undecryptable] == 1 && result.counts[.rewritten] == 2999)
        #expect(cluster.secretLists.contains("b?whole"))
    }

    @Test func `a namespace that is deleted between its pages is done`() async {
        let cluster = stale(cluster())
        cluster.change { state in
            state.beforeList = { (_, namespace, request) throws(StoreFailure) in
                if namespace == "b", request.notOlderThan != nil { throw .gone }
            }
        }
        let result = await pass(cluster).run(patient(.rewrite, concurrency: 8))
        #expect(result.isClean)
    }

    @Test func `a refused whole list is no sign of load`() {
        let server = DistantServer(
            roundTrip: { _ in 0.001 }, wholeNamesPerSecond: nil, namespaces: Array(repeating: 250, count: 40))
        let outcome = server.run(patient(.rewrite))
        #expect(outcome.touched == 10_000)
        #expect(outcome.limits.dropFirst().allSatisfy { $0 >= 64 })
    }

    /// Seen on a kube-apiserver with KMS v1 and 20,000 Secrets: for nine seconds after its start.
    @Test func `a server that still fills its memory does not hold up the pass`() {
        let namespaces = Array(repeating: 250, count: 80)
        let server = DistantServer(roundTrip: { _ in 0.001 }, memoryIsFilledAt: 7, namespaces: namespaces)
        let outcome = server.run(PassOptions(.rewrite))
        #expect(outcome.touched == 20_000)
        #expect(outcome.mostAhead <= 3 * 250 + Bounds.namesAhead + Bounds.wholeListsAhead)
        let settled = DistantServer(roundTrip: { _ in 0.001 }, namespaces: namespaces).run(PassOptions(.rewrite))
        #expect(outcome.seconds < settled.seconds + 4)
    }

    /// Each list holds few names then, so that as many of them as may be are under way at once.
    @Test(arguments: [16, 2, 1])
    func `nor where namespaces are small and few requests are under way`(concurrency: Int) {
        let namespaces = Array(repeating: 25, count: 400)
        let options = PassOptions(.rewrite, concurrency: concurrency)
        let settled = DistantServer(roundTrip: { _ in 0.001 }, namespaces: namespaces).run(options)
        let outcome = DistantServer(roundTrip: { _ in 0.001 }, memoryIsFilledAt: 60, namespaces: namespaces)
            .run(options)
        #expect(outcome.touched == 10_000 && outcome.most <= concurrency)
        // All but what the late lists hold.
        let soon = min(Int(settled.seconds) + 5, outcome.touchedBySecond.count - 1)
        #expect(outcome.touchedBySecond[soon] >= 10_000 - 5 * concurrency)
    }

    /// Fewer requests may be under way then than lists are late.
    @Test func `nor does one that is busy meanwhile`() {
        let namespaces = Array(repeating: 25, count: 400)
        let busy = DistantServer(
            roundTrip: { _ in 0.001 }, memoryIsFilledAt: 60, refuses: 0.5..<8, namespaces: namespaces)
        let outcome = busy.run(PassOptions(.rewrite, concurrency: 64))
        #expect(outcome.touched == 10_000 && outcome.limits.contains { $0 < 8 })
        #expect(outcome.touchedBySecond[30] >= 10_000 - 5 * 64)
    }

    @Test func `nor does one whose memory falls behind what is written`() {
        let namespaces = Array(repeating: 250, count: 80)
        let server = DistantServer(roundTrip: { _ in 0.001 }, memoryIsBehindFrom: 5, namespaces: namespaces)
        let outcome = server.run(PassOptions(.rewrite))
        #expect(outcome.touched == 20_000)
        let settled = DistantServer(roundTrip: { _ in 0.001 }, namespaces: namespaces).run(PassOptions(.rewrite))
        #expect(outcome.seconds < settled.seconds + 3)
    }
}
