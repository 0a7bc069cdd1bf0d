import FoundationEssentials
import HTTP
import Text

/// Every request about Secrets that this project sends. Each asks for a Table without objects, so that nothing of a
/// Secret but its name, type, size and version can come back; none sends any Secret's content.
///
/// `includeObject=None` is decoded from the query whatever the verb is (kubernetes/apiserver,
/// pkg/endpoints/handlers/response.go, `optionsForTransform`).
package enum SecretRequests {
    /// The manager that the API server may record for our writes; it names nobody else's fields.
    package static let fieldManager = "kubectl-kms-vault"

    /// How `{}` is sent. A merge patch does the same, but costs the server about a quarter more for Secrets of 100 KiB.
    package static let patchType = MediaType.strategicMergePatch

    /// One page of a namespace's Secrets.
    package static func list(namespace: String, limit: Int, token: String?) -> KubeRequest {
        page(["api", "v1", "namespaces", namespace, "secrets"], limit: limit, token: token)
    }

    /// All of a namespace's Secrets at this revision or a later one, from the API server's watch cache.
    ///
    /// Without a limit, such a list is served from the cache, which holds the objects decrypted (kubernetes/apiserver,
    /// pkg/storage/cacher/cacher.go, `shouldDelegateList`, since 1.19). A cache that does not come to that revision
    /// within three seconds answers 504, "Too large resource version" (watch_cache.go, `waitUntilFreshAndBlock`).
    /// Before 1.27 the list is in no order.
    package static func wholeList(namespace: String, notOlderThan revision: Int64) -> KubeRequest {
        list(
            ["api", "v1", "namespaces", namespace, "secrets"],
            [
                .init(name: "resourceVersion", value: String(revision)),
                .init(name: "resourceVersionMatch", value: "NotOlderThan"),
            ])
    }

    /// The first Secret of the cluster; what remains after it is the count.
    package static func count() -> KubeRequest {
        page(["api", "v1", "secrets"], limit: 1, token: nil)
    }

    /// The patch that changes nothing.
    package static func touch(
        _ name: String, in namespace: String, dryRun: Bool, patchType: String = patchType
    ) -> KubeRequest {
        var request = KubeRequest(.patch, ["api", "v1", "namespaces", namespace, "secrets", name])
        request.query = tableQuery + [.init(name: "fieldManager", value: fieldManager)]
        if dryRun { request.query.append(.init(name: "dryRun", value: "All")) }
        request.accept = MediaType.table
        request.contentType = patchType
        request.body = Array("{}".utf8)
        request.isRepeatable = true
        request.maximumBodyBytes = 256 << 10
        return request
    }

    /// The patch that changes nothing, at the version that was seen: after another writer it is refused with 409.
    ///
    /// The version is checked before the stored bytes are compared, and is no part of them, so that a stale probe is
    /// written and a current one is not, as by `{}` (kubernetes/apiserver, pkg/registry/generic/registry/store.go,
    /// `Update`; pkg/storage/etcd3/store.go, `GuaranteedUpdate` and `PrepareObjectForStorage`).
    package static func touchProbe(_ name: String, in namespace: String, at resourceVersion: Int64) -> KubeRequest {
        var request = touch(name, in: namespace, dryRun: false)
        request.body = Array("{\"metadata\":{\"resourceVersion\":\"\(resourceVersion)\"}}".utf8)
        return request
    }

    /// Reads the metadata of a probe of ours, which holds no data.
    package static func viewProbe(_ name: String, in namespace: String) -> KubeRequest {
        var request = KubeRequest(.get, ["api", "v1", "namespaces", namespace, "secrets", name])
        request.accept = MediaType.partialMetadata
        request.maximumBodyBytes = 2 << 20
        return request
    }

    /// A probe: a Secret of ours that holds no data.
    package static func createProbe(_ name: String, in namespace: String, labels: [String: String]) -> KubeRequest {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
        let metadata = "{\"name\":\(quoted(name)),\"labels\":{\(pairs.joined(separator: ","))}}"
        var request = KubeRequest(.post, ["api", "v1", "namespaces", namespace, "secrets"])
        request.query = tableQuery + [.init(name: "fieldManager", value: fieldManager)]
        request.accept = MediaType.table
        request.contentType = MediaType.json
        request.body = Array("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":\(metadata)}".utf8)
        return request
    }

    /// Sets an annotation of a probe: a real write, whatever the storage's state.
    package static func annotateProbe(_ name: String, in namespace: String, key: String, value: String) -> KubeRequest {
        var request = touch(name, in: namespace, dryRun: false, patchType: MediaType.mergePatch)
        request.body = Array("{\"metadata\":{\"annotations\":{\(quoted(key)):\(quoted(value))}}}".utf8)
        return request
    }

    /// Deletes a probe if it is still at the version that we have seen, so that nothing of others is ever deleted.
    package static func deleteProbe(_ name: String, in namespace: String, resourceVersion: Int64) -> KubeRequest {
        var request = KubeRequest(.delete, ["api", "v1", "namespaces", namespace, "secrets", name])
        request.query = tableQuery
        request.accept = MediaType.table
        request.contentType = MediaType.json
        let preconditions = "{\"resourceVersion\":\"\(resourceVersion)\"}"
        request.body = Array(
            "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":\(preconditions)}".utf8)
        return request
    }

    /// The metadata that a Table request needs beside its Accept header.
    static let tableQuery = [KubeRequest.Parameter(name: "includeObject", value: "None")]

    static func page(_ path: [String], limit: Int, token: String?) -> KubeRequest {
        var query = [KubeRequest.Parameter(name: "limit", value: String(limit))]
        if let token { query.append(.init(name: "continue", value: token)) }
        return list(path, query)
    }

    private static func list(_ path: [String], _ query: [KubeRequest.Parameter]) -> KubeRequest {
        var request = KubeRequest(.get, path)
        request.query = tableQuery + query
        request.accept = MediaType.table
        request.timeout = 70
        return request
    }

    /// A token that begins after a name, at the newest state. Tokens are opaque to clients; this form has been the same
    /// since Kubernetes 1.11 (kubernetes/apiserver, pkg/storage/continue.go). It is used only where a Secret that
    /// cannot be decrypted bars the way of every page, and a server that refuses it leaves us where we were.
    static func token(after name: String) -> String {
        let json = "{\"v\":\"meta.k8s.io/v1\",\"rv\":-1,\"start\":\"\(name)\\u0000\"}"
        return Data(json.utf8).base64EncodedString().filter { $0 != "=" }
            .replacing("+", with: "-").replacing("/", with: "_")
    }

    /// A JSON string. What is quoted here is ours: names, labels and annotations of probes.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                result += "\\u" + hexadecimal(scalar.value, digits: 4)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
