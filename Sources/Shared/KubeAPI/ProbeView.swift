import JSON
import Text

/// The metadata of a probe as storage has it.
package struct ProbeView: Sendable, Hashable {
    package let resourceVersion: Int64
    /// A hash of all of its metadata but the version: a rewrite leaves it as it is, a change does not.
    package let fingerprint: String
    /// Who else is recorded as a writer of it, the newest first (`metadata.managedFields`); at most three, cut to 64
    /// bytes each. A webhook's changes are recorded as ours.
    package let writers: [String]

    init?(_ object: JSONValue) {
        guard object["kind"]?.string == "PartialObjectMetadata", var metadata = object["metadata"],
            let version = metadata["resourceVersion"]?.string, let number = decimal(ArraySlice(version.utf8))
        else { return nil }
        resourceVersion = number
        let entries = (metadata["managedFields"]?.array ?? []).sorted {
            ($0["time"]?.string ?? "") > ($1["time"]?.string ?? "")
        }
        writers = Array(
            entries.compactMap { $0["manager"]?.string }.filter { $0 != SecretRequests.fieldManager }
                .map { $0.onOneLine(limit: 64) }.prefix(3))
        metadata["resourceVersion"] = nil
        fingerprint = sha256Hex(metadata.bytes())
    }
}
