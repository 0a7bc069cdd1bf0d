import JSON
import Text

/// Turns the commands that texts tell to run next into those of az. Texts are worded once, for kubectl.
struct AzWords: Sendable {
    /// What az's commands need to know which cluster is meant: ` -g GROUP -n NAME`; empty where none was named.
    let place: String

    init(resourceGroup: String?, name: String?) {
        guard let resourceGroup, let name else {
            place = ""
            return
        }
        place = " -g \(ShellCommand.quoted(resourceGroup)) -n \(ShellCommand.quoted(name))"
    }

    /// kubectl's words and az's; those that begin alike are ordered from long to short.
    private static let commands = [
        ("switch --private", "switch --mode Private"), ("switch --public", "switch --mode Public"),
        ("resume --private", "resume --mode Private"), ("resume --public", "resume --mode Public"),
        ("preflight --private", "preflight --mode Private"), ("preflight --public", "preflight --mode Public"),
        ("status", "show"), ("switch", "switch"), ("resume", "resume"), ("make-safe", "make-safe"),
        ("verify", "verify"), ("list", "list"), ("preflight", "preflight"),
    ]
    private static let tool = "kubectl kms-vault "

    func translated(_ text: String) -> String {
        var rest = Substring(text)
        var result = ""
        while let found = rest.firstRange(of: Self.tool) {
            result += rest[..<found.lowerBound]
            rest = rest[found.upperBound...]
            // rewrite-secrets has no counterpart: it stays kubectl's.
            let known = Self.commands.first { rest.hasPrefix($0.0) && !Self.goesOn(rest, after: $0.0) }
            guard let (from, to) = known else {
                result += Self.tool
                continue
            }
            rest = rest.dropFirst(from.count)
            let isNamed = rest.hasPrefix(" --subscription") || to == "list"
            result += "az aks kms-vault-mode \(to)\(isNamed ? "" : place)"
        }
        return result + rest
    }

    private static func goesOn(_ text: Substring, after word: String) -> Bool {
        text.dropFirst(word.count).first.map { $0.isLetter || $0 == "-" } ?? false
    }

    /// Every text in a document; names of members stay.
    func translated(_ document: JSONValue) -> JSONValue {
        switch document {
        case .string(let text): .string(translated(text))
        case .array(let items): .array(items.map(translated))
        case .object(let members): .object(members.mapValues(translated))
        default: document
        }
    }
}
