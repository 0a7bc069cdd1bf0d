import Testing

@testable import SecretRewrite

typealias State = ModelCluster.State

@Suite("Regressions of other tools") struct PeerRegressions {
    @Test func `a denying webhook never loops (KSVM 83)`() async {
        let cluster = ModelCluster(["a": 40])
        cluster.change {
            $0.beforeTouch = { (_: inout State, _: String, _: String) throws(StoreFailure) in
                throw .denied(by: "gatekeeper.example", detail: "denied")
            }
        }
        let notes = Notes()
        let result = await pass(cluster).run(PassOptions(.rewrite), observer: notes.observer)
        #expect(result.counts[.denied] == 40)
        #expect(result.denials == ["gatekeeper.example": 40])
        #expect(cluster.read { $0.touches.values.allSatisfy { $0 == 1 } })
        #expect(notes.failures.count == 40 && notes.failures.allSatisfy { $0.1 == "denied" })
        #expect(result.ending == .finished && !result.isClean)
    }

    @Test func `an unknown error is tried again once and never for ever (KSVM 47)`() async {
        let cluster = ModelCluster(["a": 5])
        cluster.change {
            $0.beforeTouch = { (_: inout State, _: String, name: String) throws(StoreFailure) in
                if name == "s-000002" { throw .other(status: 500, reason: "Odd", detail: "odd") }
                if name == "s-000003" { throw .other(status: 400, reason: "BadRequest", detail: "odd") }
            }
        }
        let result = await pass(cluster).run(PassOptions(.rewrite))
        #expect(cluster.read { $0.touches["a/s-000002"] } == 2)
        #expect(cluster.read { $0.touches["a/s-000003"] } == 1)
        #expect(result.counts[.failed] == 2 && result.counts[.rewritten] == 3)
        #expect(result.failures.map(\.cause).sorted() == ["BadRequest", "Odd"])
    }

    @Test func `a list that fails never ends in done (k3s)`() async {
        let cluster = ModelCluster(["a": 1300, "b": 3], pageLimit: 100)
        cluster.change {
            $0.beforeList = { (_: inout State, namespace: String, request: PageRequest) throws(StoreFailure) in
                if namespace == "a", request.token != nil { throw .other(status: 500, reason: "Odd", detail: "odd") }
            }
        }
        let result = await pass(cluster).run(PassOptions(.rewrite))
        #expect(result.counts.total == 103)
        #expect(!result.isClean && !result.isClean(accepting: [.denied, .invalid, .failed]))
        #expect(result.receipts.filter(\.isUnlisted).map(\.namespace) == ["a"])
    }

    @Test func `one conflict does not end the run (k3s 6824)`() async {
        let cluster = ModelCluster(["a": 20])
        cluster.change {
            $0.beforeTouch = { (state: inout State, _: String, name: String) throws(StoreFailure) in
                if name == "s-000004", state.touches["a/s-000004"] == 1 { throw .conflict(detail: "moved") }
                if name == "s-000005" { throw .conflict(detail: "moved") }
            }
        }
        let result = await pass(cluster).run(PassOptions(.rewrite))
        #expect(result.counts[.rewritten] == 19 && result.counts[.failed] == 1)
        #expect(cluster.read { $0.touches["a/s-000005"] } == 2)
    }

    @Test func `a failed write is never counted as rewritten (RKE1)`() async {
        let cluster = ModelCluster(["a": 10])
        cluster.change {
            $0.beforeTouch = { (_: inout State, _: String, _: String) throws(StoreFailure) in
                throw .invalid(fields: "metadata.name", detail: "bad")
            }
        }
        let result = await pass(cluster).run(PassOptions(.rewrite))
        #expect(result.counts[.rewritten] == 0 && result.counts[.invalid] == 10)
        #expect(cluster.stored(as: "identity") == 0)
    }
}

@Test func `an expired token goes on with the one that the server offers`() async {
    let cluster = ModelCluster(["a": 2700])
    cluster.change {
        $0.beforeList = { (state: inout State, namespace: String, request: PageRequest) throws(StoreFailure) in
            if let token = request.token, !token.hasSuffix("@new"), token.hasPrefix("s-000999") {
                throw .expired(inconsistentToken: "s-000999@new")
            }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.isClean && result.counts[.rewritten] == 2700)
    #expect(cluster.read { $0.lists.contains("a?s-000999@new") })
}

@Test func `an expired token without another starts the list anew and touches nothing twice`() async {
    let cluster = ModelCluster(["a": 2700])
    cluster.change {
        $0.beforeList = { (state: inout State, namespace: String, request: PageRequest) throws(StoreFailure) in
            let seen = state.lists.count { $0.hasPrefix("a?s-000999") }
            if let token = request.token, token.hasPrefix("s-000999"), seen == 1 {
                throw .expired(inconsistentToken: nil)
            }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.isClean && result.counts.total == 2700)
    #expect(cluster.read { $0.touches.values.allSatisfy { $0 == 1 } })
}

@Test func `a list that expires again and again is given up, not done`() async {
    let cluster = ModelCluster(["a": 2700])
    cluster.change {
        $0.beforeList = { (_: inout State, _: String, request: PageRequest) throws(StoreFailure) in
            if request.token != nil { throw .expired(inconsistentToken: nil) }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.ending == .finished && !result.isClean)
    #expect(result.receipts[0].isUnlisted)
}

@Test func `a token that leads to itself ends the list as a failure`() async {
    struct Loop: SecretStore {
        func namespaces(_ request: PageRequest) async throws(StoreFailure) -> NamePage {
            NamePage(names: ["a"], resourceVersion: 5)
        }
        func secrets(in namespace: String, _ request: PageRequest) async throws(StoreFailure) -> NamePage {
            NamePage(names: ["x"], resourceVersion: 5, next: (request.token ?? "") + "x")
        }
        func touch(_ name: String, in namespace: String, dryRun: Bool) async throws(StoreFailure) -> Int64 { 4 }
    }
    let result = await pass(Loop()).run(PassOptions(.rewrite))
    #expect(!result.isClean)
    #expect(result.receipts[0].isUnlisted)
}

@Test func `a busy server is given the time that it asks for, and nothing is lost`() async {
    let clock = SteppingClock()
    let cluster = ModelCluster(["a": 200])
    cluster.change {
        $0.beforeTouch = { (state: inout State, _: String, _: String) throws(StoreFailure) in
            if clock.seconds < 1042 { throw .busy(retryAfter: 42, detail: "429") }
        }
    }
    let result = await pass(cluster, clock: clock).run(PassOptions(.rewrite))
    #expect(result.isClean && result.counts[.rewritten] == 200)
    #expect(clock.seconds >= 1042)
    // Whoever was under way at the first refusal, and nobody after it.
    #expect(cluster.read { $0.touches.values.reduce(0, +) } <= 200 + 8)
}

@Test func `a Secret that is always refused as busy fails while the others go on`() async {
    let cluster = ModelCluster(["a": 3000])
    cluster.change {
        $0.beforeTouch = { (_: inout State, _: String, name: String) throws(StoreFailure) in
            if name == "s-000001" { throw .busy(retryAfter: nil, detail: "503") }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.counts[.rewritten] == 2999)
    #expect(result.ending == .finished && result.counts[.failed] == 1)
    #expect(cluster.read { $0.touches["a/s-000001"] } == 12)
    #expect(!result.isClean)
}

@Test func `lists that were repeated do not keep the last attempts from being made`() async {
    let cluster = ModelCluster(["a": 3000, "b": 3000, "c": 10])
    cluster.change {
        $0.beforeList = { (state: inout State, namespace: String, request: PageRequest) throws(StoreFailure) in
            let tries = state.lists.count { $0 == "\(namespace)?\(request.token ?? "")" }
            if tries == 1 { throw .busy(retryAfter: nil, detail: "429") }
        }
        $0.beforeTouch = { (state: inout State, namespace: String, name: String) throws(StoreFailure) in
            let tries = state.touches["\(namespace)/\(name)"] ?? 0
            if name == "s-000001", tries <= 5 { throw .busy(retryAfter: nil, detail: "503") }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.isClean && result.counts[.rewritten] == 6010)
}

@Test func `a namespace list that expires or repeats itself loses and doubles nothing`() async {
    let cluster = ModelCluster(Dictionary(uniqueKeysWithValues: (100..<150).map { ("n\($0)", 2) }), pageLimit: 20)
    cluster.change {
        $0.beforeList = { (state: inout State, namespace: String, request: PageRequest) throws(StoreFailure) in
            let seen = state.lists.count { $0.hasPrefix("?n119") }
            if namespace == "", seen == 1, request.token?.hasPrefix("n119") ?? false {
                throw .expired(inconsistentToken: nil)
            }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.isClean && result.namespaceCount == 50 && result.counts[.rewritten] == 100)
}

@Test func `lost answers are repeated`() async {
    let cluster = ModelCluster(["a": 300])
    cluster.change {
        $0.beforeTouch = { (state: inout State, namespace: String, name: String) throws(StoreFailure) in
            if name.hasSuffix("7"), state.touches["\(namespace)/\(name)"] == 1 { throw .lost(detail: "reset") }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.isClean && result.counts[.rewritten] == 300)
}

@Test func `an API server that is away for too long ends the pass as resumable`() async {
    let cluster = ModelCluster(["a": 300, "b": 10])
    cluster.change {
        $0.beforeTouch = { (state: inout State, namespace: String, name: String) throws(StoreFailure) in
            if namespace == "b" || name >= "s-000100" { throw .lost(detail: "refused") }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.ending == .aborted(.unreachable))
    #expect(result.counts[.failed] == 0 && !result.isClean)
    #expect(result.receipts.allSatisfy { !$0.isDone })
}

@Test(arguments: [
    (StoreFailure.unauthorized(detail: "x"), AbortReason.unauthorized), (.forbidden(detail: "x"), .forbidden),
    (.wouldSendData(detail: "x"), .wouldSendData), (.encryptFailed(detail: "x"), .encryptionUnavailable),
])
func `what makes every other request pointless ends the pass`(failure: StoreFailure, reason: AbortReason) async {
    let cluster = ModelCluster(["a": 2000])
    cluster.change {
        $0.beforeTouch = { (_: inout State, _: String, _: String) throws(StoreFailure) in throw failure }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.ending == .aborted(reason))
    #expect(cluster.read { $0.touches.values.reduce(0, +) } < 200)
    #expect(!result.isClean)
}

@Test func `encryption that is back after a few seconds does not end the pass`() async {
    let clock = SteppingClock()
    let cluster = ModelCluster(["a": 100])
    cluster.change {
        $0.beforeTouch = { (_: inout State, _: String, _: String) throws(StoreFailure) in
            if clock.seconds < 1005 { throw .encryptFailed(detail: "KMS restarts") }
        }
    }
    let result = await pass(cluster, clock: clock).run(PassOptions(.rewrite))
    #expect(result.isClean && result.counts[.rewritten] == 100)
}

@Test func `undecryptable Secrets are named and all others are rewritten`() async {
    let cluster = ModelCluster(["a": 30, "b": 1300, "b-c": 1])
    let bad = ["s-000000", "s-000011", "s-000012", "s-000700", "s-001299"]
    cluster.change { state in for name in bad { state.write("b", name, provider: "lost-key") } }
    cluster.change { $0.write("b-c", "s-000000", provider: "lost-key") }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.counts[.rewritten] == 1325 && result.counts[.undecryptable] == 6)
    #expect(result.failures.filter { $0.namespace == "b" }.compactMap(\.name).sorted() == bad)
    #expect(result.failures.allSatisfy { $0.outcome == .undecryptable })
    #expect(result.receipts.allSatisfy { $0.isComplete && !$0.isUnlisted })
    #expect(!result.isClean && !result.isClean(accepting: [.denied, .invalid]))
    #expect(cluster.read { $0.lists.count } < 150)
}

@Test func `a list that cannot be decrypted for a moment is read again`() async {
    let clock = SteppingClock()
    let cluster = ModelCluster(["a": 30])
    cluster.change {
        $0.beforeList = { (_: inout State, namespace: String, _: PageRequest) throws(StoreFailure) in
            if namespace == "a", clock.seconds < 1002 { throw .undecryptable(keys: [], detail: "KMS restarts") }
        }
    }
    let result = await pass(cluster, clock: clock).run(PassOptions(.rewrite))
    #expect(result.isClean && result.counts[.rewritten] == 30)
}

@Test(arguments: [nil, "/registry/secrets/other/x", "/registry/secrets/b/"])
func `an undecryptable list without a culprit is a failure of the namespace`(key: String?) async {
    let cluster = ModelCluster(["a": 30, "b": 30])
    cluster.change {
        $0.beforeList = { (_: inout State, namespace: String, _: PageRequest) throws(StoreFailure) in
            if namespace == "b" { throw .undecryptable(keys: key.map { [$0] } ?? [], detail: "canary") }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.counts[.rewritten] == 30 && !result.isClean)
    #expect(result.failures.map(\.name) == [nil])
    #expect(result.receipts[1].isUnlisted)
}

@Test func `a server that names the same culprit for ever is not followed`() async {
    let cluster = ModelCluster(["b": 30])
    cluster.change {
        $0.beforeList = { (_: inout State, namespace: String, _: PageRequest) throws(StoreFailure) in
            if namespace == "b" { throw .undecryptable(keys: ["/registry/secrets/b/s-000003"], detail: "") }
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.receipts[0].isUnlisted && !result.isClean)
    #expect(cluster.read { $0.lists.count } < 20)
}

@Test func `too many failures end the pass where a budget was set`() async {
    let cluster = ModelCluster(["a": 500])
    cluster.change {
        $0.beforeTouch = { (_: inout State, _: String, _: String) throws(StoreFailure) in
            throw .denied(by: "x", detail: "")
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite, failureBudget: 10))
    #expect(result.ending == .aborted(.tooManyFailures))
    #expect(cluster.read { $0.touches.count } < 200)
}

@Test func `namespaces that cannot be listed end the pass`() async {
    let cluster = ModelCluster(["a": 5])
    cluster.change {
        $0.beforeList = { (_: inout State, _: String, _: PageRequest) throws(StoreFailure) in
            throw .malformed(detail: "not a list")
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.ending == .aborted(.namespacesUnlisted))
    #expect(!result.isClean)
}

@Test func `failures beyond the bound are counted, not kept`() async {
    let cluster = ModelCluster(["a": 900])
    cluster.change {
        $0.beforeTouch = { (_: inout State, _: String, name: String) throws(StoreFailure) in
            throw .denied(by: "hook-\(name)", detail: "")
        }
    }
    let result = await pass(cluster).run(PassOptions(.rewrite))
    #expect(result.failures.count == 200 && result.failuresOmitted == 700)
    #expect(result.denials.count == 200)
}
