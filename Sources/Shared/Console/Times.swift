package import JSON
import Text

/// A time in UTC as RFC 3339 with whole seconds, from seconds since 1970; nil outside of the years 1 to 9999.
package func rfc3339(_ seconds: Double) -> String? {
    guard seconds.isFinite, seconds >= -62_135_596_800, seconds < 253_402_300_800 else { return nil }
    return utcTime(Int64(seconds.rounded(.down)))
}

/// Members that hold a moment as seconds since 1970; output documents hold it as RFC 3339.
private let moments: Set<String> = ["at", "startedAt", "endedAt", "sentAt", "acceptedAt"]

extension JSONValue {
    /// The same document with every moment as an RFC 3339 string in UTC.
    package func withReadableTimes() -> JSONValue {
        switch self {
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for (name, value) in members {
                result[name] = moments.contains(name) ? value.moment ?? value : value.withReadableTimes()
            }
            return .object(result)
        case .array(let items): return .array(items.map { $0.withReadableTimes() })
        default: return self
        }
    }

    /// Nil for what is no number; 0 stands for "never".
    private var moment: JSONValue? {
        let seconds: Double
        switch self {
        case .integer(let value): seconds = Double(value)
        case .double(let value): seconds = value
        default: return nil
        }
        return seconds == 0 ? .null : rfc3339(seconds).map(JSONValue.string)
    }
}
