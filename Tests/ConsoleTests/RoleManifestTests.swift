import Foundation
import JSON
import Preflight
import SecretRewrite
import Testing
import YAML

@testable import Console

private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// The documents of a text, as any reader of YAML splits them.
private func documents(_ text: String) throws -> [YAMLNode] {
    try text.components(separatedBy: "\n---\n").map { try #require(try YAMLNode.parse(Array($0.utf8))) }
}

private func texts(_ node: YAMLNode?) -> [String] { node?.items?.compactMap { $0.scalar?.text } ?? [] }

struct `Printed roles` {
    /// One verb on one thing, as RBAC has it and as the list has it.
    private struct Granted: Hashable {
        var namespace = "", verb = "", group = "", resource = "", name = "", path = ""
    }

    private func granted(_ documents: [YAMLNode]) -> Set<Granted> {
        var all: Set<Granted> = []
        for document in documents {
            let namespace = document["metadata"]?["namespace"]?.scalar?.text ?? ""
            for rule in document["rules"]?.items ?? [] {
                for verb in texts(rule["verbs"]) {
                    all.formUnion(texts(rule["nonResourceURLs"]).map { Granted(verb: verb, path: $0) })
                    for resource in texts(rule["resources"]) {
                        all.insert(
                            Granted(
                                namespace: namespace, verb: verb, group: texts(rule["apiGroups"])[0],
                                resource: resource, name: texts(rule["resourceNames"]).first ?? ""))
                    }
                }
            }
        }
        return all
    }

    @Test func `with the cluster's engine one right more is given, and none less`() throws {
        for use in [RightsUse.switchMode, .rewriteSecrets] {
            let with = granted(try documents(try RoleManifest(for: use, engine: .svm).text()))
            let without = granted(try documents(try RoleManifest(for: use).text()))
            #expect(without.isSubset(of: with))
            #expect(
                with.subtracting(without).map { "\($0.verb) \($0.resource).\($0.group)" }.sorted()
                    == ["create", "delete", "get", "list"].map {
                        "\($0) storageversionmigrations.storagemigration.k8s.io"
                    })
        }
        for use in [RightsUse.status, .preflight, .verify] {
            #expect(try RoleManifest(for: use, engine: .svm).text() == RoleManifest(for: use).text())
        }
    }

    @Test(arguments: RightsUse.allCases, [false, true])
    func `give what the list has, and nothing more`(_ use: RightsUse, _ neededOnly: Bool) throws {
        let text = try RoleManifest(for: use, neededOnly: neededOnly).text()
        var listed: Set<Granted> = []
        for right in KubernetesRight.all.of(use, neededOnly: neededOnly) {
            if case .path(let path) = right.object {
                listed.formUnion(right.verbs.map { Granted(verb: $0, path: path) })
            }
            listed.formUnion(
                right.requests.map {
                    Granted(
                        namespace: $0.resource == "namespaces" ? "" : $0.namespace, verb: $0.verb, group: $0.group,
                        resource: $0.resource, name: $0.name)
                })
        }
        let found = try documents(text)
        #expect(granted(found) == listed)
        // What status needs is not about one namespace.
        let kinds = use == .status && neededOnly ? ["ClusterRole"] : ["ClusterRole", "Role"]
        #expect(found.compactMap { $0["kind"]?.scalar?.text } == kinds)
        #expect(text.contains("# Optional: ") == !(neededOnly || use == .rewriteSecrets))
        #expect(text.utf8.allSatisfy { $0 < 0x7f })
    }

    @Test(arguments: [
        "jane@example.com", "yes", "null", "1", "0x1f", "~", "- a", "a: b", "a #b", "# a", "'", "\"", "a\\nb", "{x}",
        "[x]",
        "*a", "&a", "!a", "%a", "@a", "`a`", "|", ">", "---", "...", "<<", "=", " a ", "O'Brien \"Bo\": #1, {x: y}",
        "https://issuer#sub", "système:ünï", "🔐",
    ])
    func `bind to whatever a user or group is called`(_ name: String) throws {
        let subjects = [try RoleSubject.user(name).checked(), try RoleSubject.group(name).checked()]
        let found = try documents(try RoleManifest(for: .switchMode, subjects: subjects).text())
        let bindings = found.filter { $0["kind"]?.scalar?.text.hasSuffix("Binding") == true }
        #expect(bindings.compactMap { $0["roleRef"]?["kind"]?.scalar?.text } == ["ClusterRole", "Role"])
        for binding in bindings {
            let named = try #require(binding["subjects"]?.items)
            #expect(named.map { $0["name"]?.scalar?.resolved } == [.string(name), .string(name)])
            #expect(named.map { $0["kind"]?.scalar?.text } == ["User", "Group"])
            #expect(binding.entries?.count == 5)
        }
    }

    @Test(arguments: [
        "", "a\nb", "a\r", "a\tb", "a\u{0}b", "\u{1b}[2J", "a\u{202e}b", "a\u{2028}b",
        String(repeating: "a", count: 1025),
    ])
    func `refuse names that nobody can see or have`(_ name: String) {
        #expect(throws: RoleProblem.self) { try RoleSubject.user(name).checked() }
        #expect(throws: RoleProblem.self) { try RoleSubject.group(name).checked() }
    }

    @Test(arguments: ["", "a", "a/", "/a", "a/b/c", "A/b", "a/b c", "a/-b", "a b/c", "a/b..c", "a/b\nc"])
    func `refuse what is no service account`(_ text: String) {
        #expect(throws: RoleProblem.self) { try RoleSubject.serviceAccount(text) }
    }

    @Test func `are those of the Job`() throws {
        let job = try String(contentsOfFile: root + "/deploy/base/job.yaml", encoding: .utf8)
        let account = try RoleSubject.serviceAccount("kube-system/kms-vault-switch")
        #expect(job.contains("\n---\n" + (try RoleManifest(for: .switchMode, subjects: [account]).text()) + "---\n"))
    }

    @Test(arguments: RightsUse.allCases)
    func `of Azure hold what az takes`(_ use: RightsUse) throws {
        let role = AzureRoleDefinition(for: use, scopes: ["/subscriptions/x", "/subscriptions/y"])
        let document = try JSONValue(parsing: Array(role.text.utf8))
        let onData: Set<String> = use == .rotate ? ["DataActions", "NotDataActions"] : []
        #expect(
            Set(try #require(document.object).keys)
                == onData.union(["Name", "IsCustom", "Description", "Actions", "NotActions", "AssignableScopes"]))
        #expect(
            document["DataActions"]
                == (use == .rotate ? .array([.string("Microsoft.KeyVault/vaults/keys/rotate/action")]) : nil))
        #expect(document["IsCustom"] == .bool(true))
        #expect(document["AssignableScopes"]?.array?.count == 2)
        let actions = document["Actions"]?.array?.compactMap(\.string) ?? []
        #expect(Set(actions) == Set(AzureRight.all.of(use).filter { !$0.isOnData }.map(\.action)))
        let changes: Set<RightsUse> = [.switchMode, .rotate, .migrate]
        #expect(actions.contains { $0.hasSuffix("/write") } == changes.contains(use))
    }
}
