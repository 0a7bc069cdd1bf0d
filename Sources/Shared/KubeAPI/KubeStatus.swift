package import HTTP
import JSON
import Text

/// What an API server says about a request that it refuses (metav1.Status), as far as decisions need it.
package struct KubeStatus: Sendable, Hashable {
    /// The HTTP status.
    package var code: Int
    /// The machine's word, as `NotFound`; empty when the body is no Status, as from a proxy.
    package var reason: String
    /// The server's sentence, at most 512 bytes. It may quote an object: it is shown once and kept nowhere.
    package var message: String
    /// The resource and the name that the Status is about.
    package var kind: String?
    package var name: String?
    /// Paths of the fields that are not valid.
    package var fields: [String]
    /// The storage keys of objects that cannot be read, at most 100 (StorageReadError; kubernetes/apiserver,
    /// pkg/storage/etcd3/corrupt_obj_deleter.go, `NewAPIStatusError`).
    package var storageKeys: [String] = []
    /// Offered with 410: a token to go on with, at a newer state.
    package var inconsistentToken: String?
    /// Seconds, from the header or the body.
    package var retryAfter: Double?
    /// Whether the body was a Status at all.
    package var isFromAPIServer: Bool

    /// Bytes of server text that survive.
    package static let longestMessage = 512

    package init(_ response: HTTPResponse) {
        code = response.status
        retryAfter = response.retryAfter
        let json = try? JSONValue(parsing: response.body)
        guard let json, json["kind"]?.string == "Status" else {
            reason = ""
            message = String(decoding: response.body.prefix(Self.longestMessage), as: UTF8.self).onOneLine()
            fields = []
            isFromAPIServer = false
            return
        }
        isFromAPIServer = true
        reason = (json["reason"]?.string ?? "").onOneLine(limit: 64)
        message = (json["message"]?.string ?? "").onOneLine()
        let details = json["details"]
        kind = details?["kind"]?.string.map { $0.onOneLine(limit: 253) }
        name = details?["name"]?.string.map { $0.onOneLine(limit: 253) }
        fields = (details?["causes"]?.array ?? []).prefix(8).compactMap { $0["field"]?.string }.map {
            $0.onOneLine(limit: 128)
        }
        if reason == "StorageReadError" {
            fields = []
            storageKeys = (details?["causes"]?.array ?? []).prefix(100).compactMap { $0["field"]?.string }
                .filter { !$0.isEmpty }.map { $0.onOneLine() }
        }
        inconsistentToken = json[path: "metadata", "continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        if retryAfter == nil, let seconds = details?["retryAfterSeconds"]?.integer, seconds > 0 {
            retryAfter = Double(seconds)
        }
    }
}

extension KubeStatus: CustomStringConvertible {
    package var description: String {
        let word = reason.isEmpty ? "status \(code)" : "status \(code) \(reason)"
        return message.isEmpty ? word : "\(word): \(message)"
    }
}

/// A request to the API server that did not do what it should.
package struct KubeError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Cause: Sendable, Hashable {
        case transport(TransportError)
        case status(KubeStatus)
        /// No credential could be had; the text is that of the credential's own error.
        case credential(String)
        /// The answer came but is not what the protocol promises.
        case answer(String)
        /// The request would not have been sound, so it was not sent.
        case unsound(String)
    }

    /// As `GET /api/v1/namespaces/kube-system`, without the query.
    package let request: String
    package let cause: Cause

    package var status: KubeStatus? { if case .status(let status) = cause { status } else { nil } }

    package var isNotFound: Bool { status?.code == 404 && status?.isFromAPIServer == true }
    /// The object moved, or a precondition did not hold.
    package var isConflict: Bool { status?.code == 409 && status?.reason != "AlreadyExists" }
    package var isAlreadyExists: Bool { status?.reason == "AlreadyExists" }

    /// Whether the server may have acted although nobody saw it: observe before deciding anew.
    package var isUnknown: Bool {
        switch cause {
        case .transport(let error): error.mayHaveBeenSent
        case .status(let status): status.code >= 500
        case .credential, .unsound: false
        case .answer: true
        }
    }

    /// Whether nobody answered, or an API server that cannot work. One that was proven not to be ours is not silent.
    package var isSilence: Bool {
        switch cause {
        case .transport(let error): error.kind != .certificateRefused && error.kind != .badURL
        case .status(let status): status.code >= 500 || !status.isFromAPIServer && status.code == 429
        case .credential, .unsound, .answer: false
        }
    }

    package var description: String {
        switch cause {
        case .transport(let error): "\(request): \(error)"
        case .status(let status): "\(request): the API server answered \(status)"
        case .credential(let text): "\(request) was not sent: no credential: \(text)"
        case .answer(let text): "\(request): the answer was not understood: \(text)"
        case .unsound(let text): "\(request) was not sent: \(text)"
        }
    }
}
