/// One thing that a check must know, with room for not knowing it.
///
/// A check that reads `unreadable` answers "unknown": what could not be read is never taken for good.
package enum Fact<Value: Sendable>: Sendable {
    case known(Value)
    /// It exists but could not be read; the text says why, in words for a person.
    case unreadable(String)
    /// There is no such thing here, such as private endpoint rights of a cluster that goes to Public.
    case notApplicable

    /// What every fact is until somebody reads it, so that a fact that was forgotten cannot pass.
    package static var unread: Self { .unreadable("it was not read") }

    /// The value, if it is known.
    package var value: Value? {
        guard case .known(let value) = self else { return nil }
        return value
    }

    package func map<Other: Sendable>(_ change: (Value) -> Other) -> Fact<Other> {
        switch self {
        case .known(let value): .known(change(value))
        case .unreadable(let reason): .unreadable(reason)
        case .notApplicable: .notApplicable
        }
    }

    /// Both facts at once: unreadable if either is, not applicable if either is and the other can be read.
    package func and<Other: Sendable>(_ other: Fact<Other>) -> Fact<(Value, Other)> {
        switch (self, other) {
        case (.unreadable(let reason), _), (_, .unreadable(let reason)): .unreadable(reason)
        case (.notApplicable, _), (_, .notApplicable): .notApplicable
        case (.known(let mine), .known(let theirs)): .known((mine, theirs))
        }
    }

    /// What a check finds: it judges a known value, and cannot judge one that could not be read.
    func judge(_ judgement: (Value) -> Finding) -> Finding {
        switch self {
        case .known(let value): judgement(value)
        case .unreadable(let reason): .unknown(reason)
        case .notApplicable: .notApplicable("there is nothing to check here")
        }
    }
}

extension Fact: Equatable where Value: Equatable {}
extension Fact: Hashable where Value: Hashable {}
