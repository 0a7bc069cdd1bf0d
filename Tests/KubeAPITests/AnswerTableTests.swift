import HTTP
import SecretRewrite
import Testing

@testable import KubeAPI

/// What the API servers of AKS versions 1.27 to 1.37 answer to a list and to the patch, and what that means.
///
/// The sentences are those of k8s.io/apiserver v0.27.16 to v0.36.3 and v0.37.0-beta.0, read at their tags: for storage
/// pkg/storage/etcd3/{store,errors,corrupt_obj_deleter}.go, pkg/storage/errors.go and pkg/storage/cacher/ready.go; for
/// encryption pkg/storage/value/encrypt/{envelope/kmsv2,identity,aes}; for admission
/// pkg/admission/plugin/webhook/errors/statuserror.go, pkg/util/webhook/error.go and pkg/admission/plugin/policy.
struct AnswerRow: Sendable, CustomTestStringConvertible {
    enum Request: Sendable { case list, patch, both }

    let name: String
    /// The minor versions that answer so.
    let versions: ClosedRange<Int>
    let request: Request
    let code: Int
    let reason: String
    let message: String
    var details = "{}"
    var metadata = "{}"
    let expected: String

    var testDescription: String { "\(name), 1.\(versions.lowerBound) to 1.\(versions.upperBound)" }

    func failures() async -> [String] {
        let quoted = message.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        let body = """
            {"kind":"Status","apiVersion":"v1","metadata":\(metadata),"status":"Failure","message":"\(quoted)",
             "reason":"\(reason)","details":\(details),"code":\(code)}
            """
        var seen: [String] = []
        if request != .patch { seen.append(await meaning(.json(body, status: code), list: true)) }
        if request != .list { seen.append(await meaning(.json(body, status: code))) }
        return seen
    }
}

private let internalError = "Internal error occurred: "
private let decryptDEK = "failed to decrypt DEK, error: rpc error: code = "
private let key = "/registry/secrets/a/s"

/// KEP-3926 was alpha, and off, from 1.32; 1.37 has it on.
private let causes = """
    {"name":"list","kind":"secrets","causes":[
     {"reason":"UnexpectedServerResponse","message":"StorageError: corrupt object","field":"/registry/secrets/a/s"},
     {"reason":"UnexpectedServerResponse","message":"StorageError: corrupt object","field":"/registry/secrets/a/t"},
     {"reason":"TooMany","message":"too many errors, the list is truncated"}]}
    """

private let table: [AnswerRow] = [
    // Stored bytes that cannot be decrypted.
    AnswerRow(
        name: "no provider for the bytes, list", versions: 27...36, request: .list, code: 500, reason: "InternalError",
        message: internalError + "unable to transform key \"\(key)\": no matching prefix found",
        expected: "undecryptable \(key)"),
    AnswerRow(
        name: "no provider for the bytes, patch", versions: 27...36, request: .patch, code: 500,
        reason: "InternalError", message: internalError + "no matching prefix found", expected: "undecryptable -"),
    AnswerRow(
        name: "KMS off without its key", versions: 27...36, request: .patch, code: 500, reason: "InternalError",
        message: internalError + "identity transformer tried to read encrypted data", expected: "undecryptable -"),
    AnswerRow(
        name: "bytes of another key, list", versions: 27...36, request: .list, code: 500, reason: "InternalError",
        message: internalError + "unable to transform key \"\(key)\": cipher: message authentication failed",
        expected: "undecryptable \(key)"),
    AnswerRow(
        name: "the vault out of reach, list", versions: 27...36, request: .list, code: 500, reason: "InternalError",
        message: internalError + "unable to transform key \"\(key)\": \(decryptDEK)Unavailable desc = dial tcp",
        expected: "undecryptable \(key)"),
    AnswerRow(
        name: "the vault out of reach, patch", versions: 27...36, request: .patch, code: 500, reason: "InternalError",
        message: internalError + decryptDEK + "DeadlineExceeded desc = context deadline exceeded",
        expected: "undecryptable -"),
    AnswerRow(
        name: "aggregated list", versions: 32...36, request: .list, code: 500, reason: "StorageReadError",
        message: "failed to read one or more secrets from the storage", details: causes,
        expected: "undecryptable \(key) /registry/secrets/a/t"),
    AnswerRow(
        name: "aggregated list with the first cause", versions: 37...37, request: .list, code: 500,
        reason: "StorageReadError",
        message: "failed to read one or more secrets from the storage: StorageError: corrupt object, Code: 7, "
            + "Key: \(key), ResourceVersion: 0, AdditionalErrorMsg: data from the storage is not transformable "
            + "revision=0: \(decryptDEK)Unavailable desc = dial tcp (and 1 more)",
        details: causes, expected: "undecryptable \(key) /registry/secrets/a/t"),
    AnswerRow(
        name: "a list flattened to text", versions: 37...37, request: .list, code: 500, reason: "InternalError",
        message: internalError + "unable to transform or decode 2 objects: {\n\tStorageError: corrupt object, Code: 7, "
            + "Key: \(key), ResourceVersion: 0, AdditionalErrorMsg: data from the storage is not transformable\n}",
        expected: "undecryptable \(key)"),
    AnswerRow(
        name: "corrupt object, get", versions: 32...37, request: .patch, code: 500, reason: "InternalError",
        message: internalError + "StorageError: corrupt object, Code: 7, Key: \(key), ResourceVersion: 0, "
            + "AdditionalErrorMsg: data from the storage is not transformable revision=5: rpc error: code = Unknown",
        expected: "undecryptable \(key)"),
    AnswerRow(
        name: "not transformable, patch", versions: 32...37, request: .patch, code: 500, reason: "InternalError",
        message: internalError + "data from the storage is not transformable revision=0: rpc error: code = Unknown",
        expected: "undecryptable -"),
    AnswerRow(
        name: "the cache cannot fill itself", versions: 34...37, request: .list, code: 429, reason: "TooManyRequests",
        message: "storage is (re)initializing: unable to transform key \"\(key)\": no matching prefix found",
        details: #"{"retryAfterSeconds":1}"#, expected: "undecryptable \(key)"),
    // Encryption.
    AnswerRow(
        name: "the key service does not encrypt", versions: 27...37, request: .patch, code: 500,
        reason: "InternalError", message: internalError + "failed to encrypt DEK, error: rpc error: code = Unknown",
        expected: "encrypt failed"),
    AnswerRow(
        name: "the data key has expired", versions: 27...27, request: .patch, code: 500, reason: "InternalError",
        message: internalError + "EDEK with keyID \"1\" expired at 2026-01-01 (current time is 2026-01-02)",
        expected: "encrypt failed"),
    AnswerRow(
        name: "the data key has expired", versions: 28...37, request: .patch, code: 500, reason: "InternalError",
        message: internalError + "encryptedDEKSource with keyID hash \"sha256:1\" expired at 2026-01-01",
        expected: "encrypt failed"),
    // Admission.
    AnswerRow(
        name: "a webhook denies", versions: 27...37, request: .patch, code: 403, reason: "Forbidden",
        message: "admission webhook \"h.example\" denied the request: no", expected: "denied h.example"),
    AnswerRow(
        name: "a webhook denies without a word", versions: 27...37, request: .patch, code: 400, reason: "",
        message: "admission webhook \"h.example\" denied the request without explanation",
        expected: "denied h.example"),
    AnswerRow(
        name: "a webhook that denies and speaks of time-outs", versions: 27...37, request: .patch, code: 500,
        reason: "InternalError",
        message: "admission webhook \"h.example\" denied the request: failed calling webhook \"x\": context deadline "
            + "exceeded", expected: "denied h.example"),
    AnswerRow(
        name: "a webhook's time-out", versions: 27...37, request: .patch, code: 500, reason: "InternalError",
        message: internalError + "failed calling webhook \"h.example\": failed to call webhook: Post "
            + "\"https://h.ns.svc:443/?timeout=10s\": context deadline exceeded", expected: "webhook away h.example"),
    AnswerRow(
        name: "a webhook without endpoints", versions: 27...37, request: .patch, code: 500, reason: "InternalError",
        message: internalError + "failed calling webhook \"h.example\": failed to call webhook: Post "
            + "\"https://h.ns.svc:443/?timeout=10s\": no endpoints available for service \"h\"",
        expected: "webhook away h.example"),
    AnswerRow(
        name: "a webhook that refuses connections", versions: 27...37, request: .patch, code: 500,
        reason: "InternalError",
        message: internalError + "failed calling webhook \"h.example\": failed to call webhook: Post "
            + "\"https://h.ns.svc:443/?timeout=10s\": dial tcp 10.0.0.1:443: connect: connection refused",
        expected: "webhook away h.example"),
    AnswerRow(
        name: "a ValidatingAdmissionPolicy", versions: 27...37, request: .patch, code: 422, reason: "Invalid",
        message: "secrets \"s\" is forbidden: ValidatingAdmissionPolicy 'freeze' with binding 'b' denied request: no",
        expected: "denied freeze"),
    AnswerRow(
        name: "a ValidatingAdmissionPolicy, forbidden", versions: 27...37, request: .patch, code: 403,
        reason: "Forbidden",
        message: "secrets \"s\" is forbidden: ValidatingAdmissionPolicy 'freeze' denied request: no",
        expected: "denied freeze"),
    AnswerRow(
        name: "a MutatingAdmissionPolicy", versions: 32...37, request: .patch, code: 422, reason: "Invalid",
        message: "secrets \"s\" is forbidden: policy 'stamp' with binding 'b' denied request: no",
        expected: "denied stamp"),
    // The object, the user, the list.
    AnswerRow(
        name: "an object that is not valid today", versions: 27...37, request: .patch, code: 422, reason: "Invalid",
        message: "Secret \"s\" is invalid: type: Invalid value", details: #"{"causes":[{"field":"type"}]}"#,
        expected: "invalid type"),
    AnswerRow(
        name: "no right", versions: 27...37, request: .patch, code: 403, reason: "Forbidden",
        message: "secrets \"s\" is forbidden: User \"u\" cannot patch resource \"secrets\" in API group \"\"",
        expected: "forbidden"),
    AnswerRow(
        name: "no right, list", versions: 27...37, request: .list, code: 403, reason: "Forbidden",
        message: "secrets is forbidden: User \"u\" cannot list resource \"secrets\" in API group \"\"",
        expected: "forbidden"),
    AnswerRow(
        name: "a token that is too old", versions: 27...37, request: .list, code: 410, reason: "Expired",
        message: "The provided continue parameter is too old to display a consistent list result.",
        metadata: #"{"continue":"next"}"#, expected: "expired next"),
    // The server is busy, or away for a moment.
    AnswerRow(
        name: "priority and fairness", versions: 27...37, request: .both, code: 429, reason: "TooManyRequests",
        message: "Too many requests, please try again later.", details: #"{"retryAfterSeconds":1}"#,
        expected: "busy 1.0"),
    AnswerRow(
        name: "storage is filling its cache", versions: 31...37, request: .list, code: 429, reason: "TooManyRequests",
        message: "storage is (re)initializing", details: #"{"retryAfterSeconds":1}"#, expected: "busy 1.0"),
    AnswerRow(
        name: "shutting down", versions: 27...37, request: .both, code: 503, reason: "ServiceUnavailable",
        message: "apiserver is shutting down.", expected: "busy -1.0"),
    AnswerRow(
        name: "a request that takes too long", versions: 27...37, request: .both, code: 504, reason: "Timeout",
        message: "Timeout: request did not complete within the allotted timeout", expected: "busy -1.0"),
    AnswerRow(
        name: "etcd elects a leader", versions: 27...37, request: .both, code: 500, reason: "InternalError",
        message: internalError + "etcdserver: leader changed", expected: "busy -1.0"),
    AnswerRow(
        name: "etcd has no leader", versions: 27...37, request: .both, code: 500, reason: "",
        message: "etcdserver: no leader", expected: "busy -1.0"),
    AnswerRow(
        name: "etcd takes too long", versions: 27...37, request: .both, code: 500, reason: "",
        message: "etcdserver: request timed out, possibly due to previous leader failure", expected: "busy -1.0"),
    AnswerRow(
        name: "etcd takes longer than the request may", versions: 27...37, request: .both, code: 500, reason: "",
        message: "context deadline exceeded", expected: "busy -1.0"),
    AnswerRow(
        name: "the server is out of time", versions: 27...37, request: .both, code: 500, reason: "InternalError",
        message: "the server was unable to return a response in the time allotted, but may still be processing",
        expected: "busy -1.0"),
    AnswerRow(
        name: "etcd is away", versions: 27...37, request: .both, code: 500, reason: "",
        message: "rpc error: code = Unavailable desc = error reading from server: EOF", expected: "busy -1.0"),
    // Not of a moment: trying again does not help.
    AnswerRow(
        name: "etcd is full", versions: 27...37, request: .patch, code: 500, reason: "",
        message: "etcdserver: mvcc: database space exceeded", expected: "other 500 "),
]

@Test(arguments: table)
func `each answer of AKS versions 1.27 to 1.37 has its meaning`(_ row: AnswerRow) async {
    for seen in await row.failures() { #expect(seen == row.expected) }
}

@Test(arguments: 27...37)
func `every version has a row for each kind of answer`(_ minor: Int) async {
    var kinds: Set<Substring> = []
    for row in table where row.versions.contains(minor) {
        kinds.formUnion(await row.failures().compactMap { $0.split(separator: " ").first })
    }
    let all: Set<Substring> = [
        "undecryptable", "encrypt", "denied", "webhook", "invalid", "forbidden", "expired", "busy",
    ]
    #expect(kinds.isSuperset(of: all), "1.\(minor) lacks \(all.subtracting(kinds))")
}
