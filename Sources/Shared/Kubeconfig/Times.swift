/// Seconds from a flag such as `--request-timeout`: a whole number, or a duration as Go writes it (`1m30s`, `1.5h`,
/// `300ms`).
package func parseTimeout(_ text: String) -> Double? {
    if let seconds = Int(text) { return seconds >= 0 ? Double(seconds) : nil }
    let units = ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600]
    var rest = text[...]
    if rest.first == "+" { rest.removeFirst() }
    var total = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
        let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        rest = rest.dropFirst(number.count)
        let unit = rest.prefix { !($0.isASCII && $0.isNumber || $0 == ".") }
        rest = rest.dropFirst(unit.count)
        guard number.contains(where: \.isNumber), number.count(where: { $0 == "." }) <= 1,
            let value = Double("0" + number + (number.hasSuffix(".") ? "0" : "")), let factor = units[String(unit)]
        else { return nil }
        total += value * factor
    }
    return total.isFinite && total < 1e9 ? total : nil
}
