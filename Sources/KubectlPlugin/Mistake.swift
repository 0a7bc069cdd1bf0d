/// What was probably meant by a command line that begins with no command of ours.
struct Mistake: Sendable, Hashable {
    /// What is wrong, and what to type instead.
    let description: String

    /// Nil when the command line begins with a command, or asks for help or the version.
    init?(in words: [String], _ tree: CommandTree) {
        let commands = tree.commands.map(\.name) + ["help"]
        guard let first = words.first, !commands.contains(first), tree.option(first) == nil else { return nil }
        if first.hasPrefix("-") {
            let places = Self.places(of: commands, in: words, tree)
            guard let place = places.first else { return nil }
            // The value of a flag may read as a command: none is suggested that was not meant for sure.
            guard places.count == 1 else {
                description = "flags come after the command: \(tree.name) <command> [flags]"
                return
            }
            let flags = (words[..<place] + words[(place + 1)...]).map(Self.shown).joined(separator: " ")
            description = "flags come after the command: \(tree.name) \(words[place]) \(flags)"
        } else {
            let guess = Self.nearest(first, commands).map { "; did you mean '\($0)'?" }
            description = "there is no command '\(first)'\(guess ?? "; see \(tree.name) --help")"
        }
    }

    /// Where commands stand that are not the values of flags.
    private static func places(of commands: [String], in words: [String], _ tree: CommandTree) -> [Int] {
        let valued = Set(tree.commands.flatMap(\.options).filter(\.takesValue).flatMap(\.names))
        return words.indices.filter { commands.contains(words[$0]) && ($0 == 0 || !valued.contains(words[$0 - 1])) }
    }

    /// Flags by name alone: a value may be a token, which is not repeated on a screen.
    private static func shown(_ word: String) -> String {
        word.hasPrefix("-") ? String(word.prefix { $0 != "=" }) + (word.contains("=") ? "=…" : "") : "…"
    }

    /// The one that is fewest edits away; nil if all are too far to have been meant.
    static func nearest(_ word: String, _ known: [String]) -> String? {
        let distances = known.map { ($0, edits(Array(word.utf8.prefix(64)), Array($0.utf8))) }
        guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= max(2, best.0.utf8.count / 3) else { return nil }
        return best.0
    }

    /// How many characters have to be put in, left out, replaced or exchanged with their neighbour (the optimal string
    /// alignment distance).
    private static func edits(_ from: [UInt8], _ to: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...to.count)
        for (i, byte) in from.enumerated() {
            var row = [i + 1]
            for (j, other) in to.enumerated() {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (byte == other ? 0 : 1))
                if i > 0, j > 0, byte == to[j - 1], from[i - 1] == other { best = min(best, before[j - 1] + 1) }
                row.append(best)
            }
            before = last
            last = row
        }
        return last[to.count]
    }
}
