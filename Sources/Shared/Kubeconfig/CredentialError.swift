package import Files
package import Processes
import Text

/// Credentials that could not be had; it never holds one.
package struct CredentialError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The plugin is not installed; the hint is that of the kubeconfig, as its author wrote it.
        case pluginNotFound(hint: String)
        case pluginNotRun(ProcessError)
        case pluginFailed(ChildProcess.Termination)
        /// What the plugin printed is not what it must print; says what is wrong, and quotes nothing of it.
        case badReply(String)
        case noTerminal
        /// Entra gave no token; the words are those of whoever asked for it.
        case noEntraToken(String)
        case unreadableTokenFile(FileError)
        case badTokenFile(String)
        case cancelled
    }

    package let kind: Kind
    /// The plugin's command, the token's file or the id of the API server's application.
    package let source: String

    package init(_ kind: Kind, _ source: String) {
        self.kind = kind
        self.source = source
    }

    package var description: String {
        let name = source.printable(limit: 256)
        let plugin = "the credential plugin \(name)"
        switch kind {
        case .pluginNotFound(let hint):
            let lines = hint.split(separator: "\n", omittingEmptySubsequences: false).prefix(40)
            let shown = lines.map { String($0).printable() }.joined(separator: "\n")
            return "\(plugin) of the kubeconfig is not installed" + (shown.isEmpty ? "" : "\n\n" + shown)
        case .pluginNotRun(let error): return "\(plugin) did not run: \(error)"
        case .pluginFailed(.exited(let status)): return "\(plugin) failed with status \(status)"
        case .pluginFailed(.signalled(let number)): return "\(plugin) was ended by signal \(number)"
        case .badReply(let what): return "\(plugin) \(what)"
        case .noTerminal:
            return "\(plugin) asks to talk with you (interactiveMode Always), but standard input is not a terminal"
        case .noEntraToken(let what): return "no token for the API server (application \(name)): \(what)"
        case .unreadableTokenFile(let error): return "no token to sign in with: \(error)"
        case .badTokenFile(let what): return "the token file \(name) \(what)"
        case .cancelled: return "signing in was interrupted"
        }
    }
}
