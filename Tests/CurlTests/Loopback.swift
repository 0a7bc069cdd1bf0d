import Foundation
import HTTP
import Testing

@testable import Curl

/// What the tests need of the machine; a test without it is skipped by name.
enum Tool {
    static func path(_ name: String) -> String? {
        let search = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin"
        let folders: [Substring] = search.split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static let hasServer = path("python3") != nil && path("openssl") != nil
    static let hasHTTP2Server = path("nghttpd") != nil && path("openssl") != nil
}

struct FixtureFailure: Error, CustomStringConvertible {
    let description: String
}

/// A certificate authority, made by openssl in a folder of its own.
final class TestAuthority: Sendable {
    let folder: String

    init(name: String) throws {
        folder = NSTemporaryDirectory() + "curl-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.openssl(
            [
                "req", "-x509", "-days", "2", "-subj", "/CN=\(name)", "-keyout", "\(folder)/ca.key", "-out",
                "\(folder)/ca.pem",
            ]
                + Self.newKey)
    }

    /// The paths of a certificate for the names and of its key.
    func issue(_ name: String, _ alternatives: String) throws -> (certificate: String, key: String) {
        let base = "\(folder)/\(name)"
        try "subjectAltName=\(alternatives)\n".write(toFile: base + ".ext", atomically: true, encoding: .utf8)
        try Self.openssl(
            ["req", "-subj", "/CN=\(name)", "-keyout", base + ".key", "-out", base + ".csr"] + Self.newKey)
        try Self.openssl([
            "x509", "-req", "-days", "2", "-in", base + ".csr", "-CA", "\(folder)/ca.pem", "-CAkey", "\(folder)/ca.key",
            "-CAcreateserial", "-extfile", base + ".ext", "-out", base + ".pem",
        ])
        return (base + ".pem", base + ".key")
    }

    var pem: [UInt8] { get throws { try bytes("\(folder)/ca.pem") } }

    func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

    /// A folder in OpenSSL's form that holds this authority alone.
    func hashedFolder() throws -> String {
        let path = "\(folder)/hashed"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(folder)/ca.pem", toPath: path + "/ca.pem")
        try Self.openssl(["rehash", path])
        return path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private static func openssl(_ arguments: [String]) throws {
        guard let path = Tool.path("openssl") else { throw FixtureFailure(description: "no openssl") }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw FixtureFailure(description: "openssl \(arguments[0]) failed")
        }
    }
}

/// `Fixtures/server.py` in one of its kinds, for the length of one test.
final class TestServer {
    private let process = Process()
    private let input = Pipe()
    let port: Int
    private let isTLS: Bool

    init(_ arguments: [String]) throws {
        guard let python = Tool.path("python3") else { throw FixtureFailure(description: "no python3") }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/server.py").path
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = [script] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        isTLS = arguments[0] == "https"
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw FixtureFailure(description: "server.py printed no port: \(line)")
        }
        self.port = port
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func url(_ path: String, host: String = "127.0.0.1") -> String {
        "\(isTLS ? "https" : "http")://\(host):\(port)\(path)"
    }
}

/// A TLS server whose certificate is for `127.0.0.1`, `localhost` and `server.test`, and a transport that believes it.
struct Loopback {
    let authority: TestAuthority
    let server: TestServer

    init(clientAuthority: TestAuthority? = nil) throws {
        authority = try TestAuthority(name: "Test authority")
        let (certificate, key) = try authority.issue("server", "IP:127.0.0.1,DNS:localhost,DNS:server.test")
        server = try TestServer(
            ["https", certificate, key] + (clientAuthority.map { ["\($0.folder)/ca.pem"] } ?? []))
    }

    var settings: TransportSettings {
        get throws { TransportSettings(trust: .authorities(pem: try authority.pem), connectTimeout: 60) }
    }

    func transport(_ change: (inout TransportSettings) -> Void = { _ in }, observer: (any HTTPObserver)? = nil) throws
        -> CurlTransport
    {
        var settings = try settings
        change(&settings)
        return CurlTransport(settings: settings, userAgent: "curl-tests/1", observer: observer)
    }

    /// What the server has seen, through a transport that counts as one connection more.
    func seen() async throws -> Seen {
        try JSONDecoder().decode(
            Seen.self, from: Data(try await transport().send(HTTPRequest(.get, server.url("/seen"))).body))
    }

    struct Seen: Decodable {
        let requests: [String]
        let connections: Int
    }
}

struct Echo: Decodable {
    let method: String
    let target: String
    let headers: [String: String]
    let body: String
    let connection: Int
    let sni: String?

    init(_ response: HTTPResponse) throws {
        self = try JSONDecoder().decode(Echo.self, from: Data(response.body))
    }
}

/// The error of a request that has to fail.
func failure(_ transport: any HTTPTransport, _ request: HTTPRequest) async -> TransportError? {
    do throws(TransportError) {
        _ = try await transport.send(request)
        return nil
    } catch {
        return error
    }
}
