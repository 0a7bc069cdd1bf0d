package import Azure

/// For whom commands of this program are worded.
package enum CommandStyle: Sendable, Hashable {
    case kubectl
    /// kubectl's, for one cluster of many.
    case cluster(ToolCommand.Cluster)
    /// az, whose commands always name their cluster: these are the names that the person's own command line has.
    case az(resourceGroup: String?, name: String?)

    /// What encoders carry it under, to every command in a document; kubectl's if there is none.
    package static let key = CodingUserInfoKey(rawValue: "commandStyle")
}

extension Encoder {
    var commandStyle: CommandStyle {
        CommandStyle.key.flatMap { userInfo[$0] as? CommandStyle } ?? .kubectl
    }
}

/// A command of this program: which, on which cluster, with which options.
package struct ToolCommand: Sendable, Hashable {
    package struct Cluster: Sendable, Hashable {
        var subscription: String
        var resourceGroup: String
        var name: String

        package init(_ id: AzureResourceID) {
            self.init(subscription: id.subscription, resourceGroup: id.resourceGroup, name: id.name)
        }

        package init(subscription: String, resourceGroup: String, name: String) {
            self.subscription = subscription
            self.resourceGroup = resourceGroup
            self.name = name
        }
    }

    package enum Argument: Sendable, Hashable {
        /// `--private` or `--public`; az has one option with two values.
        case target(NetworkMode)
        case flag(OptionEntry)
        case value(OptionEntry, String)
        /// An option that is repeated; az takes its values in one list.
        case values(OptionEntry, [String])
    }

    var command: CommandName
    var cluster: Cluster?
    var arguments: [Argument]

    /// As one line for a POSIX shell. What az has no form for keeps kubectl's.
    func line(for style: CommandStyle) -> String {
        if case .cluster(let one) = style, cluster == nil, command.entry.takesCluster {
            var named = self
            named.cluster = one
            return named.kubectlLine
        }
        guard case .az(let group, let name) = style, let az = command.entry.az else { return kubectlLine }
        let options = arguments.map(Self.azWords)
        guard options.allSatisfy({ $0 != nil }) else { return kubectlLine }
        var place: [String] = []
        if let cluster {
            place = [
                ShellCommand.option("--subscription", cluster.subscription),
                ShellCommand.option("-g", cluster.resourceGroup), ShellCommand.option("-n", cluster.name),
            ]
        } else if command.entry.takesCluster, let group, let name {
            place = [ShellCommand.option("-g", group), ShellCommand.option("-n", name)]
        }
        // The mode is what tells one switch from the other: it comes first.
        let mode = zip(arguments, options).filter { if case .target = $0.0 { true } else { false } }.map(\.1)
        let others = zip(arguments, options).filter { if case .target = $0.0 { false } else { true } }.map(\.1)
        return (["az aks kms-vault-mode \(az.name)"] + mode.compactMap { $0 } + place + others.compactMap { $0 })
            .joined(separator: " ")
    }

    private var kubectlLine: String {
        var words = ["kubectl kms-vault \(command.rawValue)"]
        if let cluster {
            words += [
                ShellCommand.option("--subscription", cluster.subscription),
                ShellCommand.option("-g", cluster.resourceGroup), ShellCommand.option("--name", cluster.name),
            ]
        }
        return (words + arguments.map(Self.kubectlWords)).joined(separator: " ")
    }

    private static func kubectlWords(_ argument: Argument) -> String {
        switch argument {
        case .target(.privateAccess): "--private"
        case .target(.publicAccess): "--public"
        case .flag(let option): "--\(option.name)"
        case .value(let option, let value): ShellCommand.option("--\(option.name)", value)
        case .values(let option, let values):
            values.map { ShellCommand.option("--\(option.name)", $0) }.joined(separator: " ")
        }
    }

    /// Nil for an option that az has no form of.
    private static func azWords(_ argument: Argument) -> String? {
        switch argument {
        case .target(let mode): "--mode \(mode.rawValue)"
        case .flag(let option): option.az.map { "--\($0.name)" }
        // Every command of az takes a subscription.
        case .value(.subscription, let value): ShellCommand.option("--subscription", value)
        case .value(let option, let value): option.az.map { ShellCommand.option("--\($0.name)", value) }
        case .values(let option, let values):
            option.az.map { "--\($0.name) " + values.map(ShellCommand.quoted).joined(separator: " ") }
        }
    }
}
