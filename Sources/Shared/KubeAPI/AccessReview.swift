import HTTP
import JSON
package import Preflight
import Text

/// Whether the API server would allow something. Some authorizers cannot tell beforehand: then nothing is known.
package enum AccessVerdict: Sendable, Hashable {
    case allowed
    case refused(reason: String)
    case unknown(reason: String)
}

extension KubeClient {
    /// Asks the API server whether we have a right (SelfSubjectAccessReview, authorization.k8s.io/v1).
    package func review(_ right: AccessRequest) async throws(KubeError) -> AccessVerdict {
        var attributes: [String: JSONValue] = [
            "verb": .string(right.verb), "group": .string(right.group), "resource": .string(right.resource),
        ]
        if !right.namespace.isEmpty { attributes["namespace"] = .string(right.namespace) }
        if !right.name.isEmpty { attributes["name"] = .string(right.name) }
        var request = KubeRequest(.post, ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"])
        request.contentType = MediaType.json
        // A review stores nothing.
        request.isRepeatable = true
        request.body = JSONValue.object([
            "apiVersion": .string("authorization.k8s.io/v1"), "kind": .string("SelfSubjectAccessReview"),
            "spec": .object(["resourceAttributes": .object(attributes)]),
        ]).bytes()
        let status = try await json(request)["status"]
        guard let allowed = status?["allowed"]?.bool else {
            throw KubeError(request, .answer("it has no verdict"))
        }
        if allowed { return .allowed }
        let reason = (status?["reason"]?.string ?? "").onOneLine()
        if let trouble = status?["evaluationError"]?.string, status?["denied"]?.bool != true {
            return .unknown(reason: trouble.onOneLine())
        }
        return .refused(reason: reason)
    }
}
