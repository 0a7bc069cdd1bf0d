import FoundationEssentials
import Testing

@testable import SecretRewrite

@Test func `a pass rewrites every stale Secret once and the next one changes nothing`() async {
    let cluster = ModelCluster(["a": 1203, "b": 0, "kube-system": 7])
    let first = await pass(cluster).run(PassOptions(.rewrite))
    #expect(first.isClean)
    #expect(first.counts[.rewritten] == 1210)
    #expect(cluster.stored(as: "identity") == 1210)
    #expect(cluster.read { $0.writes } == 1210)
    #expect(first.receipts.map(\.namespace) == ["a", "b", "kube-system"])

    let second = await pass(cluster).run(PassOptions(.verify))
    #expect(second.isClean)
    #expect(second.counts[.current] == 1210 && second.counts[.rewritten] == 0)
    #expect(cluster.read { $0.writes } == 1210)
}

@Test func `an unchanged version never counts as rewritten`() async {
    let cluster = ModelCluster(["a": 20], storedAs: "identity")
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.counts[.rewritten] == 0)
    #expect(result.counts[.current] == 20)
    let receipts = result.receipts
    #expect(receipts.allSatisfy { receipt in receipt.newest.map { $0 <= receipt.anchor ?? 0 } == true })
}

@Test func `one page at a time waits in memory and each page is asked for once`() async {
    let cluster = ModelCluster(["a": 4321])
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.counts.total == 4321)
    #expect(cluster.read { $0.lists.count } == 1 + 44)
    #expect(cluster.read { $0.touches.values.allSatisfy { $0 == 1 } })
}

@Test(arguments: [[4321], Array(repeating: 250, count: 20), Array(repeating: 3, count: 900) + [2000]])
func `lists run less far ahead of the writes than an API server keeps data keys`(_ sizes: [Int]) async {
    let names = sizes.indices.map { String(UnicodeScalar(UInt8(97 + $0 / 26 % 26))) + "\($0)" }
    let cluster = ModelCluster(Dictionary(uniqueKeysWithValues: zip(names, sizes)))
    let result = await pass(cluster).run(PassOptions(.rewrite, concurrency: 64))
    #expect(result.counts.total == sizes.reduce(0, +))
    // What is under way is ahead, too.
    #expect(cluster.read { $0.mostAhead } <= 800 + 64)
    #expect(cluster.read { $0.mostAhead } > 100)
}

@Test func `no more requests are under way than the ceiling allows`() async {
    let cluster = ModelCluster(["a": 700, "b": 700])
    let result = await pass(cluster).run(PassOptions(.rewrite, concurrency: 3))
    #expect(result.isClean)
    #expect(cluster.read { $0.mostInFlight } <= 3)
}

@Test func `the verifying pass sees a replica that writes the old form back`() async {
    let cluster = ModelCluster(["a": 50])
    cluster.change { $0.replicas = ["identity", "kms"] }
    let result = await pass(cluster).run(PassOptions(.verify, concurrency: 1))
    #expect(!result.isClean)
    #expect(result.counts[.unsettled] > 0)
}

@Test func `a Secret that the first pass missed is settled by the verifying pass`() async {
    let cluster = ModelCluster(["a": 50], storedAs: "identity")
    cluster.change { $0.write("a", "s-000007", provider: "kms") }
    let result = await pass(cluster).run(PassOptions(.verify))
    #expect(result.isClean)
    #expect(result.counts[.rewritten] == 1 && result.counts[.current] == 49)
    #expect(cluster.read { $0.touches["a/s-000007"] } == 2)
}

@Test func `another writer does not make the verifying pass fail when the Secret comes to rest`() async {
    let cluster = ModelCluster(["a": 10], storedAs: "identity")
    cluster.change {
        $0.beforeTouch = { (state: inout ModelCluster.State, namespace: String, name: String) throws(StoreFailure) in
            if name == "s-000003", state.touches["a/s-000003"] == 1 {
                state.write(namespace, name, provider: "identity")
            }
        }
    }
    let result = await pass(cluster).run(PassOptions(.verify))
    #expect(result.isClean)
    #expect(result.counts[.rewritten] == 1)
}

@Test func `Secrets deleted and made anew meanwhile are fine`() async {
    let cluster = ModelCluster(["a": 10])
    cluster.change {
        $0.beforeTouch = { (state: inout ModelCluster.State, namespace: String, name: String) throws(StoreFailure) in
            if name == "s-000003" { state.objects[namespace]?[name] = nil }
            if name == "s-000004", state.touches["a/s-000004"] == 1 {
                state.objects[namespace]?[name] = nil
                state.write(namespace, name, provider: "identity")
            }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.isClean)
    #expect(result.counts[.gone] == 1 && result.counts[.rewritten] == 9)
}

@Test func `a dry run writes nothing and says so`() async {
    let cluster = ModelCluster(["a": 30])
    cluster.change {
        $0.beforeTouch = { (_: inout ModelCluster.State, _: String, name: String) throws(StoreFailure) in
            if name == "s-000001" { throw .dryRunUnsupported(by: "hook.example", detail: "side effects") }
            if name == "s-000002" { throw .denied(by: "policy.example", detail: "no") }
        }
    }
    let result = await pass(cluster).run(PassOptions(.admission))
    #expect(cluster.read { $0.writes } == 0)
    #expect(result.counts[.admitted] == 28 && result.counts[.unknown] == 1 && result.counts[.denied] == 1)
    #expect(!result.isClean)
    #expect(result.denials == ["policy.example": 1])
}

@Test func `chosen namespaces are the only ones visited`() async {
    let cluster = ModelCluster(["a": 3, "b": 3, "c": 3])
    let result = await pass(cluster).run(PassOptions(.rewrite, namespaces: ["c", "a"]))
    #expect(result.counts.total == 6)
    #expect(cluster.read { $0.lists } == ["a?", "c?"])
}

@Test func `a result survives its way through the journal`() async throws {
    let cluster = ModelCluster(["a": 3, "b": 600])
    cluster.change {
        $0.beforeTouch = { (_: inout ModelCluster.State, _: String, name: String) throws(StoreFailure) in
            if name == "s-000001" { throw .denied(by: "policy.example", detail: "canary") }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    let bytes = try JSONEncoder().encode(result)
    #expect(try JSONDecoder().decode(PassResult.self, from: bytes) == result)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("canary"))
}

@Test func `progress grows to the end and knows the total once all is listed`() async {
    let clock = SteppingClock()
    let cluster = ModelCluster(["a": 900, "b": 100])
    cluster.change {
        $0.beforeTouch = { (_: inout ModelCluster.State, _: String, _: String) throws(StoreFailure) in
            clock.advance(0.01)
        }
    }
    let notes = Notes()
    let result = await pass(cluster, clock: clock).run(PassOptions(.rewrite), observer: notes.observer)
    #expect(result.isClean)
    let last = notes.progress.last
    #expect(last?.done == 1000 && last?.total == 1000 && last?.namespacesDone == 2)
    #expect(notes.progress.contains { $0.rate != nil && $0.remaining != nil })
    #expect(zip(notes.progress, notes.progress.dropFirst()).allSatisfy { $0.done <= $1.done })
}
