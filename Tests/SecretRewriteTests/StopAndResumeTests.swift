import Testing

@testable import SecretRewrite

@Test func `a stop lets requests end and a resume goes on where it was`() async {
    let cluster = ModelCluster(["a": 400, "b": 400, "c": 400])
    let stop = StopSignal()
    cluster.change {
        // Whichever namespace's list was answered first: on a busy machine that need not be the first in order.
        $0.beforeTouch = { (state: inout State, _: String, _: String) throws(StoreFailure) in
            if state.touches.count > 500 { stop.request() }
        }
    }
    let first = await pass(cluster).run(PassOptions(.rewrite, concurrency: 8), stop: stop)
    #expect(first.ending == .stopped && !first.isClean)
    #expect(cluster.read { $0.inFlight } == 0)
    #expect(first.counts.total == cluster.read { $0.touches.count })
    let done = first.receipts.filter(\.isDone).map(\.namespace)
    #expect(done.count < 3)

    let before = cluster.read { $0.lists.count }
    let second = await pass(cluster).run(PassOptions(.rewrite, finished: first.receipts))
    #expect(second.isClean && second.counts.total == 1200)
    let listed = cluster.read { $0.lists.dropFirst(before) }
    #expect(!done.contains { listed.contains("\($0)?") })
    #expect(cluster.stored(as: "identity") == 1200)
}

@Test func `a resume visits again what had failed, and forgets namespaces that are gone`() async {
    let cluster = ModelCluster(["a": 5, "b": 5, "gone": 5])
    cluster.change {
        $0.beforeTouch = { (_: inout State, namespace: String, name: String) throws(StoreFailure) in
            if namespace == "b", name == "s-000000" { throw .denied(by: "x", detail: "") }
        }
    }
    let first = await pass(cluster).run(PassOptions(.rewrite))
    cluster.change {
        $0.beforeTouch = { (_: inout State, _: String, _: String) throws(StoreFailure) in }
        $0.namespaces.removeAll { $0 == "gone" }
        $0.objects["gone"] = nil
    }
    let second = await pass(cluster).run(PassOptions(.rewrite, finished: first.receipts))
    #expect(second.isClean)
    #expect(second.receipts.map(\.namespace) == ["a", "b"])
    #expect(second.counts.total == 10)
}

@Test func `cancelling the task ends the pass too`() async {
    let cluster = ModelCluster(["a": 5000])
    let task = Task { await pass(cluster).run(PassOptions(.rewrite)) }
    cluster.change {
        $0.beforeTouch = { (state: inout State, _: String, _: String) throws(StoreFailure) in
            if state.touches.count == 100 { task.cancel() }
        }
    }
    let result = await task.value
    #expect(result.ending == .stopped || result.isClean)
}

@Test func `a stop asked for before the start touches nothing`() async {
    let cluster = ModelCluster(["a": 50])
    let stop = StopSignal()
    stop.request()
    let result = await pass(cluster).run(PassOptions(.rewrite), stop: stop)
    #expect(result.ending == .stopped)
    #expect(cluster.read { $0.lists.count + $0.writes } == 0)
}

@Test func `waiting for a stop ends with the task`() async {
    let stop = StopSignal()
    let task = Task { await stop.wait() }
    task.cancel()
    await task.value
    #expect(!stop.isRequested)
}
