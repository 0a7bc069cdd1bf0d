import ClusterModel
import Foundation

/// A single etcd, and what is stored in it.
struct Etcd: Sendable {
    let port: Int
    private let child: ChildProcess
    private let http: LoopbackHTTP

    var url: String { "http://127.0.0.1:\(port)" }

    /// Returns when it answers.
    static func start(
        _ program: String, data: String, ports: (client: Int, peer: Int), log: String, children: ChildGroup
    ) async throws -> Etcd {
        let client = "http://127.0.0.1:\(ports.client)"
        let peer = "http://127.0.0.1:\(ports.peer)"
        let child = try await children.start(
            program,
            [
                "--name=sandbox", "--data-dir=\(data)", "--listen-client-urls=\(client)",
                "--advertise-client-urls=\(client)", "--listen-peer-urls=\(peer)",
                "--initial-advertise-peer-urls=\(peer)", "--initial-cluster=sandbox=\(peer)",
                "--quota-backend-bytes=\(8 << 30)", "--log-level=warn", "--logger=zap",
            ], log: log)
        let etcd = Etcd(
            port: ports.client, child: child,
            http: LoopbackHTTP(port: ports.client, tls: nil, headers: ["content-type": "application/json"]))
        try await waitUntilReady("etcd", child: child, seconds: 60) {
            try await etcd.http.send(.get, "/health").status == 200
        }
        return etcd
    }

    /// Stops it without ending it: whoever asks it waits, and times out.
    func freeze() { child.signal(SIGSTOP) }

    func thaw() { child.signal(SIGCONT) }

    /// Calls `use` for each stored Secret, all as of one revision, in pages.
    func forEachSecret(_ use: (_ key: String, _ value: StoredValue) throws -> Void) async throws {
        let prefix = "/registry/secrets/"
        // "0" is the character after "/".
        let end = Data("/registry/secrets0".utf8)
        var start = Data(prefix.utf8)
        var revision: String?
        while true {
            let page: Page = try await call(
                "/v3/kv/range",
                RangeRequest(key: start, range_end: end, limit: "500", revision: revision))
            revision = revision ?? page.header.revision
            for pair in page.kvs ?? [] {
                try use(String(decoding: pair.key, as: UTF8.self), StoredValue(base64: pair.value))
            }
            guard page.more == true, let last = page.kvs?.last?.key else { return }
            start = last + [0]
        }
    }

    /// The stored bytes of one Secret; nil when there are none.
    func secret(namespace: String, name: String) async throws -> Data? {
        let page: Page = try await call("/v3/kv/range", RangeRequest(key: key(namespace, name)))
        return page.kvs?.first.flatMap { Data(base64Encoded: $0.value) }
    }

    func putSecret(namespace: String, name: String, _ value: Data) async throws {
        let _: PutAnswer = try await call("/v3/kv/put", PutRequest(key: key(namespace, name), value: value))
    }

    private func key(_ namespace: String, _ name: String) -> Data {
        Data("/registry/secrets/\(namespace)/\(name)".utf8)
    }

    private func call<Answer: Decodable>(_ path: String, _ request: some Encodable) async throws -> Answer {
        let answer = try await http.send(.post, path, body: JSONEncoder().encode(request))
        guard answer.status == 200 else {
            throw RealClusterError.unexpectedAnswer(
                to: "etcd \(path)", status: answer.status,
                body: String(decoding: answer.body.prefix(512), as: UTF8.self))
        }
        return try JSONDecoder().decode(Answer.self, from: answer.body)
    }
}

/// How one object is stored, told from its first bytes.
enum StoredValue: Equatable {
    case plaintext
    /// Encrypted by the provider of this name.
    case encrypted(provider: String)
    /// Encrypted by something else than a KMS v1 provider; the prefix says what.
    case foreign(prefix: String)

    /// - Parameter base64: the whole value or any beginning of it; only the first bytes are looked at.
    init(base64: String) {
        // A provider's name ends within these; a multiple of 4 keeps the cut decodable.
        self.init(Data(base64Encoded: String(base64.prefix(256))) ?? Data())
    }

    init(_ bytes: Data) {
        let parts = bytes.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count >= 5, parts[0] == "k8s", parts[1] == "enc" else {
            self = .plaintext
            return
        }
        guard parts.count == 6, parts[2] == "kms", parts[3] == "v1" else {
            self = .foreign(prefix: parts[0...3].joined(separator: ":"))
            return
        }
        self = .encrypted(provider: parts[4])
    }
}

/// etcd's gRPC gateway: bytes are base64 and 64-bit numbers are strings.
private struct RangeRequest: Encodable {
    let key: Data
    var range_end: Data?
    var limit: String?
    var revision: String?
}

private struct Page: Decodable {
    struct Header: Decodable { let revision: String }
    struct Pair: Decodable {
        let key: Data
        let value: String
    }
    let header: Header
    let kvs: [Pair]?
    let more: Bool?
}

private struct PutRequest: Encodable {
    let key: Data
    let value: Data
}

private struct PutAnswer: Decodable {}
