import ArgumentParser
import AzureStandIn

/// Lists what can be scripted, without a running sandbox.
struct Faults: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the faults that can be scripted.")

    @Flag(help: "Print a Markdown table.")
    var markdown = false

    func run() {
        if markdown { print("| fault | what happens | source |\n|---|---|---|") }
        for name in FaultName.allCases {
            let doc = name.doc
            print(
                markdown
                    ? "| `\(name.rawValue)` | \(doc.text) | \(doc.source) |"
                    : "\(name.rawValue)\n    \(doc.text)\n\(Self.places(name))    (\(doc.source))")
        }
    }

    /// The members that confine it to one place.
    private static func places(_ name: FaultName) -> String {
        name.places.isEmpty ? "" : "    Can be of one \(name.places.joined(separator: " or ")).\n"
    }
}
