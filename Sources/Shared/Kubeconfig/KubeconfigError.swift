package import Files
import Text
package import YAML

/// One thing that is wrong with the configuration: what, in which file, and what to do.
package struct KubeconfigProblem: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case unreadable(FileError)
        case malformed(YAMLError)
        /// A field holds another type than it must; the expected one is named.
        case wrongType(field: String, expected: String)
        case badBase64(field: String)
        case duplicateName(list: String, name: String)
        /// Another kind or version than v1 Config.
        case unsupportedDocument(String)
        /// No file, no flag and no cluster around us; the files looked for.
        case noConfiguration(searched: [String])
        /// There are contexts, but none is chosen; the names of some.
        case noContext(known: [String])
        case contextNotFound(String)
        case clusterNotFound(String, context: String)
        case userNotFound(String, context: String)
        case noServer(cluster: String)
        case badServer(cluster: String, reason: String)
        case badProxy(cluster: String)
        /// Two settings that exclude each other.
        case conflict(String, String, entry: String)
        case missingKey(user: String)
        case missingCertificate(user: String)
        case notPEM(field: String, entry: String)
        case incompleteExec(field: String, user: String)
        case unsupportedExecVersion(String, user: String)
        case unsupportedInteractiveMode(String, user: String)
        /// A credential helper inside kubectl that newer kubectl has no more (or that this program has not).
        case authProvider(String, user: String)
        case impersonationWithoutUser
        /// A value that cannot stand in an HTTP header.
        case unsafeHeaderValue(field: String)
        case badTimeout
    }

    package let kind: Kind
    /// The file that the entry comes from; nil for flags and the environment.
    package let file: String?
    /// Counted from 1; 0 when unknown.
    package let line: Int
    package let column: Int

    package init(_ kind: Kind, file: String? = nil, line: Int = 0, column: Int = 0) {
        self.kind = kind
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String {
        var place = ""
        if let file { place = file.printable() + (line > 0 ? ":\(line):\(column): " : ": ") }
        return place + what + (advice.isEmpty ? "" : " (\(advice))")
    }

    private var what: String {
        switch kind {
        case .unreadable(let error): error.description
        case .malformed(let error): "not valid YAML: \(error)"
        case .wrongType(let field, let expected):
            "\(field.isEmpty ? "the document" : field.printable()) must be \(expected)"
        case .badBase64(let field): "\(field.printable()) is not base64"
        case .duplicateName(let list, let name): "\(list) has two entries named \(quoted(name))"
        case .unsupportedDocument(let what): "this is \(what.printable(limit: 80)), not a v1 Config"
        case .noConfiguration(let searched): "no cluster is configured; looked for \(Self.list(searched))"
        case .noContext(let known):
            "no context is chosen; there are " + known.prefix(5).map(quoted).joined(separator: ", ")
                + (known.count > 5 ? " and \(known.count - 5) more" : "")
        case .contextNotFound(let name): "there is no context \(quoted(name))"
        case .clusterNotFound(let name, let context):
            context.isEmpty
                ? "there is no cluster \(quoted(name))"
                : "context \(quoted(context)) names the cluster \(quoted(name)), which no file defines"
        case .userNotFound(let name, let context):
            context.isEmpty
                ? "there is no user \(quoted(name))"
                : "context \(quoted(context)) names the user \(quoted(name)), which no file defines"
        case .noServer(let cluster): "the cluster \(quoted(cluster)) has no server"
        case .badServer(let cluster, let reason): "the server of cluster \(quoted(cluster)) \(reason)"
        case .badProxy(let cluster): "proxy-url of cluster \(quoted(cluster)) is not an http, https or socks5 URL"
        case .conflict(let one, let other, let entry): "\(one) and \(other) are both set for \(quoted(entry))"
        case .missingKey(let user): "user \(quoted(user)) has a client certificate but no client key"
        case .missingCertificate(let user): "user \(quoted(user)) has a client key but no client certificate"
        case .notPEM(let field, let entry): "\(field) of \(quoted(entry)) is not in PEM form"
        case .incompleteExec(let field, let user): "the exec plugin of user \(quoted(user)) has no \(field)"
        case .unsupportedExecVersion(let version, let user):
            "the exec plugin of user \(quoted(user)) speaks \(quoted(version)), which is not supported"
        case .unsupportedInteractiveMode(let mode, let user):
            "the exec plugin of user \(quoted(user)) has the unknown interactiveMode \(quoted(mode))"
        case .authProvider(let name, let user):
            "user \(quoted(user)) signs in with the auth-provider \(quoted(name)), which is not supported"
        case .impersonationWithoutUser: "a group, UID or extra is to be impersonated, but no user"
        case .unsafeHeaderValue(let field): "\(field.printable()) holds control characters"
        case .badTimeout: "--request-timeout is neither a number of seconds nor a duration such as 30s or 1m"
        }
    }

    private var advice: String {
        switch kind {
        case .noConfiguration: "run `az aks get-credentials`, or name a file with --kubeconfig"
        case .noContext: "name one with --context, or run `kubectl config use-context`"
        case .contextNotFound: "`kubectl config get-contexts` lists those that exist"
        case .unsupportedExecVersion, .unsupportedInteractiveMode, .incompleteExec:
            "`kubelogin convert-kubeconfig` rewrites the entry"
        case .authProvider("azure", _):
            "kubectl removed it in 1.26; install kubelogin and run `kubelogin convert-kubeconfig`"
        case .authProvider: "use a user entry with an exec plugin"
        case .impersonationWithoutUser: "add --as"
        case .conflict: "remove one of them"
        case .wrongType(_, "a string"): "quote the value"
        default: ""
        }
    }

    private func quoted(_ name: String) -> String { "\"" + name.printable(limit: 128) + "\"" }

    private static func list(_ files: [String]) -> String {
        files.isEmpty
            ? "no file, since neither KUBECONFIG nor HOME is set" : files.map { $0.printable() }.joined(separator: ", ")
    }
}

/// Why there is no usable configuration: every problem that was found, not only the first.
package struct KubeconfigError: Error, Sendable, Hashable, CustomStringConvertible {
    package let problems: [KubeconfigProblem]

    package init(_ problems: [KubeconfigProblem]) { self.problems = problems }

    init(_ kind: KubeconfigProblem.Kind, file: String? = nil) { problems = [KubeconfigProblem(kind, file: file)] }

    package var description: String {
        "cannot tell how to reach the cluster: " + problems.map(\.description).joined(separator: "; ")
    }
}
