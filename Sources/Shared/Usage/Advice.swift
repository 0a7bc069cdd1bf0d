/// What to do, in words: commands stay commands in it, and each front end words those of this program as its own.
package struct Advice: Sendable, Hashable {
    fileprivate enum Part: Sendable, Hashable {
        case text(String)
        case command(ShellCommand)
    }

    fileprivate var parts: [Part]

    /// A text without a command of this program.
    package init(_ text: String) { parts = [.text(text)] }

    /// A command alone.
    package init(_ command: ShellCommand) { parts = [.command(command)] }

    private init(_ parts: [Part]) { self.parts = parts }

    package var isEmpty: Bool { parts.allSatisfy { $0 == .text("") } }

    package func text(for style: CommandStyle) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .command(let command): command.line(for: style)
            }
        }.joined()
    }

    package static func joined(_ parts: [Advice], separator: String) -> Advice {
        Advice(Array(parts.map(\.parts).joined(separator: [.text(separator)])))
    }

    package static func + (left: Advice, right: Advice) -> Advice { Advice(left.parts + right.parts) }
}

extension Advice: ExpressibleByStringInterpolation {
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }

        package mutating func appendInterpolation(_ command: ShellCommand) { parts.append(.command(command)) }

        package mutating func appendInterpolation(_ advice: Advice) { parts += advice.parts }

        package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            parts.append(.text(value.description))
        }
    }

    package init(stringLiteral text: String) { parts = [.text(text)] }

    package init(stringInterpolation interpolation: StringInterpolation) { parts = interpolation.parts }
}

extension Advice: Codable {
    /// What was encoded for one front end stays worded for it.
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text(for: encoder.commandStyle))
    }
}
