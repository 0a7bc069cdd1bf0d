import HTTP
import Testing

@testable import Curl

@Test func `the first readable bundle of the list is taken`() {
    #expect(CABundle.find { $0.hasPrefix("/etc/pki") } == "/etc/pki/tls/certs/ca-bundle.crt")
    #expect(CABundle.find { _ in false } == nil)
}

@Test func `a route without server name leaves the URL as it is`() throws {
    let url = "https://host.test/a/../b?c=%41#d"
    let route = CurlRoute(
        try #require(URLParts(url)), verbatim: url, settings: TransportSettings(trust: .none), noProxy: NoProxyList(""))
    #expect(route.url == url)
    #expect(route.connectTo == nil)
    #expect(route.hostHeader == nil)
    #expect(route.proxy == "")
}

@Test func `a route under a server name connects to the URL's host`() throws {
    let url = "https://[fd00::1]:6443/api?x=1"
    var settings = TransportSettings(trust: .none, serverName: "kubernetes")
    settings.proxyURL = "SOCKS5://127.0.0.1:1080"
    let route = CurlRoute(
        try #require(URLParts(url)), verbatim: url, settings: settings, noProxy: NoProxyList("10.0.0.0/8"))
    #expect(route.url == "https://kubernetes:6443/api?x=1")
    #expect(route.connectTo == "kubernetes:6443:[fd00::1]:6443")
    #expect(route.hostHeader == "[fd00::1]:6443")
    #expect(route.origin == "https://[fd00::1]:6443")
    #expect(route.proxy == "socks5h://127.0.0.1:1080")
}

@Test func `the linked libraries are told with their versions`() {
    let versions = curlLibraryVersions()
    for name in ["libcurl", "OpenSSL", "nghttp2", "zlib"] {
        #expect(versions[name]?.first?.isNumber == true, "\(name): \(versions[name] ?? "not told")")
    }
}

@Suite("Room on connections")
struct ConnectionRoomTests {
    private let plan = CurlPlan(
        settings: TransportSettings(trust: .none, connectionsPerHost: 4), userAgent: "t", streams: 16...256)

    @Test func `while connections are being opened, those that stand carry all there is`() {
        #expect(plan.room(for: 64, allStand: false) == 256)
        #expect(plan.room(for: 64, allStand: true) == 16)
        #expect(plan.room(for: 250, allStand: true) == 63)
        #expect(plan.room(for: 3, allStand: true) == 16)
        #expect(plan.room(for: 5000, allStand: true) == 256)
    }

    @Test func `one more connection is opened for each sixteen requests, and four at most`() {
        #expect(!plan.opensConnection(beside: 64, on: 0))
        #expect(!plan.opensConnection(beside: 15, on: 1))
        #expect(plan.opensConnection(beside: 16, on: 1))
        #expect(!plan.opensConnection(beside: 31, on: 2))
        #expect(plan.opensConnection(beside: 48, on: 3))
        #expect(!plan.opensConnection(beside: 250, on: 4))
    }

    @Test func `a plan without a range leaves it to libcurl`() {
        var plan = plan
        plan.streams = 8...8
        #expect(!plan.opensConnection(beside: 64, on: 1))
        #expect(plan.room(for: 64, allStand: false) == 8)
        #expect(plan.room(for: 64, allStand: true) == 8)
    }
}
