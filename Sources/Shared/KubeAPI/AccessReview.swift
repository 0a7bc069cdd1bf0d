import HTTP
import JSON
import Text

/// A right to do something with a kind of object.
package struct KubeRight: Sendable, Hashable, CustomStringConvertible {
    package var verb: String
    package var group: String
    package var resource: String
    /// Nil for all namespaces.
    package var namespace: String?
    package var name: String?

    package init(_ verb: String, _ resource: String, group: String = "", namespace: String? = nil, name: String? = nil)
    {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.namespace = namespace
        self.name = name
    }

    package var description: String {
        let kind = group.isEmpty ? resource : "\(resource).\(group)"
        let place = namespace.map { "in the namespace \($0)" } ?? "in all namespaces"
        return "\(verb) \(kind)\(name.map { "/\($0)" } ?? "") \(place)"
    }
}

/// Whether the API server would allow something. Some authorizers cannot tell beforehand: then nothing is known.
package enum AccessVerdict: Sendable, Hashable {
    case allowed
    case refused(reason: String)
    case unknown(reason: String)
}

extension KubeClient {
    /// Asks the API server whether we have a right (SelfSubjectAccessReview, authorization.k8s.io/v1).
    package func review(_ right: KubeRight) async throws(KubeError) -> AccessVerdict {
        var attributes: [String: JSONValue] = [
            "verb": .string(right.verb), "group": .string(right.group), "resource": .string(right.resource),
        ]
        if let namespace = right.namespace { attributes["namespace"] = .string(namespace) }
        if let name = right.name { attributes["name"] = .string(name) }
        return try await review(["resourceAttributes": .object(attributes)])
    }

    /// The same for a path that is no object, as `/metrics`.
    package func review(path: String, verb: String = "get") async throws(KubeError) -> AccessVerdict {
        try await review(["nonResourceAttributes": .object(["path": .string(path), "verb": .string(verb)])])
    }

    private func review(_ spec: [String: JSONValue]) async throws(KubeError) -> AccessVerdict {
        var request = KubeRequest(.post, ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"])
        request.contentType = MediaType.json
        // A review stores nothing.
        request.isRepeatable = true
        request.body = JSONValue.object([
            "apiVersion": .string("authorization.k8s.io/v1"), "kind": .string("SelfSubjectAccessReview"),
            "spec": .object(spec),
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
