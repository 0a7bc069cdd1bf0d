import Synchronization
import Testing

@testable import SecretRewrite

/// What passes by itself never fails a Secret, and what does not pass is bounded and named.
@Suite struct TransientFailureTests {
    private static let timeOut = StoreFailure.webhookAway(by: "hook.example", detail: "context deadline exceeded")

    @Test(arguments: [timeOut, .busy(retryAfter: nil, detail: "etcdserver: leader changed")])
    func `a third of the patches failing for a minute fails no Secret, and fewer are under way meanwhile`(
        _ failure: StoreFailure
    ) async {
        let clock = SteppingClock()
        let cluster = ModelCluster(["a": 6000, "b": 3000])
        let most = Mutex((during: 0, after: 0))
        cluster.change {
            $0.beforeTouch = { (state: inout State, namespace: String, name: String) throws(StoreFailure) in
                clock.advance(0.02)
                // The first seconds are those in which the pace is still being found.
                let seconds = clock.seconds - 1000
                let underWay = state.inFlight + 1
                if seconds > 5, seconds < 60 { most.withLock { $0.during = max($0.during, underWay) } }
                if seconds >= 60 { most.withLock { $0.after = max($0.after, underWay) } }
                let tries = state.touches["\(namespace)/\(name)"] ?? 0
                let fate = fingerprint(of: namespace + name, Int64(tries)) % 10
                if seconds < 60, fate < 3 { throw failure }
            }
        }
        let result = await pass(cluster, clock: clock).run(PassOptions(.rewrite))
        #expect(result.isClean && result.counts[.rewritten] == 9000)
        #expect(cluster.stored(as: "identity") == 9000)
        let (during, after) = most.withLock { $0 }
        #expect(during * 2 < after, "\(during) under way during the trouble, \(after) after it")
    }

    @Test func `five seconds without etcd in mid-pass fail no Secret and no list`() async {
        let clock = SteppingClock()
        let cluster = ModelCluster(["a": 700, "b": 300])
        let outage = 1002.0..<1007.0
        cluster.change {
            $0.beforeTouch = { (_: inout State, _: String, _: String) throws(StoreFailure) in
                clock.advance(0.01)
                if outage.contains(clock.seconds) { throw .busy(retryAfter: nil, detail: "etcdserver: no leader") }
            }
            $0.beforeList = { (_: inout State, _: String, _: PageRequest) throws(StoreFailure) in
                if outage.contains(clock.seconds) { throw .busy(retryAfter: nil, detail: "request timed out") }
            }
        }
        let result = await pass(cluster, clock: clock).run(PassOptions(.rewrite))
        #expect(result.isClean && result.counts[.rewritten] == 1000)
        #expect(clock.seconds > outage.upperBound)
    }

    @Test func `a webhook that is away for ever is named and bounded, and all others are rewritten`() async {
        let clock = SteppingClock()
        let cluster = ModelCluster(["a": 2500, "b": 2500])
        cluster.change {
            $0.beforeTouch = { (_: inout State, namespace: String, _: String) throws(StoreFailure) in
                clock.advance(0.01)
                if namespace == "a" { throw Self.timeOut }
            }
        }
        let result = await pass(cluster, clock: clock).run(PassOptions(.rewrite))
        #expect(result.ending == .finished && !result.isClean)
        #expect(result.counts[.rewritten] == 2500 && result.counts[.failed] == 2500 && result.counts[.denied] == 0)
        #expect(result.failures.allSatisfy { $0.cause == "hook.example" && $0.outcome == .failed })
        // Once it was away for three minutes, nobody waits for it that long again.
        #expect(clock.seconds - 1000 < 600)
        #expect(cluster.read { $0.touches.filter { $0.key.hasPrefix("a/") }.values.reduce(0, +) } < 2500 * 6)
    }

    @Test func `a webhook in the way of every Secret ends the pass as failures by its name, not as an outage`() async {
        let cluster = ModelCluster(["a": 1500])
        cluster.change {
            $0.beforeTouch = { (_: inout State, _: String, _: String) throws(StoreFailure) in throw Self.timeOut }
        }
        let result = await pass(cluster).run(PassOptions(.rewrite))
        #expect(result.ending == .finished && result.counts[.failed] == 1500)
    }

    @Test func `one Secret that its webhook never answers for fails although the webhook answers for others`() async {
        let clock = SteppingClock()
        let cluster = ModelCluster(["a": 500])
        cluster.change {
            $0.beforeTouch = { (state: inout State, _: String, name: String) throws(StoreFailure) in
                clock.advance(1)
                if name == "s-000003" { throw Self.timeOut }
                if state.touches["a/\(name)"] == 1 { throw Self.timeOut }
            }
        }
        let result = await pass(cluster, clock: clock).run(PassOptions(.rewrite))
        #expect(result.counts[.rewritten] == 499 && result.counts[.failed] == 1)
        #expect(result.failures.map(\.name) == ["s-000003"])
    }

    @Test func `a dry run does not wait three minutes for a webhook that is away`() async {
        let clock = SteppingClock()
        let cluster = ModelCluster(["a": 50])
        cluster.change {
            $0.beforeTouch = { (_: inout State, _: String, _: String) throws(StoreFailure) in throw Self.timeOut }
        }
        let result = await pass(cluster, clock: clock).run(PassOptions(.admission))
        #expect(result.counts[.failed] == 50 && clock.seconds - 1000 < 90)
    }
}

/// Writers that never rest.
@Suite struct OtherWritersTests {
    /// A mutating webhook that stamps every update: each touch is a write, by whichever API server serves it.
    private func stamping(_ cluster: ModelCluster, by replica: String) {
        cluster.change {
            $0.beforeTouch = { (state: inout State, namespace: String, name: String) throws(StoreFailure) in
                state.write(namespace, name, provider: replica)
            }
        }
    }

    @Test func `between two proofs that all API servers write alike, a moved version is rewritten, whoever moved it`()
        async
    {
        let cluster = ModelCluster(["a": 300], storedAs: "identity")
        stamping(cluster, by: "identity")
        let result = await pass(cluster).run(PassOptions(.verify, isBracketed: true))
        #expect(result.isClean && result.counts[.rewritten] == 300)
        #expect(cluster.read { $0.touches.values.allSatisfy { $0 == 1 } })
    }

    @Test func `without such proofs a Secret that never rests is unsettled`() async {
        let cluster = ModelCluster(["a": 30], storedAs: "identity")
        stamping(cluster, by: "identity")
        let result = await pass(cluster).run(PassOptions(.verify))
        #expect(!result.isClean && result.counts[.unsettled] == 30)
    }

    @Test func `a version that did not move is current, never rewritten, with the proofs too`() async {
        let cluster = ModelCluster(["a": 30], storedAs: "identity")
        let result = await pass(cluster).run(PassOptions(.verify, isBracketed: true))
        #expect(result.isClean && result.counts[.current] == 30 && result.counts[.rewritten] == 0)
    }
}

/// FNV-1a over the name, a zero byte and the version: fates that are spread, and the same in every run.
private func fingerprint(of name: String, _ version: Int64) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    hash = hash &* 16_777_619
    withUnsafeBytes(of: version.littleEndian) { for byte in $0 { hash = (hash ^ UInt32(byte)) &* 16_777_619 } }
    return hash
}
