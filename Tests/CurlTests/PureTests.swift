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
