import HTTP
import JSON
import Text

extension KubeClient {
    /// The user's name as the API server has it (SelfSubjectReview, authentication.k8s.io/v1, Kubernetes 1.28 and
    /// later: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review).
    package func userName() async throws(KubeError) -> String {
        var request = KubeRequest(.post, ["apis", "authentication.k8s.io", "v1", "selfsubjectreviews"])
        request.contentType = MediaType.json
        // A review stores nothing.
        request.isRepeatable = true
        request.body = JSONValue.object([
            "apiVersion": .string("authentication.k8s.io/v1"), "kind": .string("SelfSubjectReview"),
        ]).bytes()
        guard let name = try await json(request)[path: "status", "userInfo", "username"]?.string else {
            throw KubeError(request, .answer("it names no user"))
        }
        return name.onOneLine(limit: 253)
    }
}
