import HTTP
package import JSON

extension KubeDouble {
    /// StorageVersionMigrations and their controller (kubernetes/kubernetes, pkg/controller/storageversionmigrator): it
    /// works when somebody looks.
    package struct Migrations: Sendable {
        package enum Controller: Sendable, Hashable {
            /// Does not run.
            case absent
            /// Writes all Secrets but these, and says that it is done: an API server that lags served its writes.
            case works(leaving: Set<String> = [])
            case fails(String)
            /// Meets what cannot be decrypted, and tries again without end.
            case neverEnds
        }

        static let root = "/apis/storagemigration.k8s.io/v1"

        package var isServed = false
        package var controller = Controller.works()
        /// By name.
        package var objects: [String: JSONValue] = [:]
        /// All that were ever made.
        package var made = 0
    }

    func migration(_ request: HTTPRequest, _ parts: [String], _ state: inout State) -> HTTPResponse {
        guard state.migrations.isServed else { return Self.status(404, "NotFound") }
        guard parts.count > 3 else {
            return Self.json(
                200, .object(["resources": .array([.object(["name": .string("storageversionmigrations")])])]))
        }
        switch (request.method, parts.count > 4 ? parts[4] : nil) {
        case (.get, nil): return Self.json(200, .object(["items": .array(Array(state.migrations.objects.values))]))
        case (.post, nil): return make(Self.body(request), &state)
        case (.get, let name?) where state.migrations.objects[name] != nil:
            work(on: name, &state)
            return Self.json(200, state.migrations.objects[name] ?? .null)
        case (.delete, let name?) where state.migrations.objects[name] != nil:
            state.migrations.objects[name] = nil
            return Self.status(200, "")
        default: return Self.status(404, "NotFound")
        }
    }

    private func make(_ object: JSONValue, _ state: inout State) -> HTTPResponse {
        state.migrations.made += 1
        var object = object
        var metadata = object["metadata"] ?? .object([:])
        let name = (metadata["generateName"]?.string ?? "") + "\(state.migrations.made)"
        metadata["name"] = .string(name)
        metadata["uid"] = .string("uid-\(name)")
        object["metadata"] = metadata
        object["status"] = nil
        state.migrations.objects[name] = object
        return Self.json(201, object)
    }

    private func work(on name: String, _ state: inout State) {
        func set(_ type: String, _ message: String, _ state: inout State) {
            state.migrations.objects[name]?["status"] = .object([
                "resourceVersion": .string("\(state.revision)"),
                "conditions": .array([
                    .object(["type": .string(type), "status": .string("True"), "message": .string(message)])
                ]),
            ])
        }
        switch state.migrations.controller {
        case .absent: break
        case .neverEnds: set("Running", "migrated 1 of 2 objects", &state)
        case .fails(let why): set("Failed", "migration encountered unhandled error: \(why)", &state)
        case .works(let left):
            for (key, secret) in state.secrets where secret.form != state.form && !left.contains(key) {
                Self.write(secret, key, &state)
            }
            set("Succeeded", "", &state)
        }
    }
}
