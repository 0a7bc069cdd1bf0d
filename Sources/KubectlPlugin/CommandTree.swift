import ArgumentParser
import JSON

/// The commands with their arguments, as the parser describes them (swift-argument-parser, ToolInfoV0): what completion
/// offers, and what a mistyped word is compared with.
struct CommandTree: Sendable, Hashable {
    struct Argument: Sendable, Hashable {
        enum Completion: Sendable, Hashable {
            case unknown
            case list([String])
            case files
            case folders
        }

        /// As typed: `-o`, `--output`; none for a positional argument.
        var names: [String]
        var takesValue: Bool
        var repeats: Bool
        var completion: Completion
        /// One line of help.
        var help: String

        /// The name that says most.
        var name: String? { names.max { $0.utf8.count < $1.utf8.count } }
    }

    var name: String
    var help: String
    var arguments: [Argument]
    var commands: [CommandTree]

    /// Those of this program.
    static let ofPlugin: CommandTree = {
        let text = KubectlKMSVault._dumpHelp()
        guard let json = try? JSONValue(parsing: Array(text.utf8)), let command = json["command"] else {
            return CommandTree(name: "", help: "", arguments: [], commands: [])
        }
        return CommandTree(command)
    }()

    var options: [Argument] { arguments.filter { !$0.names.isEmpty } }

    func command(_ name: String) -> CommandTree? { commands.first { $0.name == name } }

    func option(_ name: String) -> Argument? { options.first { $0.names.contains(name) } }
}

extension CommandTree {
    init(_ json: JSONValue) {
        name = json["commandName"]?.string ?? ""
        help = json["abstract"]?.string ?? ""
        arguments = (json["arguments"]?.array ?? []).map { Argument($0) }
        commands = (json["subcommands"]?.array ?? []).filter { $0["shouldDisplay"]?.bool != false }.map {
            CommandTree($0)
        }
    }
}

extension CommandTree.Argument {
    fileprivate init(_ json: JSONValue) {
        names = (json["names"]?.array ?? []).compactMap { name in
            name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
        }
        takesValue = json["kind"]?.string != "flag"
        repeats = json["isRepeating"]?.bool ?? false
        help = json["abstract"]?.string ?? ""
        let kind = json["completionKind"]
        if let values = json["allValues"]?.array ?? kind?[path: "list", "values"]?.array {
            completion = .list(values.compactMap(\.string))
        } else if kind?["file"] != nil {
            completion = .files
        } else {
            completion = kind?["directory"] != nil ? .folders : .unknown
        }
    }
}
