import Testing

@testable import SecretRewrite

@Test func `all Secrets that one answer names as undecryptable have their outcome at once`() async {
    // As Kubernetes 1.37 answers: every page names all that it could not read, up to a hundred.
    let cluster = ModelCluster(["b": 400])
    let bad = (0..<90).map { "s-0000\($0 < 10 ? "0" : "")\($0)" } + ["s-000200", "s-000399"]
    cluster.change { state in
        state.namesAllUnreadable = true
        for name in bad { state.write("b", name, provider: "lost-key") }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.counts[.rewritten] == 400 - bad.count && result.counts[.undecryptable] == bad.count)
    #expect(result.failures.compactMap(\.name).sorted() == bad)
    #expect(result.receipts.allSatisfy { $0.isComplete && !$0.isUnlisted })
}

@Test func `one refusal of a list is enough to name all that it names`() {
    var machine = PassMachine(PassOptions(.rewrite, namespaces: ["b"]), now: 0)
    var now = 0.0
    let keys = ["/registry/secrets/b/x", "/registry/secrets/b/y", "/registry/secrets/other/z"]
    // The first refusals may be a key service that restarts.
    for _ in 0...Bounds.decryptRetries {
        #expect(machine.takeUntold().isEmpty)
        now += 60
        guard case .start(let work) = machine.next(now: now) else {
            Issue.record("no list was asked for")
            return
        }
        machine.handle(.failure(.undecryptable(keys: keys, detail: "no key")), to: work, latency: 0, now: now)
    }
    #expect(machine.takeUntold().map(\.0.name) == ["x", "y"])
}
