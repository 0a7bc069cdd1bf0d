package import Preflight
package import SecretRewrite
import Text
package import YAML

/// Who is to hold the rights.
package enum RoleSubject: Sendable, Hashable {
    case user(String)
    case group(String)
    case serviceAccount(namespace: String, name: String)

    /// A service account as people write it: NAMESPACE/NAME.
    package static func serviceAccount(_ text: String) throws(RoleProblem) -> RoleSubject {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, isDNSLabel(parts[0]),
            parts[1].split(separator: ".", omittingEmptySubsequences: false)
                .allSatisfy({ isDNSLabel(String($0)) }), parts[1].utf8.count <= 253
        else { throw RoleProblem("a service account is NAMESPACE/NAME, not '\(text)'") }
        return .serviceAccount(namespace: parts[0], name: parts[1])
    }

    /// Users and groups have whatever names the authenticators of a cluster give them, but none that cannot be seen.
    package func checked() throws(RoleProblem) -> RoleSubject {
        switch self {
        case .user(let name), .group(let name):
            guard !name.isEmpty, name.printable(limit: .max) == name, name.utf8.count <= 1024 else {
                throw RoleProblem(
                    "the name of a user or group is empty, too long or holds characters that cannot be seen")
            }
        case .serviceAccount: break
        }
        return self
    }

    private static func isDNSLabel(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        return (1...63).contains(text.utf8.count) && isPlain && !text.hasPrefix("-") && !text.hasSuffix("-")
    }

    fileprivate var node: YAMLNode {
        let group: [(String, YAMLNode)] = [("apiGroup", .string(RoleManifest.group))]
        switch self {
        case .user(let name): return .mapping(group + [("kind", .string("User")), ("name", .string(name))])
        case .group(let name): return .mapping(group + [("kind", .string("Group")), ("name", .string(name))])
        case .serviceAccount(let namespace, let name):
            return .mapping([
                ("kind", .string("ServiceAccount")), ("name", .string(name)), ("namespace", .string(namespace)),
            ])
        }
    }
}

/// What was asked for cannot be written.
package struct RoleProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The manifests that give the rights of a use: what `kubectl apply --filename -` takes.
package struct RoleManifest: Sendable {
    static let group = "rbac.authorization.k8s.io"

    package let use: RightsUse
    package let engine: RewriteEngine
    package let subjects: [RoleSubject]
    package let neededOnly: Bool

    package init(
        for use: RightsUse, engine: RewriteEngine = .auto, subjects: [RoleSubject] = [], neededOnly: Bool = false
    ) {
        self.use = use
        self.engine = engine
        self.subjects = subjects
        self.neededOnly = neededOnly
    }

    /// Of roles and bindings alike, in the cluster and in Azure.
    package static func name(_ use: RightsUse) -> String { "kms-vault-\(use.rawValue)" }

    /// The documents, with a comment on each rule. A Role holds what is about one namespace.
    package func text() throws(YAMLError) -> String {
        let rights = KubernetesRight.all(with: engine).of(use, neededOnly: neededOnly)
        let namespaces = Set(rights.compactMap(\.namespace)).sorted()
        var documents = [try role(rights.filter { $0.namespace == nil }, in: nil)]
        for namespace in namespaces {
            documents.append(try role(rights.filter { $0.namespace == namespace }, in: namespace))
        }
        if !subjects.isEmpty {
            documents.append(try binding(in: nil))
            for namespace in namespaces { documents.append(try binding(in: namespace)) }
        }
        let commands = use.commands.joined(separator: ", ")
        return "# The rights that kubectl kms-vault needs for: \(commands).\n" + documents.joined(separator: "---\n")
    }

    private func role(_ rights: [KubernetesRight], in namespace: String?) throws(YAMLError) -> String {
        var text = try yamlText(from: .mapping(head(namespace == nil ? "ClusterRole" : "Role", namespace))) + "rules:\n"
        for right in rights {
            let need = right.need(of: use) == .needed ? "Needed" : "Optional"
            text += "# \(need): \(right.why).\n" + (try yamlText(from: .sequence([rule(right)])))
        }
        return text
    }

    private func head(_ kind: String, _ namespace: String?) -> [(String, YAMLNode)] {
        let place: [(String, YAMLNode)] = namespace.map { [("namespace", .string($0))] } ?? []
        return [
            ("apiVersion", .string(Self.group + "/v1")), ("kind", .string(kind)),
            ("metadata", .mapping([("name", .string(Self.name(use)))] + place)),
        ]
    }

    private func rule(_ right: KubernetesRight) -> YAMLNode {
        func list(_ items: [String]) -> YAMLNode { .sequence(items.map(YAMLNode.string)) }
        switch right.object {
        case .path(let path): return .mapping([("nonResourceURLs", list([path])), ("verbs", list(right.verbs))])
        case .resource(let resource, let group, _, let name):
            let names = name.isEmpty ? [] : [("resourceNames", list([name]))]
            return .mapping(
                [("apiGroups", list([group])), ("resources", list([resource]))] + names
                    + [("verbs", list(right.verbs))])
        }
    }

    private func binding(in namespace: String?) throws(YAMLError) -> String {
        let kind = namespace == nil ? "ClusterRole" : "Role"
        return try yamlText(
            from: .mapping(
                head(kind + "Binding", namespace) + [
                    (
                        "roleRef",
                        .mapping([
                            ("apiGroup", .string(Self.group)), ("kind", .string(kind)),
                            ("name", .string(Self.name(use))),
                        ])
                    ), ("subjects", .sequence(subjects.map(\.node))),
                ]))
    }
}
