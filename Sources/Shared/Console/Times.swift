import FoundationEssentials
package import JSON

/// A length of time in at most two units, such as `42 s`, `5 min 10 s` or `2 h 5 min`; rounded down.
package func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "a long time" }
    let whole = Int(max(0, seconds))
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    if hours > 0 { return minutes > 0 ? "\(hours) h \(minutes) min" : "\(hours) h" }
    if minutes > 0 { return rest > 0 ? "\(minutes) min \(rest) s" : "\(minutes) min" }
    return "\(rest) s"
}

/// A time in UTC as RFC 3339 with whole seconds, from seconds since 1970; nil outside of the years 1 to 9999.
package func rfc3339(_ seconds: Double) -> String? {
    guard seconds.isFinite, seconds >= -62_135_596_800, seconds < 253_402_300_800 else { return nil }
    return Date(timeIntervalSince1970: seconds.rounded(.down)).formatted(.iso8601)
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
