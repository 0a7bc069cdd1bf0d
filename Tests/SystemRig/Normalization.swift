import Foundation
package import JSON

/// Takes out of a document what two sandboxes, or two runs, never have in common: ports, eTags, times and the names of
/// private endpoints.
package struct Normalization {
    private let dropped: Set<String>
    private let more: @Sendable (String) -> String
    private let port: String

    /// - Parameters:
    ///   - dropping: further members that are left out.
    ///   - more: what else is taken out of every text.
    package init(
        _ sandbox: SandboxProcess, dropping: Set<String> = [], more: @escaping @Sendable (String) -> String = { $0 }
    ) {
        dropped = dropping.union(
            ["eTag", "etag", "createdAt", "lastModifiedAt", "systemData", "keyCreated", "keyExpires"])
        self.more = more
        port = ":" + (sandbox.variables["KMS_VAULT_SANDBOX_URL"]?.split(separator: ":").last.map(String.init) ?? "")
    }

    package func callAsFunction(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(self.text(text))
        case .array(let items): .array(items.map { self($0) })
        case .object(let members):
            .object(members.filter { !dropped.contains($0.key) }.mapValues { self($0) })
        default: value
        }
    }

    package func text(_ text: String) -> String {
        more(
            text.replacingOccurrences(of: port, with: ":PORT")
                .replacing(/kms-demo-[0-9a-f]{8}(\.[0-9a-f-]{36})?/, with: "ENDPOINT"))
    }
}
