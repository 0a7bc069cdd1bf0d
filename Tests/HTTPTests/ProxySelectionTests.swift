import HTTP
import Testing

@Test(arguments: [
    ("example.com", "example.com", true), ("example.com", "a.example.com", true),
    ("example.com", "notexample.com", false),
    (".example.com", "example.com", false), (".example.com", "a.example.com", true),
    ("*.example.com", "a.example.com", true),
    ("EXAMPLE.com", "example.COM.", true), ("*", "anything", true), ("10.0.0.0/8", "10.2.3.4", true),
    ("10.0.0.0/8", "11.2.3.4", false), ("10.0.0.0/8", "10.example.com", false), ("10.0.0.1", "10.0.0.1", true),
    ("192.168.4.0/22", "192.168.7.255", true), ("192.168.4.0/22", "192.168.8.0", false), ("fd00::/8", "fd12::5", true),
    ("fd00::/8", "fe00::5", false), ("::1", "0:0:0:0:0:0:0:1", true), ("a.test:443", "a.test", true),
    ("a.test:444", "a.test", false), ("[::1]:443", "::1", true), ("10.0.0.0/33", "10.0.0.1", false),
    ("/8", "10.0.0.1", false),
    ("", "a.test", false), (" , a.test ,b.test", "b.test", true), ("1.2.3.4:443", "1.2.3.4", true),
])
func `the no-proxy list is read as Go reads it`(_ list: String, _ host: String, _ direct: Bool) {
    #expect(NoProxyList(list).contains(host: host, port: 443) == direct)
}

@Test(
    arguments: [
        (["HTTPS_PROXY": "https://up:2", "https_proxy": "low:1"], "https://up:2", "http://low:1"),
        (["https_proxy": "low:1"], "http://low:1", "http://low:1"),
        (["HTTPS_PROXY": "", "https_proxy": "x:1"], "http://x:1", "http://x:1"),
        (["HTTP_PROXY": "x:1"], nil, nil), ([:], nil, nil),
        (["ALL_PROXY": "socks5://all:3"], nil, "socks5://all:3"), (["all_proxy": "all:3"], nil, "http://all:3"),
        (["ALL_PROXY": "all:3", "HTTPS_PROXY": "up:2"], "http://up:2", "http://up:2"),
    ] as [([String: String], String?, String?)])
func `the proxy is the one that kubectl takes to an API server, and az to Azure`(
    environment: [String: String], kubectl: String?, az: String?
) {
    #expect(ProxySelection(environment: environment, forHTTPS: true, as: .kubectl).proxyURL == kubectl)
    #expect(ProxySelection(environment: environment, forHTTPS: true, as: .az).proxyURL == az)
}

@Test func `an http address has a variable of its own`() {
    let environment = ["HTTPS_PROXY": "a:1", "HTTP_PROXY": "b:1"]
    #expect(ProxySelection(environment: environment, forHTTPS: false, as: .kubectl).proxyURL == "http://b:1")
}

@Test func `this machine is never reached through the environment's proxy`() {
    for environment in [["HTTPS_PROXY": "p:1"], ["HTTPS_PROXY": "p:1", "NO_PROXY": "other.test"]] {
        let list = NoProxyList(ProxySelection(environment: environment, forHTTPS: true, as: .kubectl).noProxy)
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "::1"] { #expect(list.contains(host: host, port: 6443)) }
        #expect(!list.contains(host: "10.0.0.1", port: 6443))
    }
}

@Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4/8", "01x.2.3.4", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9", "fe80::1%eth0", "::1.2.3", "1.2.3.4::", "+1.2.3.4",
])
func `what is no address is none`(_ text: String) {
    #expect(IPAddress(text) == nil)
}

@Test func `an address may be written in several ways`() {
    #expect(IPAddress("::ffff:1.2.3.4") == IPAddress("0:0:0:0:0:FFFF:102:304"))
    #expect(IPAddress("::")?.bytes == [UInt8](repeating: 0, count: 16))
    #expect(IPAddress("1::")?.bytes.first == 0)
}
