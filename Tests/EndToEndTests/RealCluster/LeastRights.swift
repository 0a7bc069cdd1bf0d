import Foundation
import JSON
import SystemRig
import Testing

/// A user of the cluster and a principal of Azure that have what `rbac` prints, and nothing else.
struct LeastRights: Sendable {
    let sandbox: SandboxProcess
    /// Signed in to Azure as the principal without other roles.
    let plugin: Plugin
    let manifest: JSONValue
    let definition: JSONValue
    private let azure: AzureClient
    private let admin: [String]
    private static let role = "5c8f9d10-0001-4a00-8000-000000000001"
    private let user: String
    /// Names that YAML would take for something else, or that would end a scalar.
    static let others = ["yes", "0x1f", "a: b #c", "O'Brien \"Bo\"", "- {x: [y]}", "*a", "---", "https://issuer#süb"]

    /// Prints and gives the rights: `more` goes to both forms of `rbac`. A cluster's users keep theirs; the principal
    /// of Azure has only the newest.
    init(
        _ sandbox: SandboxProcess, _ owner: Plugin, for use: String = "switch", _ more: [String] = []
    ) async throws {
        self.sandbox = sandbox
        user = "least-" + use
        let more = ["--for", use] + more
        admin = ["--context", sandbox.cluster + "-admin"]
        azure = try await AzureClient(sandbox)
        var least = owner
        least.environment["AZURE_CONFIG_DIR"] = sandbox.variables["LEAST_AZURE_CONFIG_DIR"]
        plugin = least
        let printed = try await owner.run(
            ["rbac", "--user", user] + Self.others.map { "--group=\($0)" } + more)
        try #require(printed.exitCode == 0, "\(printed)")
        let file = sandbox.folder + "/rbac.yaml"
        try Data(printed.output.utf8).write(to: URL(fileURLWithPath: file))
        // Before it is there: afterwards it would hold the version that it had.
        manifest = try #require(
            try await owner.kubectl(admin + ["apply", "-f", file, "--dry-run=client", "-o", "json"]).json)
        let applied = try await owner.kubectl(admin + ["apply", "-f", file])
        try #require(applied.exitCode == 0, "\(applied)")
        let subscription = sandbox.variables["SUBSCRIPTION_ID"] ?? ""
        definition = try #require(try await owner.run(["rbac", "--azure", "--subscription", subscription] + more).json)
        try await azure.put(role: Self.role, definition)
        try await azure.assign(role: Self.role, as: Self.role)
    }

    func switchToPrivate() async throws -> Plugin.Result { try await run(["switch", "--private", "--yes"]) }

    func run(_ command: [String]) async throws -> Plugin.Result {
        try await plugin.run(command + ["-o", "json", "--as", user] + plugin.target + admin)
    }

    // MARK: Kubernetes

    /// One verb of one rule of the printed roles.
    struct Verb: CustomStringConvertible {
        let document: Int
        let rule: Int
        let verb: String
        let resource: String
        var description: String { "\(verb) \(resource)" }
    }

    /// Each verb that the printed roles give, but those on paths.
    var verbs: [Verb] {
        (manifest["items"]?.array ?? []).enumerated().flatMap { document, item in
            (item["rules"]?.array ?? []).enumerated().flatMap { index, rule -> [Verb] in
                let resources = (rule["resources"]?.array ?? []).compactMap(\.string)
                return (rule["verbs"]?.array ?? []).compactMap(\.string).flatMap { verb in
                    resources.map { Verb(document: document, rule: index, verb: verb, resource: $0) }
                }
            }
        }
    }

    /// Of each binding, as kubectl reads it.
    var groups: [[String]] {
        (manifest["items"]?.array ?? []).compactMap { $0["subjects"]?.array }.map { subjects in
            subjects.filter { $0["kind"]?.string == "Group" }.compactMap { $0["name"]?.string }
        }
    }

    func takeAway(_ verb: Verb) async throws {
        var items = manifest["items"]?.array ?? []
        var rules = items[verb.document]["rules"]?.array ?? []
        let left = (rules[verb.rule]["verbs"]?.array ?? []).filter { $0.string != verb.verb }
        // A rule without verbs is none.
        if left.isEmpty { rules.remove(at: verb.rule) } else { rules[verb.rule]["verbs"] = .array(left) }
        items[verb.document]["rules"] = .array(rules)
        try await apply(items)
    }

    func giveBack() async throws {
        try await apply(manifest["items"]?.array ?? [])
        try await azure.put(role: Self.role, definition)
    }

    private func apply(_ items: [JSONValue]) async throws {
        let list: JSONValue = .object([
            "apiVersion": .string("v1"), "kind": .string("List"), "items": .array(items),
        ])
        let file = sandbox.folder + "/rbac.json"
        try Data(list.bytes()).write(to: URL(fileURLWithPath: file))
        let applied = try await plugin.kubectl(admin + ["apply", "-f", file])
        try #require(applied.exitCode == 0, "\(applied)")
        // Each API server learns of it by a watch of its own.
        try await Task.sleep(for: .seconds(1))
    }

    // MARK: Azure

    var actions: [String] { (definition["Actions"]?.array ?? []).compactMap(\.string) }

    func takeAway(_ action: String) async throws {
        var changed = definition
        changed["Actions"] = .array(actions.filter { $0 != action }.map(JSONValue.string))
        try await azure.put(role: Self.role, changed)
    }

    // MARK: What a refusal leaves

    /// The switch refuses, one of the names is in what it says, and nothing has changed in Azure or in the cluster.
    func expectRefusal(
        without right: String, naming names: [String], _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let before = try await stored()
        let result = try await switchToPrivate()
        #expect(result.exitCode == 3, "without \(right): \(result.testDescription)", sourceLocation: location)
        #expect(
            names.contains { result.all.contains($0) }, "without \(right): \(result.testDescription)",
            sourceLocation: location)
        #expect(try await stored() == before, "without \(right)", sourceLocation: location)
        let changes = try await sandbox.writes().filter { $0.hasSuffix("managedClusters") || $0.hasSuffix("vaults") }
        #expect(changes == [], "without \(right)", sourceLocation: location)
    }

    /// Every Secret with its version, and the lock and the record if they are there.
    private func stored() async throws -> String {
        let version =
            "-o=jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {.metadata.resourceVersion}\n{end}"
        let secrets = try await plugin.kubectl(admin + ["get", "secrets", "--all-namespaces", version])
        let ours = try await plugin.kubectl(
            admin + ["get", "leases,configmaps", "-n", "kube-system", "-o", "name"])
        try #require(secrets.exitCode == 0 && ours.exitCode == 0)
        return secrets.output + ours.output.split(separator: "\n").filter { $0.hasSuffix("kms-vault-switch") }.joined()
    }
}
