package import JSON
import Text

/// A time in UTC as RFC 3339 with whole seconds, from seconds since 1970; nil outside of the years 1 to 9999.
package func rfc3339(_ seconds: Double) -> String? {
    guard seconds.isFinite, seconds >= -62_135_596_800, seconds < 253_402_300_800 else { return nil }
    return utcTime(Int64(seconds.rounded(.down)))
}

/// The same with milliseconds where there are any.
func rfc3339Milliseconds(_ seconds: Double) -> String? {
    let milliseconds = (seconds * 1000).rounded()
    guard milliseconds.magnitude < 1e16, let whole = rfc3339((milliseconds / 1000).rounded(.down)) else { return nil }
    let rest = Int(milliseconds - (milliseconds / 1000).rounded(.down) * 1000)
    guard rest > 0 else { return whole }
    let digits = "\(rest)"
    return whole.dropLast() + "." + String(repeating: "0", count: 3 - digits.utf8.count) + digits + "Z"
}

/// Members that hold a moment as seconds since 1970; output documents hold it as RFC 3339.
private let moments: Set<String> = ["at", "startedAt", "endedAt", "sentAt", "acceptedAt", "exposedSince", "heldSince"]

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

    /// The way back: every moment as seconds since 1970.
    func withNumericTimes() -> JSONValue {
        switch self {
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for (name, value) in members {
                if moments.contains(name), value == .null {
                    result[name] = .double(0)
                } else if moments.contains(name), let seconds = value.string.flatMap(parseRFC3339) {
                    result[name] = .double(seconds)
                } else {
                    result[name] = value.withNumericTimes()
                }
            }
            return .object(result)
        case .array(let items): return .array(items.map { $0.withNumericTimes() })
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
        return seconds == 0 ? .null : rfc3339Milliseconds(seconds).map(JSONValue.string)
    }
}
