import ArgumentParser
import Text

/// A command line as kubectl's users type it, in words that the parser takes.
///
/// kubectl's flags are pflag's (github.com/spf13/pflag, flag.go): a short flag may have its value behind it (`-oyaml`,
/// `-v6`), short flags may stand together, and a flag without a value may have one all the same (`--watch=false`).
enum KubectlWords {
    /// Flags of `kubectl options` that have no meaning here and are taken all the same, with whether they have a value.
    static let ignored: [String: Bool] = [
        "--namespace": true, "--cache-dir": true, "--kuberc": true, "--log-flush-frequency": true, "--profile": true,
        "--profile-output": true, "--vmodule": true, "--match-server-version": false, "--warnings-as-errors": false,
    ]

    /// - Parameter tree: asked for only where it can change a word: to describe all commands takes the parser 35 ms,
    ///   ten times as long as all else that `--help` does.
    /// - Throws: `ValidationError` where a flag without a value has another than true or false, where one is mistyped,
    ///   and where `-n` stands in the place of `--name`.
    static func normalized(_ words: [String], _ tree: @autoclosure () -> CommandTree) throws -> [String] {
        guard let first = words.first, !first.hasPrefix("-"), words.contains(where: mayChange),
            let command = tree().command(first)
        else { return words }
        var reader = Reader(rest: words.dropFirst(), command: command)
        try reader.read()
        if let namespace = reader.namespace, reader.hasGroup, !reader.hasName, command.option("--name") != nil {
            throw ValidationError(
                "-n is kubectl's namespace, which \(first) does not take: name the cluster with --name "
                    + namespace.printable(limit: 100))
        }
        return [first] + reader.words
    }

    /// Help is asked for in one spelling each, and what is no flag stays as it is.
    private static func mayChange(_ word: String) -> Bool {
        word.hasPrefix("-") && word != "--help" && word != "-h"
    }

    private struct Reader {
        var rest: ArraySlice<String>
        let command: CommandTree
        var words: [String] = []
        var namespace: String?
        var hasGroup = false
        var hasName = false

        mutating func read() throws {
            while let word = rest.popFirst() {
                if word == "--" {
                    words += [word] + rest
                    return
                }
                if word.hasPrefix("--") {
                    try readLong(word)
                } else if word.hasPrefix("-"), word.utf8.count > 1 {
                    try readShort(word)
                } else {
                    words.append(word)
                }
            }
        }

        private mutating func readLong(_ word: String) throws {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = parts.count > 1 ? parts[1] : nil
            guard let option = command.option(parts[0]) else {
                guard ignored[parts[0]] == nil else { return ignore(parts[0], value) }
                // The parser suggests none that help leaves out.
                if let guess = Mistake.nearest(parts[0], command.options.compactMap(\.name)) {
                    throw ValidationError(
                        "Unknown option '\(parts[0].printable(limit: 100))'. Did you mean '\(guess)'?")
                }
                return words.append(word)
            }
            try take(option, parts[0], value, word)
        }

        private mutating func take(
            _ option: CommandTree.Argument, _ name: String, _ value: String?, _ word: String
        ) throws {
            if option.names.contains("--resource-group") { hasGroup = true }
            if option.names.contains("--name") { hasName = true }
            if option.takesValue {
                words.append(word)
                // The next word is the value, whatever it looks like.
                if value == nil, let next = rest.popFirst() { words.append(next) }
            } else if try value.map({ try Self.flag($0, name) }) ?? true {
                words.append(name)
            }
        }

        private mutating func ignore(_ name: String, _ value: String?) {
            let value = value ?? (ignored[name] == true ? rest.popFirst() : nil)
            if name == "--namespace" { namespace = value }
        }

        private mutating func readShort(_ word: String) throws {
            var letters = word.dropFirst()
            while let letter = letters.popFirst() {
                let name = "-\(letter)"
                let option = command.option(name)
                let isNamespace = name == "-n" && option == nil
                guard option != nil || isNamespace else {
                    return words.append(name + letters)
                }
                if isNamespace || option?.takesValue == true {
                    var value: String? = letters.isEmpty ? nil : String(letters)
                    if value?.hasPrefix("=") == true { value?.removeFirst() }
                    value = value ?? rest.popFirst()
                    if isNamespace { return namespace = value }
                    if option?.names.contains("--resource-group") == true { hasGroup = true }
                    words += [name] + (value.map { [$0] } ?? [])
                    return
                }
                guard letters.first == "=" else {
                    words.append(name)
                    continue
                }
                if try Self.flag(String(letters.dropFirst()), name) { words.append(name) }
                return
            }
        }

        /// Go's strconv.ParseBool.
        private static func flag(_ value: String, _ name: String) throws -> Bool {
            switch value {
            case "1", "t", "T", "TRUE", "true", "True": return true
            case "0", "f", "F", "FALSE", "false", "False": return false
            default:
                throw ValidationError(
                    "\(name) takes true or false, not '\(value.printable(limit: 100))'")
            }
        }
    }
}
