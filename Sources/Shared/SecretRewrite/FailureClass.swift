/// Why a Secret could not be rewritten, as far as decisions differ.
///
/// `CodingKeyRepresentable` makes counts by class an object in JSON; without it they are an array of keys and values.
package enum FailureClass: String, Sendable, Codable, Hashable, CaseIterable, CodingKeyRepresentable {
    /// Admission refuses the write.
    case denied
    /// The stored object fails today's validation.
    case invalid
    /// The API server cannot decrypt what is stored.
    case undecryptable
    /// Anything else.
    case failed

    /// The classes that `--accept-failures` can name. An undecryptable Secret never opens the way.
    package static let acceptable: Set<FailureClass> = [.denied, .invalid]
}
