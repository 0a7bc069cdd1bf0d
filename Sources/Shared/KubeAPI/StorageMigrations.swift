import HTTP
import JSON
package import SecretRewrite
import Text

/// Every request about StorageVersionMigrations that this project sends (storagemigration.k8s.io/v1,
/// kubernetes/kubernetes, staging/src/k8s.io/api/storagemigration/v1/types.go): whether the API server has them, list,
/// create, get and delete. The specification names a resource and nothing else; the status is the controllers'.
package struct StorageMigrations: Sendable {
    /// What every name of ours begins with. Nothing else is ever deleted here.
    package static let namePrefix = "kms-vault-"
    /// Says which run made it, as at the lock.
    package static let runAnnotation = "kms-vault.azure/run-id"

    private let client: KubeClient

    package init(_ client: KubeClient) { self.client = client }

    /// Whether discovery has them. That they are served does not tell that a controller works on them: its gate is
    /// kube-controller-manager's own.
    package func areServed() async throws(KubeError) -> Bool {
        let request = KubeRequest(.get, ["apis", "storagemigration.k8s.io", "v1"])
        do throws(KubeError) {
            let resources = try await client.json(request)["resources"]?.array ?? []
            return resources.contains { $0["name"]?.string == KubeResource.storageVersionMigrations.plural }
        } catch {
            if error.status?.code == 404 { return false }
            throw error
        }
    }

    package func all() async throws(KubeError) -> [Migration] {
        try await client.list(.storageVersionMigrations).compactMap(Migration.init)
    }

    /// Asks for one; the server makes up the rest of the name.
    package func create(_ resource: MigratedResource, runID: String) async throws(KubeError) -> Migration {
        let object: JSONValue = .object([
            "apiVersion": .string("storagemigration.k8s.io/v1"), "kind": .string("StorageVersionMigration"),
            "metadata": .object([
                "generateName": .string(Self.namePrefix),
                "annotations": .object([Self.runAnnotation: .string(runID)]),
            ]),
            "spec": .object([
                "resource": .object(["group": .string(resource.group), "resource": .string(resource.resource)])
            ]),
        ])
        let made = try await client.create(.storageVersionMigrations, KubeObject(object))
        guard let migration = Migration(made) else {
            throw KubeError(
                KubeRequest(.post, KubeResource.storageVersionMigrations.path(nil)),
                .answer("it is no StorageVersionMigration"))
        }
        return migration
    }

    /// Nil when it is not there any more, or another one has its name.
    package func get(_ migration: Migration) async throws(KubeError) -> Migration? {
        guard let found = try await client.get(.storageVersionMigrations, migration.name).flatMap(Migration.init),
            found.uid == migration.uid
        else { return nil }
        return found
    }

    /// Deletes one of ours. What the controller has begun goes on to the end of its present try.
    package func delete(_ migration: Migration) async throws(KubeError) {
        guard migration.runID != nil, migration.name.hasPrefix(Self.namePrefix) else {
            throw KubeError(
                KubeRequest(.delete, KubeResource.storageVersionMigrations.path(nil, migration.name)),
                .unsound("this is not one of ours"))
        }
        _ = try await client.delete(.storageVersionMigrations, migration.name, uid: migration.uid)
    }
}

extension Migration {
    /// Nil for what has no name, no UID or no resource.
    init?(_ object: KubeObject) {
        guard isDNSSubdomain(object.name), let uid = object.uid, !uid.isEmpty,
            let resource = object.json[path: "spec", "resource", "resource"]?.string
        else { return nil }
        let conditions = object.json[path: "status", "conditions"]?.array ?? []
        func condition(_ type: String) -> JSONValue? {
            conditions.first { $0["type"]?.string == type && $0["status"]?.string == "True" }
        }
        func message(_ condition: JSONValue) -> String { (condition["message"]?.string ?? "").onOneLine() }
        let hasCheckpoint = object.json[path: "status", "resourceVersion"]?.string.map { !$0.isEmpty } ?? false
        var (state, text) = (State.untouched, "")
        if let failed = condition("Failed") {
            (state, text) = (.failed, message(failed))
        } else if condition("Succeeded") != nil {
            state = .succeeded
        } else if let running = condition("Running") {
            (state, text) = (.running, message(running))
        } else if hasCheckpoint || !conditions.isEmpty {
            state = .running
        }
        let annotations = object.json[path: "metadata", "annotations"]
        let isOurs = object.name.hasPrefix(StorageMigrations.namePrefix)
        self.init(
            name: object.name, uid: uid,
            resource: MigratedResource(
                group: object.json[path: "spec", "resource", "group"]?.string ?? "", resource: resource),
            state: state, message: text,
            runID: isOurs ? annotations?[StorageMigrations.runAnnotation]?.string : nil)
    }
}
