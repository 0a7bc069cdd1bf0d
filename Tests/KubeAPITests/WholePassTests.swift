import FoundationEssentials
import HTTP
import SecretRewrite
import Synchronization
import Testing

@testable import KubeAPI

private func store(_ server: ModelAPIServer) -> KubeSecretStore {
    KubeSecretStore(KubeClient(server: "https://k", transport: server, authorization: TestAuthorization()))
}

/// The real time, so that the pass waits where it would.
private struct RealClock: PassClock {
    private let origin = ContinuousClock.now

    var seconds: Double { (ContinuousClock.now - origin) / .seconds(1) }

    func sleep(until seconds: Double) async {
        try? await Task.sleep(until: origin + .seconds(seconds), clock: .continuous)
    }
}

@Test func `a whole pass through the wire proves itself and never meets data`() async throws {
    let server = ModelAPIServer(["a": 1203, "kube-system": 3, "empty": 0], denied: ["a/s-1500"])
    let told = Mutex<[String]>([])
    let observer = PassObserver(
        progress: { value in told.withLock { $0.append("\(value)") } },
        failure: { failure, detail in told.withLock { $0.append("\(failure) \(detail)") } })
    let pass = RewritePass(store: store(server), clock: RealClock())

    let first = await pass.run(PassOptions(.rewrite), observer: observer)
    #expect(first.counts[.rewritten] == 1205 && first.counts[.denied] == 1)
    #expect(first.denials == ["quoting.example": 1])
    #expect(first.ending == .finished && !first.isClean && first.isClean(accepting: [.denied]))

    let second = await pass.run(PassOptions(.verify), observer: observer)
    #expect(second.counts[.current] == 1205 && second.counts[.rewritten] == 0)

    let kept = String(decoding: try JSONEncoder().encode([first, second]), as: UTF8.self)
    #expect(!kept.contains(ModelAPIServer.canary) && !kept.contains("denied the request"))
    #expect(!told.withLock { $0.joined() }.contains(ModelAPIServer.canary))
    for request in server.requests {
        #expect(request.url.contains("includeObject=None"))
        #expect(request.headers.all("Accept") == [MediaType.table])
        #expect(request.body == (request.method == .patch ? Array("{}".utf8) : []))
    }
}
