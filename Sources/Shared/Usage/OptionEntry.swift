/// One option as people type it: the one place that names and explains it. The plugin's parser, the az extension and
/// docs/commands.md take it from here.
package struct OptionEntry: Sendable, Hashable {
    package enum Value: Sendable, Hashable {
        case flag
        case text
        /// A path, which completion finds.
        case file
        case folder
        /// A length of time: seconds, or with units such as `90s`, `10m`, `1h30m`.
        case duration
        case integer
        case number
        case choice([String])
    }

    /// How az offers it.
    package struct Az: Sendable, Hashable {
        /// The long name, without dashes.
        package let name: String
        /// As typed, where that is more than `--NAME`.
        package let spellings: [String]
        /// The heading under which az's help shows it; nil for none.
        package let group: String?
        package let help: String
        package let isRequired: Bool
    }

    /// The long name, without dashes.
    package let name: String
    package let short: Character?
    package let value: Value
    package let repeats: Bool
    /// What it is when it is not given, as help shows it.
    package let defaultValue: String?
    /// One or two sentences.
    package let help: String
    /// Nil where az has no such option, or has it for every command of its own.
    package let az: Az?

    /// - Parameter az: how az offers it, where it does.
    init(
        _ name: String, short: Character? = nil, _ value: Value, repeats: Bool = false, default: String? = nil,
        _ help: String, az: AzForm? = nil
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.repeats = repeats
        defaultValue = `default`
        self.help = help
        let said = `default`.map { "\(help) Default: \($0)." } ?? help
        self.az = az.map {
            Az(
                name: $0.name ?? name, spellings: $0.spellings, group: $0.group, help: $0.help ?? said,
                isRequired: false)
        }
    }

    /// An option that only az has.
    init(az name: String, _ value: Value, spellings: [String] = [], isRequired: Bool = false, _ help: String) {
        self.name = name
        short = nil
        self.value = value
        repeats = false
        defaultValue = nil
        self.help = help
        az = Az(name: name, spellings: spellings, group: nil, help: help, isRequired: isRequired)
    }

    /// What differs in az from kubectl's form.
    struct AzForm {
        var name: String?
        var spellings: [String] = []
        var group: String?
        var help: String?

        static let same = AzForm()
    }

    /// As typed: `--output`, `-o`.
    package var spellings: [String] { ["--\(name)"] + (short.map { ["-\($0)"] } ?? []) }
}
