import HTTP
import JSON
import KubeAPI

/// An API server with one Lease: versions that move, 404, 409 AlreadyExists and 409 Conflict as kube-apiserver answers
/// them (kubernetes/apiserver, pkg/registry/generic/registry/store.go).
actor LeaseServer: HTTPTransport {
    private var stored: JSONValue?
    private var version: Int64 = 1
    /// Answers nobody while this is set.
    var isSilent = false
    private(set) var writes = 0
    /// Writes whose answer is still to be lost.
    private var lossesLeft = 0
    /// Who takes the Lease as soon as it was read.
    private var nextHolder: String?

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if isSilent {
            throw TransportError(kind: .couldNotConnect, origin: "https://k", detail: "", mayHaveBeenSent: false)
        }
        switch request.method {
        case .get:
            let seen = stored.map { answer(200, $0) } ?? status(404, "NotFound")
            if let nextHolder { hold(nextHolder) }
            nextHolder = nil
            return seen
        case .post where stored != nil: return status(409, "AlreadyExists")
        case .post, .put:
            guard let sent = try? JSONValue(parsing: request.body) else { return status(400, "BadRequest") }
            if request.method == .put, sent[path: "metadata", "resourceVersion"]?.string != "\(version)" {
                return status(409, "Conflict")
            }
            let lease = store(sent)
            guard lossesLeft == 0 else {
                lossesLeft -= 1
                throw TransportError(kind: .connectionLost, origin: "https://k", detail: "", mayHaveBeenSent: true)
            }
            return answer(200, lease)
        default: return status(405, "MethodNotAllowed")
        }
    }

    nonisolated func withNewConnection() -> any HTTPTransport { self }

    /// Does the next writes and loses their answers.
    func loseAnswers(_ count: Int) { lossesLeft = count }

    /// Whoever reads the Lease next does not see that this one takes it at that moment.
    func holdAfterRead(_ identity: String) { nextHolder = identity }

    func silence(_ isSilent: Bool) { self.isSilent = isSilent }

    var holder: String? { stored?[path: "spec", "holderIdentity"]?.string }

    /// Somebody else takes the Lease, or renews it.
    func hold(_ identity: String, renewTime: String = "2026-01-01T00:00:00.000000Z", duration: Int64 = 60) {
        _ = store(
            .object([
                "apiVersion": .string("coordination.k8s.io/v1"), "kind": .string("Lease"),
                "metadata": .object(["name": .string("kms-vault-switch"), "namespace": .string("kube-system")]),
                "spec": .object([
                    "holderIdentity": .string(identity), "leaseDurationSeconds": .integer(duration),
                    "renewTime": .string(renewTime),
                ]),
            ]))
    }

    private func store(_ lease: JSONValue) -> JSONValue {
        version += 1
        writes += 1
        var lease = lease
        var metadata = lease["metadata"]?.object ?? [:]
        metadata["resourceVersion"] = .string("\(version)")
        lease["metadata"] = .object(metadata)
        stored = lease
        return lease
    }

    private func answer(_ code: Int, _ body: JSONValue) -> HTTPResponse {
        HTTPResponse(status: code, headers: [:], body: body.bytes())
    }

    private func status(_ code: Int64, _ reason: String) -> HTTPResponse {
        answer(
            Int(code),
            .object([
                "kind": .string("Status"), "reason": .string(reason), "code": .integer(code), "message": .string(""),
            ]))
    }

    nonisolated var client: KubeClient {
        KubeClient(server: "https://k", transport: self, authorization: NoCredential(), sleep: { _ in })
    }

    private struct NoCredential: RequestAuthorization {
        func headers() async throws -> HTTPHeaders { [:] }
        func renewed(rejected: HTTPHeaders) async throws -> HTTPHeaders? { nil }
    }
}
