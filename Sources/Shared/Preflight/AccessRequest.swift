/// One question about a right in the cluster, as a SelfSubjectAccessReview asks it (authorization.k8s.io/v1,
/// ResourceAttributes). An empty name or namespace means all.
package struct AccessRequest: Sendable, Hashable {
    package var verb: String
    package var group: String
    package var resource: String
    package var namespace: String
    package var name: String

    package init(verb: String, group: String = "", resource: String, namespace: String = "", name: String = "") {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.namespace = namespace
        self.name = name
    }
}

extension AccessRequest {
    /// In words, for a list of what is missing.
    var text: String {
        let kind = (group.isEmpty ? resource : "\(resource).\(group)") + (name.isEmpty ? "" : "/\(name)")
        if resource == "namespaces", !name.isEmpty { return "\(verb) \(kind)" }
        return "\(verb) \(kind) \(namespace.isEmpty ? "in all namespaces" : "in \(namespace)")"
    }
}
