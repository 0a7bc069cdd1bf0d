import ArgumentParser
import Usage

/// The parser's declarations take names, help and what completion offers from the tables of commands and options.
extension CommandConfiguration {
    init(_ command: CommandName, usage: String, discussion: String) {
        let more = "\n\nUse \"kubectl kms-vault options\" for the options of the connection."
        self.init(
            commandName: command.rawValue, abstract: command.entry.summary, usage: usage,
            discussion: command.entry.takesCluster ? discussion + more : discussion)
    }
}

extension Option where Value: ExpressibleByArgument {
    init(wrappedValue: Value, _ entry: OptionEntry) {
        self.init(
            wrappedValue: wrappedValue, name: entry.names, help: ArgumentHelp(stringLiteral: entry.help),
            completion: entry.completion)
    }
}

extension Option {
    init<Item: ExpressibleByArgument>(_ entry: OptionEntry) where Value == Item? {
        self.init(name: entry.names, help: ArgumentHelp(stringLiteral: entry.help), completion: entry.completion)
    }

    /// - Parameter completion: the values that completion offers, where the table does not have them.
    init<Item: ExpressibleByArgument>(wrappedValue: [Item], _ entry: OptionEntry, completion: CompletionKind? = nil)
    where Value == [Item] {
        self.init(
            wrappedValue: wrappedValue, name: entry.names, help: ArgumentHelp(stringLiteral: entry.help),
            completion: completion ?? entry.completion)
    }
}

extension Flag where Value == Bool {
    init(wrappedValue: Bool, _ entry: OptionEntry) {
        self.init(
            wrappedValue: wrappedValue, name: entry.names, help: ArgumentHelp(stringLiteral: entry.help))
    }
}

extension OptionEntry {
    fileprivate var names: NameSpecification {
        NameSpecification([.customLong(name)] + (short.map { [.customShort($0)] } ?? []))
    }

    fileprivate var completion: CompletionKind? {
        switch value {
        case .choice(let values): .list(values)
        case .file: .file()
        case .folder: .directory
        case .flag, .text, .duration, .integer, .number: nil
        }
    }
}
