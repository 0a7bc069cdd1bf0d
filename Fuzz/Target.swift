import Glibc

/// A decoder of what others wrote, with what is done with the value at once.
///
/// An input may have several parts, with the byte 0x1E between them (that of JSON text sequences, RFC 7464).
struct Target: Sendable {
    let name: String
    let run: @Sendable ([UInt8]) -> Void

    init(_ name: String, _ run: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.run = run
    }

    /// One that awaits; the input ends with it.
    init(_ name: String, awaiting run: @escaping @Sendable ([UInt8]) async -> Void) {
        self.init(name) { input in finish { await run(input) } }
    }

    static let variable = "KMS_VAULT_FUZZ_TARGET"

    static let all = plain + kubernetes + azure + accounts + runs

    /// The one that this process feeds.
    static let chosen: Target? = {
        let name = getenv(variable).map { String(cString: $0) }
        return all.first { $0.name == name }
    }()
}

let partSeparator: UInt8 = 0x1E

func parts(_ input: [UInt8]) -> [[UInt8]] {
    input.split(separator: partSeparator, omittingEmptySubsequences: false).map { Array($0) }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

extension [[UInt8]] {
    /// A part, empty where there are fewer.
    subscript(part index: Int) -> [UInt8] { index < count ? self[index] : [] }
}
