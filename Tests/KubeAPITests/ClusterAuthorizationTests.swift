import Files
import HTTP
import Kubeconfig
import Synchronization
import Testing

@testable import KubeAPI

/// A token file that somebody else renews.
private final class TokenFile: FileReading {
    private let token = Mutex("one")

    func set(_ value: String) { token.withLock { $0 = value } }

    func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        if path == "/token" { return Array(token.withLock { $0 }.utf8) }
        return Array(
            """
            {"apiVersion": "v1", "kind": "Config", "current-context": "a",
             "clusters": [{"name": "a", "cluster": {"server": "https://k/prefix"}}],
             "users": [{"name": "a", "user": {"tokenFile": "/token", "as": "boss"}}],
             "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}]}
            """.utf8)
    }

    func load() throws -> (ClusterAccess, KubeCredentials) {
        var overrides = KubeconfigOverrides()
        overrides.kubeconfig = "/config"
        let environment = KubeEnvironment(variables: [:], homeDirectory: nil, workingDirectory: "/", files: self)
        let access = try ClusterAccess.load(overrides, environment)
        return (access, KubeCredentials(access, environment, isTerminal: false, now: { 0 }))
    }
}

@Test func `a refused token is read anew, for all who met the refusal`() async throws {
    let file = TokenFile()
    let (access, credentials) = try file.load()
    let authorization = ClusterAuthorization(access, credentials)
    let first = try await authorization.headers()
    #expect(first["Authorization"] == "Bearer one" && first["Impersonate-User"] == "boss")
    #expect(try await authorization.renewed(rejected: first) == nil)

    file.set("two")
    #expect(try await authorization.headers() == first)
    let second = try await authorization.renewed(rejected: first)
    #expect(second?["Authorization"] == "Bearer two")
    #expect(try await authorization.renewed(rejected: first) == second)
}

@Test func `a kubeconfig's user is sent to its cluster, over connections with its certificate`() async throws {
    let (access, credentials) = try TokenFile().load()
    let transport = ScriptedTransport([.json(#"{"gitVersion":"v1.33.2"}"#)])
    let made = Mutex(0)
    let client = KubeClient(access, credentials) { identity in
        #expect(identity == nil)
        made.withLock { $0 += 1 }
        return transport
    }
    _ = try await client.version()
    _ = try? await client.version()
    #expect(transport.requests[0].url == "https://k/prefix/version")
    #expect(transport.requests[0].headers["Authorization"] == "Bearer one")
    #expect(made.withLock { $0 } == 1)
}

@Test func `a new connection is one connection for all its requests`() async throws {
    let (_, credentials) = try TokenFile().load()
    let connection = ScriptedTransport([.json("1"), .json("2")])
    let base = ScriptedTransport([], connections: [connection, ScriptedTransport([])])
    let fresh = CertificateTransport(credentials, make: { _ in base }).withNewConnection()
    _ = try await fresh.send(HTTPRequest(.get, "https://k/a"))
    _ = try await fresh.send(HTTPRequest(.get, "https://k/b"))
    #expect(connection.requests.count == 2)
}
