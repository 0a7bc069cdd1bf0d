/// What a request is about.
struct RequestTarget: Sendable {
    var verb: String
    var kind: ResourceKind?
    var namespace: String?
    var name: String?
    var path: String
    var hasContinue: Bool

    /// Reads the path of a resource; `kind` stays nil for all other paths.
    init(_ request: APIRequest) {
        path = request.path
        hasContinue = !(request.query["continue"] ?? "").isEmpty
        var parts = request.path.split(separator: "/").map(String.init)[...]
        var group = ""
        switch parts.popFirst() {
        case "api": break
        case "apis": group = parts.popFirst() ?? ""
        default: parts = []
        }
        let version = parts.popFirst() ?? ""
        if parts.first == "namespaces", parts.count >= 3 {
            namespace = parts[parts.startIndex + 1]
            parts = parts.dropFirst(2)
        }
        let found = parts.popFirst().flatMap { ResourceKind.find(group: group, version: version, plural: $0) }
        name = parts.popFirst()
        // Subresources and namespaced paths of kinds without a namespace are not served.
        kind = parts.isEmpty && (found?.isNamespaced ?? true || namespace == nil) ? found : nil
        verb = request.verb(hasName: name != nil)
    }

    func matches(_ rule: FaultRule) -> Bool {
        if case .expireContinue = rule.action, !hasContinue { return false }
        if case .etcdOutage = rule.action, kind == nil { return false }
        return (rule.verbs?.contains(verb) ?? true)
            && (rule.resource == nil || rule.resource == kind?.plural)
            && (rule.namespace == nil || rule.namespace == namespace)
            && (rule.exceptNamespace == nil || rule.exceptNamespace != namespace)
            && (rule.name == nil || rule.name == name)
    }

    func matches(_ denial: Denial) -> Bool {
        if let path = denial.path { return path == self.path }
        guard let kind else { return false }
        return Self.matches(denial, verb: verb, resource: kind.plural, namespace: namespace)
    }

    static func matches(_ denial: Denial, verb: String, resource: String, namespace: String?) -> Bool {
        denial.path == nil && (denial.verb == nil || denial.verb == verb || verb == "*")
            && (denial.resource == nil || denial.resource == resource || resource == "*")
            && (denial.namespace == nil || denial.namespace == namespace)
    }
}
