package import JSON
import SystemRig
import Testing

/// One fault of the sandbox, the switch that meets it, and how that must end.
struct FaultCase: Sendable, CustomTestStringConvertible {
    struct Script: Sendable {
        var name: String
        var parameters: [String: JSONValue] = [:]
        /// When it becomes active; nil: before the switch.
        var moment: String?
    }

    enum Target: String, Sendable { case toPrivate = "--private", toPublic = "--public" }

    /// How the switch ends that meets the fault.
    enum Ending: Sendable {
        case done
        /// - Parameter stored: the bytes in storage at that time.
        case stops(Int32, _ problem: String, _ atRest: String, _ stored: Stored)
        /// It gives up its target and leaves every Secret encrypted, by itself.
        case turnsBack(_ problem: String)
    }

    /// What finishes the job once the fault has ended.
    enum Finish: Sendable {
        case resume
        /// Nothing had begun: the same switch again.
        case again
        /// Somebody else decided what KMS is: safe first, then the same switch again.
        case makeSafeThenAgain
    }

    /// How Secrets lie in storage, by number; those that are encrypted are so by the cluster's key.
    enum Stored: Sendable {
        /// As seeded: nothing of the run is there yet.
        case untouched
        /// All, and the run's three probes.
        case encrypted
        case plaintext
        /// API servers disagree, and the probe that was sampled is as the last of them left it.
        case encryptedButOneProbe
        case plaintextButOneProbe
        /// API servers disagree, and it depends on which of them served a rewrite.
        case either
    }

    /// The fault, as the sandbox names it.
    let name: String
    /// It, and what else is needed for it to strike; begun in this order.
    var scripts: [Script]
    var target = Target.toPrivate
    var arguments: [String] = []
    var sandbox = SandboxOptions()
    var ending: Ending
    /// What the message must name.
    var says: String?
    var finish = Finish.resume
    /// Whether API servers are without their key as long as the fault lasts.
    var hidesSecrets = false
    /// Whether the fault acts after the vault was closed, in order and for good reasons.
    var strikesAfterClosing = false
    /// A run that is to end while Secrets are plaintext is told so: by itself it would go back to safety.
    var asksToStop: Bool {
        if case .stops(6, _, _, _) = ending { true } else { false }
    }

    /// Updates of the cluster that ARM takes from the switch that meets the fault; nil: whatever there are.
    var updates: Int?

    init(
        _ name: String, _ parameters: [String: JSONValue] = [:], at moment: String? = nil, ends ending: Ending = .done,
        _ adjust: (inout FaultCase) -> Void = { _ in }
    ) {
        self.name = name
        scripts = [Script(name: name, parameters: parameters, moment: moment)]
        self.ending = ending
        adjust(&self)
    }

    var testDescription: String {
        let first = scripts.first { $0.name == name }
        let values = (first?.parameters ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return ([name] + values + [(first?.moment).map { "at \($0)" } ?? "", target.rawValue] + arguments)
            .filter { !$0.isEmpty }.joined(separator: " ")
    }
}

/// A refusal of preflight, before anything is changed.
extension FaultCase.Ending {
    static let refused = FaultCase.Ending.stops(3, "preflight", "unknown", .untouched)
}

extension JSONValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
