import Foundation
import Kubeconfig

/// One way to write down how a cluster is reached.
struct ParityCase: Sendable {
    let name: String
    /// The contents of the files that KUBECONFIG names, in order.
    var files: [[UInt8]]
    var flags: [String: String] = [:]
    var variables: [String: String] = [:]
    /// The value of KUBECONFIG, in which `{0}` stands for the first file; nil for all files in order.
    var list: String?
    /// What ours does where that is meant to differ from kubectl; docs/compatibility.md says why.
    var ours: Way?

    init(
        _ name: String, _ files: [[UInt8]], flags: [String: String] = [:], variables: [String: String] = [:],
        list: String? = nil, ours: Way? = nil
    ) {
        self.name = name
        self.files = files
        self.flags = flags
        self.variables = variables
        self.list = list
        self.ours = ours
    }

    init(
        _ name: String, _ text: String, flags: [String: String] = [:], variables: [String: String] = [:],
        ours: Way? = nil
    ) {
        self.init(name, [Array(text.utf8)], flags: flags, variables: variables, ours: ours)
    }

    /// The value of KUBECONFIG for files at these paths.
    func list(of paths: [String]) -> String {
        var result = list ?? paths.joined(separator: ":")
        for (index, path) in paths.enumerated() { result = result.replacing("{\(index)}", with: path) }
        return result
    }

    var arguments: [String] { flags.map { "--\($0.key)=\($0.value)" } }

    var overrides: KubeconfigOverrides {
        var result = KubeconfigOverrides()
        result.kubeconfig = flags["kubeconfig"]
        result.context = flags["context"]
        result.cluster = flags["cluster"]
        result.user = flags["user"]
        result.server = flags["server"]
        result.token = flags["token"]
        result.username = flags["username"]
        result.password = flags["password"]
        result.clientCertificate = flags["client-certificate"]
        result.clientKey = flags["client-key"]
        result.certificateAuthority = flags["certificate-authority"]
        result.insecureSkipTLSVerify = flags["insecure-skip-tls-verify"] == "true"
        result.impersonateUser = flags["as"]
        return result
    }
}

/// Kubeconfigs that lead to the mirror.
struct MirrorKubeconfigs {
    let mirror: RequestMirror
    let authority: String

    init(_ mirror: RequestMirror) throws {
        self.mirror = mirror
        authority = try mirror.base64(mirror.certificate)
    }

    func server(_ name: String) -> String { "\(name == "P" ? "http" : "https")://127.0.0.1:\(mirror.port(name))" }

    /// A kubeconfig of one cluster, context and user of one name.
    ///
    /// - Parameters:
    ///   - server: as it is written; server A if nil.
    ///   - trust: the cluster's other members, in the flow style; the mirror's authority if nil.
    ///   - user: the user's members, in the flow style.
    func text(
        server: String? = nil, trust: String? = nil, user: String = "token: tok", name: String = "x"
    ) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: \(name)
        clusters:
        - name: \(name)
          cluster: {server: "\(server ?? self.server("A"))", \(trust ?? "certificate-authority-data: \(authority)")}
        contexts:
        - name: \(name)
          context: {cluster: \(name), user: \(name)}
        users:
        - name: \(name)
          user: {\(user)}

        """
    }

    /// A second file, which leads to server B.
    var other: [UInt8] { Array(text(server: server("B"), user: "token: other", name: "other").utf8) }

    /// The user of a plugin that prints a file.
    func plugin(printing answer: String, _ number: Int) throws -> String {
        let file = "\(mirror.folder)/answer-\(number)"
        try Data(answer.utf8).write(to: URL(fileURLWithPath: file))
        return "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: cat, "
            + "args: [\"\(file)\"]}"
    }
}
