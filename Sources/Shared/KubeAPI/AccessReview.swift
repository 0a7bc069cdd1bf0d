import HTTP
import JSON

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
        let reason = KubeStatus.cut(status?["reason"]?.string ?? "")
        if let trouble = status?["evaluationError"]?.string, status?["denied"]?.bool != true {
            return .unknown(reason: KubeStatus.cut(trouble))
        }
        return .refused(reason: reason)
    }
}

/// An admission webhook, as far as it can concern Secrets.
package struct AdmissionWebhook: Sendable, Hashable {
    /// The object that configures it, and its name there, which is what a denial names.
    package let configuration: String
    package let name: String
    package let isMutating: Bool
    /// Whether updates of Secrets go through it, by its rules alone: selectors and conditions may exempt some.
    package let seesSecretUpdates: Bool
    /// Whether a failure to call it refuses the update.
    package let failsClosed: Bool
    /// Whether a dry run may call it.
    package let allowsDryRun: Bool

    init?(_ json: JSONValue, configuration: String, isMutating: Bool) {
        guard let name = json["name"]?.string else { return nil }
        self.name = KubeStatus.cut(name, to: 253)
        self.configuration = KubeStatus.cut(configuration, to: 253)
        self.isMutating = isMutating
        failsClosed = json["failurePolicy"]?.string != "Ignore"
        allowsDryRun = ["None", "NoneOnDryRun"].contains(json["sideEffects"]?.string ?? "")
        seesSecretUpdates = (json["rules"]?.array ?? []).contains { rule in
            func holds(_ member: String, _ values: Set<String>) -> Bool {
                (rule[member]?.array ?? []).contains { $0.string.map(values.contains) ?? false }
            }
            return holds("apiGroups", ["", "*"]) && holds("resources", ["secrets", "*", "*/*"])
                && holds("operations", ["UPDATE", "*"]) && rule["scope"]?.string != "Cluster"
        }
    }
}

extension KubeClient {
    /// All admission webhooks, in the order of their configurations.
    package func admissionWebhooks() async throws(KubeError) -> [AdmissionWebhook] {
        var webhooks: [AdmissionWebhook] = []
        for (resource, isMutating) in [(KubeResource.mutatingWebhooks, true), (.validatingWebhooks, false)] {
            for configuration in try await list(resource) {
                webhooks += (configuration.json["webhooks"]?.array ?? []).compactMap {
                    AdmissionWebhook($0, configuration: configuration.name, isMutating: isMutating)
                }
            }
        }
        return webhooks
    }
}
