import Glibc
import JSON

/// A decoder of what others wrote, with what is done with the value at once.
struct Target: Sendable {
    let name: String
    let run: @Sendable ([UInt8]) -> Void

    static let variable = "KMS_VAULT_FUZZ_TARGET"

    /// The one that this process feeds.
    static let chosen: Target? = {
        let name = getenv(variable).map { String(cString: $0) }
        return all.first { $0.name == name }
    }()

    static let all: [Target] = [
        Target(name: "json") { _ = try? JSONValue(parsing: $0) }
    ]
}
