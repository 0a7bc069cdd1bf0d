import Foundation

/// A StorageVersionMigration of storagemigration.k8s.io/v1 (kubernetes/kubernetes,
/// staging/src/k8s.io/api/storagemigration/v1/types.go).
struct Migration: Sendable {
    struct Resource: Sendable, Hashable {
        var group: String
        var resource: String
    }

    enum Condition: String { case running = "Running", succeeded = "Succeeded", failed = "Failed" }

    var object: JSON

    var name: String { object[path: "metadata", "name"]?.string ?? "" }
    var uid: String { object[path: "metadata", "uid"]?.string ?? "" }
    var created: String { object[path: "metadata", "creationTimestamp"]?.string ?? "" }
    var resource: Resource {
        Resource(
            group: object[path: "spec", "resource", "group"]?.string ?? "",
            resource: object[path: "spec", "resource", "resource"]?.string ?? "")
    }
    /// The revision up to which objects are to be written; nil until it was taken.
    var checkpoint: Int? { object[path: "status", "resourceVersion"]?.string.flatMap(Int.init) }
    var isRunning: Bool { isTrue(.running) }
    /// Neither condition goes back; another try is another object.
    var isTerminal: Bool { isTrue(.succeeded) || isTrue(.failed) }

    private func isTrue(_ condition: Condition) -> Bool {
        conditions.contains { $0["type"]?.string == condition.rawValue && $0["status"]?.string == "True" }
    }

    private var conditions: [JSON] { object[path: "status", "conditions"]?.array ?? [] }

    /// As `meta.SetStatusCondition`: the time moves with the status alone.
    mutating func set(_ condition: Condition, _ status: String, reason: String, message: String, now: Double) {
        var all = conditions
        let index = all.firstIndex { $0["type"]?.string == condition.rawValue }
        var time = timestamp(now)
        if let index, all[index]["status"]?.string == status { time = all[index]["lastTransitionTime"]?.string ?? time }
        let changed: JSON = [
            "type": .string(condition.rawValue), "status": .string(status), "reason": .string(reason),
            "message": .string(message), "lastTransitionTime": .string(time),
        ]
        if let index { all[index] = changed } else { all.append(changed) }
        setStatus("conditions", .array(all))
    }

    mutating func take(checkpoint revision: Int) { setStatus("resourceVersion", .string(String(revision))) }

    private mutating func setStatus(_ member: String, _ value: JSON) {
        var status = object["status"] ?? [:]
        status[member] = value
        object["status"] = status
    }
}

extension Validation {
    /// The status is the controllers' alone: it is cleared on create and kept on update (pkg/registry/storagemigration,
    /// strategy.go); the group may be empty, the resource is a label (pkg/apis/storagemigration/validation).
    static func normalizeMigration(_ object: JSON) throws -> JSON {
        var object = object
        object["status"] = nil
        let name = object[path: "metadata", "name"]?.string ?? ""
        let resource = Migration(object: object).resource
        guard isLabel(resource.resource) else {
            throw APIStatus.invalid(
                .storageVersionMigrations, name, field: "spec.resource.resource",
                reason: resource.resource.isEmpty ? "FieldValueRequired" : "FieldValueInvalid",
                message: resource.resource.isEmpty
                    ? "Required value: resource is required" : "Invalid value: \"\(resource.resource)\"")
        }
        guard resource.group.isEmpty || isName(resource.group) else {
            throw APIStatus.invalid(
                .storageVersionMigrations, name, field: "spec.resource.group", reason: "FieldValueInvalid",
                message: "Invalid value: \"\(resource.group)\"")
        }
        return object
    }

    private static func isLabel(_ name: String) -> Bool {
        isName(name) && !name.contains(".") && name.utf8.count <= 63 && name.first?.isNumber == false
    }

    /// The spec stays as it was created.
    static func updateMigration(_ name: String, from old: JSON, to new: JSON) throws -> JSON {
        var updated = new
        updated["status"] = old["status"]
        guard Migration(object: old).resource == Migration(object: new).resource else {
            throw APIStatus.invalid(
                .storageVersionMigrations, name, field: "spec", reason: "FieldValueInvalid",
                message: "Invalid value: field is immutable")
        }
        return updated
    }
}
