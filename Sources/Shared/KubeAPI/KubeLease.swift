package import FoundationEssentials
import JSON
import Text

/// A Lease (coordination.k8s.io/v1) with what the API server knows of it.
package struct KubeLease: Sendable, Hashable {
    /// The whole object, so that members of others survive a replacement.
    package private(set) var object: KubeObject

    package init(_ object: KubeObject) { self.object = object }

    /// A Lease that does not exist yet.
    package init(name: String, namespace: String) {
        object = KubeObject(
            .object([
                "apiVersion": .string("coordination.k8s.io/v1"), "kind": .string("Lease"),
                "metadata": .object(["name": .string(name), "namespace": .string(namespace)]),
                "spec": .object([:]),
            ]))
    }

    package var name: String { object.name }
    package var uid: String? { object.uid }
    package var resourceVersion: String? { object.resourceVersion }

    /// Nil or empty when nobody holds it.
    package var holder: String? {
        get { spec("holderIdentity")?.string.flatMap { $0.isEmpty ? nil : $0 } }
        set { setSpec("holderIdentity", .string(newValue ?? "")) }
    }

    /// Seconds for which a holder keeps it after it renewed.
    package var durationSeconds: Int? {
        get { spec("leaseDurationSeconds")?.integer.flatMap { Int(exactly: $0) } }
        set { setSpec("leaseDurationSeconds", newValue.map { .integer(Int64($0)) }) }
    }

    /// As the holder wrote it, by its own clock: only ever compared for being the same as before.
    package var renewTime: String? {
        get { spec("renewTime")?.string }
        set { setSpec("renewTime", newValue.map(JSONValue.string)) }
    }

    package var acquireTime: String? {
        get { spec("acquireTime")?.string }
        set { setSpec("acquireTime", newValue.map(JSONValue.string)) }
    }

    /// How often the holder has changed. The field is an int32 (coordination.k8s.io/v1): at its end, or beyond what any
    /// API server takes, the count begins anew, or nobody could take the Lease any more.
    package var transitions: Int {
        get {
            guard let count = spec("leaseTransitions")?.integer, (0..<Int64(Int32.max)).contains(count) else {
                return 0
            }
            return Int(count)
        }
        set { setSpec("leaseTransitions", .integer(Int64(newValue))) }
    }

    /// An annotation: where the lock says which run it belongs to.
    package subscript(annotation key: String) -> String? {
        get { object.json[path: "metadata", "annotations"]?[key]?.string }
        set {
            var metadata = object.json["metadata"] ?? .object([:])
            var annotations = metadata["annotations"] ?? .object([:])
            annotations[key] = newValue.map(JSONValue.string)
            metadata["annotations"] = annotations
            object.json["metadata"] = metadata
        }
    }

    /// A moment as metav1.MicroTime wants it: UTC with exactly six digits of a second.
    package static func microTime(_ date: Date) -> String {
        let micros = Int64((date.timeIntervalSince1970 * 1_000_000).rounded(.down))
        let fraction = String(micros % 1_000_000)
        let text = utcTime(micros / 1_000_000)
        return text.dropLast() + "." + String(repeating: "0", count: 6 - fraction.count) + fraction + "Z"
    }

    private func spec(_ name: String) -> JSONValue? { object.json["spec"]?[name] }

    private mutating func setSpec(_ name: String, _ value: JSONValue?) {
        var spec = object.json["spec"] ?? .object([:])
        spec[name] = value
        object.json["spec"] = spec
    }
}

extension KubeClient {
    /// The Lease; nil when there is none.
    package func lease(_ name: String, namespace: String) async throws(KubeError) -> KubeLease? {
        try await get(.leases, name, namespace: namespace).map(KubeLease.init)
    }

    /// Creates it; `isAlreadyExists` when another was first.
    package func create(_ lease: KubeLease, namespace: String) async throws(KubeError) -> KubeLease {
        KubeLease(try await create(.leases, lease.object, namespace: namespace))
    }

    /// Replaces it at the version that was read; `isConflict` when another was first.
    package func replace(_ lease: KubeLease, namespace: String) async throws(KubeError) -> KubeLease {
        KubeLease(try await replace(.leases, lease.object, namespace: namespace))
    }
}
