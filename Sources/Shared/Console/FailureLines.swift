/// How many names a list leaves out, as the line below it; nil where it names all.
package func andMore(_ omitted: Int?) -> String? {
    guard let omitted, omitted > 0 else { return nil }
    return "and \(omitted) more, which are counted and not named."
}

/// Which failures get a line while a pass is under way: its first ones. Ten thousand lines would push everything else
/// off the screen.
struct FailureLines: Sendable {
    /// Lines of one pass.
    static let most = 20

    private var told = 0
    private var untold = 0

    /// Counts a failure; whether it gets a line.
    mutating func tells() -> Bool {
        guard told < Self.most else {
            untold += 1
            return false
        }
        told += 1
        return true
    }

    /// What there is to say of the others once the pass is over; the next pass begins anew.
    mutating func end() -> String? {
        defer { self = FailureLines() }
        return untold > 0 ? "not rewritten: and \(untold) more (-v 1 names all of them)" : nil
    }
}
