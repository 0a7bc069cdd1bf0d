import Commands
import Text

/// What the word that is being typed may become.
struct Completion: Sendable, Hashable {
    struct Choice: Sendable, Hashable {
        var text: String
        var help = ""
    }

    /// What only the world outside knows.
    enum Source: Sendable, Hashable {
        case values(CompletionValues.Kind)
        case files
        case folders
    }

    /// Known choices that begin as the word does.
    var choices: [Choice] = []
    /// Where more come from; what they are put behind, as `--context=`, and how they begin.
    var source: Source?
    var prefix = ""
    var beginning = ""
    /// The values of the options before the word, by their long names, which narrow a search.
    var given: [String: String] = [:]

    private static let kinds: [String: CompletionValues.Kind] = [
        "--context": .contexts, "--cluster": .clusters, "--user": .users, "--namespace": .namespaces,
        "--name": .azureClusters, "--resource-group": .resourceGroups, "--subscription": .subscriptions,
    ]

    /// - Parameter words: those after the program's name; the last one is being typed, and may be empty.
    init(of words: [String], in tree: CommandTree) {
        var place = tree
        var used: Set<String> = []
        var pending: CommandTree.Argument?
        var positionals = 0
        for word in words.dropLast() {
            if let option = pending {
                given[option.name ?? ""] = word
                pending = nil
            } else if word.hasPrefix("-") {
                let (name, value) = Self.split(word)
                guard let option = place.option(name) else { continue }
                used.formUnion(option.repeats ? [] : option.names)
                if let value { given[option.name ?? ""] = value }
                pending = option.takesValue && value == nil ? option : nil
            } else if let command = place.command(word) {
                place = command
            } else {
                positionals += 1
            }
        }
        let word = words.last ?? ""
        let (name, value) = Self.split(word)
        if let option = pending {
            complete(option, word)
        } else if word.hasPrefix("-"), let value {
            prefix = name + "="
            if let option = place.option(name), option.takesValue { complete(option, value) }
        } else if word.hasPrefix("-") {
            offer(place.options.filter { used.isDisjoint(with: $0.names) }, word)
        } else if !place.commands.isEmpty {
            offer(place.commands.map { Choice(text: $0.name, help: $0.help) }, word)
        } else {
            let places = place.arguments.filter(\.names.isEmpty)
            if positionals < places.count { complete(places[positionals], word) }
        }
    }

    private mutating func complete(_ argument: CommandTree.Argument, _ word: String) {
        beginning = word
        switch argument.completion {
        case .list(let values): offer(values.map { Choice(text: $0) }, word)
        case .files: source = .files
        case .folders: source = .folders
        case .unknown: source = argument.name.flatMap { Self.kinds[$0] }.map { .values($0) }
        }
    }

    private mutating func offer(_ options: [CommandTree.Argument], _ word: String) {
        offer(options.compactMap { option in option.name.map { Choice(text: $0, help: option.help) } }, word)
    }

    private mutating func offer(_ all: [Choice], _ word: String) {
        choices = all.filter { $0.text.hasPrefix(word) }.map { Choice(text: prefix + $0.text, help: $0.help) }
    }

    /// `--name=value` as two.
    private static func split(_ word: String) -> (name: String, value: String?) {
        guard word.hasPrefix("--"), let sign = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<sign]), String(word[word.index(after: sign)...]))
    }
}

extension Completion {
    /// The protocol of kubectl's completion of plugins, which is cobra's (spf13/cobra, completions.go, `__complete`): a
    /// line for each choice, its help behind a tab, and last a colon and a number whose bits say what the shell is to
    /// do.
    ///
    /// - Parameter found: what the source has.
    func lines(_ found: [Choice]) -> [String] {
        let more = found.filter { $0.text.hasPrefix(beginning) }.map { Choice(text: prefix + $0.text, help: $0.help) }
        let directive: Int =
            switch source {
            case .files: 0
            case .folders: 16
            default: 4
            }
        // Names come from files and servers. One with control characters could add lines to this protocol, or change
        // the terminal, so it is left out.
        let choices = (choices + more).filter { $0.text == $0.text.printable(limit: .max) }
        return choices.map { $0.help.isEmpty ? $0.text : "\($0.text)\t\($0.help)" } + [":\(directive)"]
    }
}
