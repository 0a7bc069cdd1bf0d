import FoundationEssentials
import Testing

@testable import SecretRewrite

/// Ten thousand Secrets that cannot be rewritten cost no more than their numbers and the first two hundred names.
@Suite struct ManyFailuresTests {
    @Test func `ten thousand denials over 5,000 namespaces name two hundred and count the rest`() async {
        let space = { (number: Int) in String(repeating: "n", count: 58) + "\(10_000 + number)" }
        let cluster = ModelCluster(Dictionary(uniqueKeysWithValues: (0..<5000).map { (space($0), 2) }))
        cluster.change {
            // A webhook's name for each Secret: what a server names is bounded as well.
            $0.beforeTouch = { (_: inout State, namespace: String, name: String) throws(StoreFailure) in
                throw .denied(by: "\(namespace).\(name)", detail: String(repeating: "x", count: 512))
            }
        }
        let result = await pass(cluster).run(PassOptions(.rewrite))
        #expect(result.ending == .finished && !result.isClean && result.counts[.denied] == 10_000)
        #expect(result.failures.count == 200 && result.failuresOmitted == 9800)
        #expect(result.namedFailures == NamedFailures(named: result.failures, omitted: 9800))
        #expect(result.denials.count == Bounds.namedFailures)
    }

    @Test(arguments: [true, false])
    func `all that no key decrypts in one namespace are counted, and two hundred named`(_ namesAll: Bool) async {
        let cluster = ModelCluster(["a": 600], storedAs: "lost-key")
        cluster.change { state in
            state.namesAllUnreadable = namesAll
            for number in 0..<100 { state.write("a", "s-000\(300 + number)", provider: "kms") }
        }
        let result = await pass(cluster).run(PassOptions(.rewrite))
        #expect(result.ending == .finished)
        #expect(result.counts[.undecryptable] == 500 && result.counts[.rewritten] == 100)
        #expect(result.failures.count == 200 && result.failuresOmitted == 300)
        #expect(result.receipts.allSatisfy { $0.isComplete && !$0.isUnlisted })
    }

    @Test func `what is known of a list's undecryptable Secrets does not grow with their number`() {
        var machine = PassMachine(PassOptions(.rewrite, namespaces: ["a"]), now: 0)
        var now = 0.0
        var most = 0
        for _ in 0..<3000 {
            now += 60
            guard case .start(let work) = machine.next(now: now), case .secrets(_, let request) = work.job else {
                Issue.record("no list was asked for")
                return
            }
            let first = Int(request.after?.dropFirst(2) ?? "100000") ?? 0
            let keys = (1...100).map { "/registry/secrets/a/s-\(first + $0)" }
            machine.handle(.failure(.undecryptable(keys: keys, detail: "no key")), to: work, latency: 0, now: now)
            most = max(most, machine.open[0]?.unreadable.count ?? 0)
            _ = machine.takeUntold()
        }
        #expect(machine.settled > 2900 && most <= 100)
    }
}
