import HTTP
import Synchronization
import Testing

@testable import AzureResources

@Suite struct `The pace of many runs against Azure` {
    private static let cluster =
        "https://arm/subscriptions/S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/"

    @Test func `tells the limits of AKS apart`() {
        func name(_ method: HTTPMethod, _ url: String) -> String? { ARMPace.limit(method, url)?.name }
        let one = name(.get, Self.cluster + "a?api-version=1")
        #expect(one != nil && one == name(.get, Self.cluster + "A?api-version=2"))
        #expect(one != name(.get, Self.cluster + "b"))
        #expect(name(.put, Self.cluster + "a") == nil)
        #expect(name(.get, Self.cluster + "a/providers/Microsoft.Authorization/locks") == nil)
        #expect(name(.get, Self.cluster + "a/agentPools") == "s others")
        #expect(name(.post, Self.cluster + "a/listClusterUserCredential") == "s others")
        let provider = "https://arm/subscriptions/S/providers/Microsoft.ContainerService/"
        #expect(name(.get, provider + "managedClusters") == "s others")
        #expect(name(.get, provider + "locations/west/operations/1?t=2") == "s operations")
        #expect(name(.get, "https://arm/subscriptions/S/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v") == nil)
        #expect(
            name(.get, "https://arm/subscriptions") == nil
                && name(.get, "https://arm/microsoft.containerservice") == nil)
    }

    @Test func `lets a burst through, and then as many a second as the limit gives`() async {
        let pace = ARMPace()
        let limit = ARMPace.Limit(name: "x", burst: 60, perSecond: 1)
        var waits: [Double] = []
        for _ in 0..<58 { waits.append(await pace.delay(limit, now: 0)) }
        #expect(waits.prefix(48).allSatisfy { $0 == 0 })
        // Eight tenths of one a second.
        #expect(waits[48] == 1.25 && waits[57] == 12.5)
        #expect(await pace.delay(limit, now: 1000) == 0)
    }

    @Test func `never sends more than Azure's bucket holds, whatever the order`() async {
        let pace = ARMPace()
        let limit = ARMPace.Limit(name: "x", burst: 60, perSecond: 1)
        var sent: [Double] = []
        for step in 0..<400 {
            let now = Double(step) * 0.3
            sent.append(now + (await pace.delay(limit, now: now)))
        }
        var (level, at) = (60.0, 0.0)
        for time in sent.sorted() {
            level = min(60, level + time - at)
            at = time
            #expect(level >= 1)
            level -= 1
        }
    }

    @Test func `waits before it sends, and not at all for what has no limit`() async throws {
        let slept = Mutex<[Double]>([])
        let time = Clocks(
            wall: { 0 }, monotonic: { 0 },
            sleep: { seconds throws(CancellationError) in slept.withLock { $0.append(seconds) } })
        let transport = PacedTransport(Echo(), pace: ARMPace(timeScale: 0.01), time: time)
        for _ in 0..<50 { _ = try await transport.send(HTTPRequest(.get, Self.cluster + "a")) }
        for _ in 0..<99 { _ = try await transport.send(HTTPRequest(.get, "https://kube/api/v1/secrets")) }
        #expect(slept.withLock { $0.map { ($0 * 1e6).rounded() } } == [12_500, 25_000])
    }
}

private struct Echo: HTTPTransport {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse { HTTPResponse(status: 200) }
    func withNewConnection() -> any HTTPTransport { self }
}
