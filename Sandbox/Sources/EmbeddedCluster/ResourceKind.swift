/// A kind of object that the cluster stores.
struct ResourceKind: Sendable, Hashable {
    let group: String
    let version: String
    let plural: String
    let kind: String
    let shortNames: [String]
    let isNamespaced: Bool
    /// Where objects live under /registry.
    let storagePrefix: String

    /// The name in messages: `leases.coordination.k8s.io`, but plain `secrets`.
    var qualified: String { group.isEmpty ? plural : "\(plural).\(group)" }
    var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    static let secrets = ResourceKind(
        group: "", version: "v1", plural: "secrets", kind: "Secret", shortNames: [], isNamespaced: true,
        storagePrefix: "/registry/secrets/")
    static let configMaps = ResourceKind(
        group: "", version: "v1", plural: "configmaps", kind: "ConfigMap", shortNames: ["cm"], isNamespaced: true,
        storagePrefix: "/registry/configmaps/")
    static let namespaces = ResourceKind(
        group: "", version: "v1", plural: "namespaces", kind: "Namespace", shortNames: ["ns"], isNamespaced: false,
        storagePrefix: "/registry/namespaces/")
    static let leases = ResourceKind(
        group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease", shortNames: [],
        isNamespaced: true, storagePrefix: "/registry/leases/")
    static let validatingWebhooks = ResourceKind(
        group: "admissionregistration.k8s.io", version: "v1", plural: "validatingwebhookconfigurations",
        kind: "ValidatingWebhookConfiguration", shortNames: [], isNamespaced: false,
        storagePrefix: "/registry/validatingwebhookconfigurations/")
    static let mutatingWebhooks = ResourceKind(
        group: "admissionregistration.k8s.io", version: "v1", plural: "mutatingwebhookconfigurations",
        kind: "MutatingWebhookConfiguration", shortNames: [], isNamespaced: false,
        storagePrefix: "/registry/mutatingwebhookconfigurations/")
    static let storageVersionMigrations = ResourceKind(
        group: "storagemigration.k8s.io", version: "v1", plural: "storageversionmigrations",
        kind: "StorageVersionMigration", shortNames: [], isNamespaced: false,
        storagePrefix: "/registry/storagemigration.k8s.io/storageversionmigrations/")

    static let all = [
        secrets, configMaps, namespaces, leases, validatingWebhooks, mutatingWebhooks, storageVersionMigrations,
    ]

    static func find(group: String, version: String, plural: String) -> ResourceKind? {
        all.first { $0.group == group && $0.version == version && $0.plural == plural }
    }

    func storageKey(namespace: String?, name: String) -> String {
        storagePrefix + (namespace.map { $0 + "/" } ?? "") + name
    }
}

/// One column of a kind's table, with how a cell is read from an object.
struct TableColumn: Sendable {
    let name: String
    let type: String
    var format = ""
    let description: String
    /// Reads the cell; `now` is for ages.
    let cell: @Sendable (_ object: JSON, _ now: Double) -> JSON
}

extension ResourceKind {
    var columns: [TableColumn] {
        let name = TableColumn(
            name: "Name", type: "string", format: "name", description: "Name must be unique within a namespace."
        ) { object, _ in object[path: "metadata", "name"] ?? "" }
        let age = TableColumn(
            name: "Age", type: "string", description: "CreationTimestamp is a timestamp of when the object was created."
        ) { object, now in
            let created = object[path: "metadata", "creationTimestamp"]?.string.flatMap(seconds(ofTimestamp:))
            return .string(created.map { humanAge(now - $0) } ?? "<unknown>")
        }
        let data = TableColumn(name: "Data", type: "string", description: "Data contains the object's data.") {
            object, _ in
            .number(String((object["data"]?.object?.count ?? 0) + (object["binaryData"]?.object?.count ?? 0)))
        }
        switch self {
        case .secrets:
            let type = TableColumn(
                name: "Type", type: "string", description: "Used to facilitate programmatic handling of secret data."
            ) { object, _ in object["type"] ?? "Opaque" }
            return [name, type, data, age]
        case .configMaps: return [name, data, age]
        case .namespaces:
            let status = TableColumn(name: "Status", type: "string", description: "The status of the namespace") {
                object, _ in object[path: "status", "phase"] ?? "Active"
            }
            return [name, status, age]
        case .leases:
            let holder = TableColumn(
                name: "Holder", type: "string", description: "holderIdentity contains the identity of the holder."
            ) { object, _ in object[path: "spec", "holderIdentity"] ?? "" }
            return [name, holder, age]
        case .storageVersionMigrations: return [name, age]
        default:
            let webhooks = TableColumn(name: "Webhooks", type: "integer", description: "Webhooks of this object.") {
                object, _ in .number(String(object["webhooks"]?.array?.count ?? 0))
            }
            return [name, webhooks, age]
        }
    }
}
