/// The documents that tell clients what is served.
struct Discovery: Sendable {
    let version: String
    /// Whether storagemigration.k8s.io is among the groups.
    var servesMigrations = false

    private var groups: [(name: String, version: String)] {
        let all = [
            ("coordination.k8s.io", "v1"), ("admissionregistration.k8s.io", "v1"), ("authorization.k8s.io", "v1"),
            ("authentication.k8s.io", "v1"),
        ]
        return servesMigrations ? all + [("storagemigration.k8s.io", "v1")] : all
    }

    /// The document at a path, or nil when there is none.
    func document(path: String) -> JSON? {
        switch path {
        case "/version": return versionDocument
        case "/api": return ["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []]
        case "/apis":
            return ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map(Self.group))]
        case "/api/v1": return Self.resources(group: "", version: "v1")
        case "/openapi/v3": return openAPIIndex
        case "/openapi/v3/api/v1": return Self.openAPI(group: "", version: "v1")
        default: return groupDocument(path: path)
        }
    }

    private func groupDocument(path: String) -> JSON? {
        for group in groups {
            switch path {
            case "/apis/\(group.name)":
                var document = Self.group(group)
                document["kind"] = "APIGroup"
                document["apiVersion"] = "v1"
                return document
            case "/apis/\(group.name)/\(group.version)":
                return Self.resources(group: group.name, version: group.version)
            case "/openapi/v3/apis/\(group.name)/\(group.version)":
                return Self.openAPI(group: group.name, version: group.version)
            default: continue
            }
        }
        return nil
    }

    private var versionDocument: JSON {
        let parts = version.dropFirst().split(separator: ".").map(String.init)
        return [
            "major": .string(parts.first ?? "1"), "minor": .string(parts.dropFirst().first ?? "0"),
            "gitVersion": .string(version), "gitCommit": "", "gitTreeState": "clean",
            "buildDate": "2025-06-17T00:00:00Z", "goVersion": "go1.23.10", "compiler": "gc", "platform": "linux/amd64",
        ]
    }

    private static func group(_ group: (name: String, version: String)) -> JSON {
        let version: JSON = [
            "groupVersion": .string("\(group.name)/\(group.version)"), "version": .string(group.version),
        ]
        return ["name": .string(group.name), "versions": [version], "preferredVersion": version]
    }

    private static func verbs(of kind: ResourceKind) -> [JSON] {
        let all: [JSON] = ["create", "delete", "get", "list", "patch", "update"]
        return kind == .storageVersionMigrations ? all + ["watch"] : all
    }

    private static func resources(group: String, version: String) -> JSON {
        var resources = ResourceKind.all.filter { $0.group == group && $0.version == version }.map { kind -> JSON in
            [
                "name": .string(kind.plural), "singularName": .string(kind.kind.lowercased()),
                "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.kind),
                "verbs": .array(verbs(of: kind)),
                "shortNames": .array(kind.shortNames.map { .string($0) }),
            ]
        }
        if group == "authorization.k8s.io" {
            resources = [
                [
                    "name": "selfsubjectaccessreviews", "singularName": "selfsubjectaccessreview", "namespaced": false,
                    "kind": "SelfSubjectAccessReview", "verbs": ["create"],
                ]
            ]
        }
        if group == "authentication.k8s.io" {
            resources = [
                [
                    "name": "selfsubjectreviews", "singularName": "selfsubjectreview", "namespaced": false,
                    "kind": "SelfSubjectReview", "verbs": ["create"],
                ]
            ]
        }
        return [
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"), "resources": .array(resources),
        ]
    }

    private var openAPIIndex: JSON {
        var paths: [String: JSON] = ["api/v1": ["serverRelativeURL": "/openapi/v3/api/v1"]]
        for group in groups {
            let path = "apis/\(group.name)/\(group.version)"
            paths[path] = ["serverRelativeURL": .string("/openapi/v3/" + path)]
        }
        return ["paths": .object(paths)]
    }

    /// As much as kubectl reads to learn that the server validates fields itself.
    private static func openAPI(group: String, version: String) -> JSON {
        var paths: [String: JSON] = [:]
        for kind in ResourceKind.all where kind.group == group && kind.version == version {
            let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
            let path = root + (kind.isNamespaced ? "/namespaces/{namespace}" : "") + "/\(kind.plural)/{name}"
            let operation: JSON = [
                "parameters": [
                    ["name": "fieldValidation", "in": "query", "schema": ["type": "string", "uniqueItems": true]],
                    ["name": "dryRun", "in": "query", "schema": ["type": "string", "uniqueItems": true]],
                ],
                "x-kubernetes-group-version-kind": [
                    "group": .string(group), "version": .string(version), "kind": .string(kind.kind),
                ],
            ]
            paths[path] = ["patch": operation]
        }
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "unversioned"], "paths": .object(paths),
            "components": ["schemas": [:]],
        ]
    }
}
