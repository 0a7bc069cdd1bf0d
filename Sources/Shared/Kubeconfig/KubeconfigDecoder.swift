import JSON
import YAML

extension Kubeconfig {
    /// The largest file that is read; kubeconfigs of hundreds of clusters have a few megabytes.
    static let largestFile = 16 << 20

    /// The content of one file (schema: k8s.io/client-go/tools/clientcmd/api/v1 types.go).
    init(parsing bytes: [UInt8], file: String) throws(KubeconfigError) {
        self.init()
        files = [file]
        let root: YAMLNode?
        do throws(YAMLError) {
            root = try YAMLNode.parse(bytes, limits: YAMLLimits(bytes: Self.largestFile))
        } catch {
            throw KubeconfigError(.malformed(error), file: file)
        }
        guard let root else { return }
        let reader = try EntryReader(root, path: "", file: file)
        try Self.checkDocument(reader)
        currentContext = try reader.string("current-context")
        clusters = try Self.named("clusters", "cluster", in: reader) { entry throws(KubeconfigError) in
            try ClusterEntry(entry)
        }
        users = try Self.named("users", "user", in: reader) { entry throws(KubeconfigError) in try UserEntry(entry) }
        contexts = try Self.named("contexts", "context", in: reader) { entry throws(KubeconfigError) in
            try ContextEntry(entry)
        }
        _ = try Self.named("extensions", "extension", in: reader) { _ in }
    }

    /// Both members may be absent; what they say must then be true.
    private static func checkDocument(_ reader: EntryReader) throws(KubeconfigError) {
        let kind = try reader.string("kind")
        let version = try reader.string("apiVersion")
        guard kind.isEmpty || kind == "Config", version.isEmpty || version == "v1" else {
            throw reader.failure(.unsupportedDocument("\(version) \(kind)"), reader.node)
        }
    }

    private static func named<Entry>(
        _ list: String, _ member: String, in reader: EntryReader,
        _ make: (EntryReader) throws(KubeconfigError) -> Entry
    ) throws(KubeconfigError) -> [String: Entry] {
        var result: [String: Entry] = [:]
        for item in try reader.children(list) {
            let name = try item.string("name")
            guard result[name] == nil else {
                throw reader.failure(.duplicateName(list: list, name: name), item.node)
            }
            let entry = member == "extension" ? item : try item.child(member)
            let empty = try EntryReader(YAMLNode(.mapping([])), path: "", file: reader.file)
            result[name] = try make(entry ?? empty)
        }
        return result
    }
}

extension ClusterEntry {
    init(_ reader: EntryReader) throws(KubeconfigError) {
        server = try reader.string("server")
        tlsServerName = try reader.string("tls-server-name")
        insecureSkipTLSVerify = try reader.bool("insecure-skip-tls-verify")
        certificateAuthority = try reader.string("certificate-authority")
        certificateAuthorityData = try reader.data("certificate-authority-data")
        proxyURL = try reader.string("proxy-url")
        disableCompression = try reader.bool("disable-compression")
        for item in try reader.children("extensions")
        where try item.string("name") == "client.authentication.k8s.io/exec" {
            execConfig = item.node["extension"].map { JSONValue($0) }
        }
        file = reader.file
    }
}

extension UserEntry {
    init(_ reader: EntryReader) throws(KubeconfigError) {
        clientCertificate = try reader.string("client-certificate")
        clientCertificateData = try reader.data("client-certificate-data")
        clientKey = try reader.string("client-key")
        clientKeyData = try reader.data("client-key-data")
        token = try reader.string("token")
        tokenFile = try reader.string("tokenFile")
        username = try reader.string("username")
        password = try reader.string("password")
        impersonation.user = try reader.string("as")
        impersonation.uid = try reader.string("as-uid")
        impersonation.groups = try reader.strings("as-groups")
        if let extra = try reader.child("as-user-extra") {
            for key in extra.node.entries?.compactMap(\.key.scalar?.text) ?? [] {
                impersonation.extra[key] = try extra.strings(key)
            }
        }
        authProvider = try reader.child("auth-provider").map { provider throws(KubeconfigError) in
            try provider.string("name")
        }
        exec = try reader.child("exec").map { plugin throws(KubeconfigError) in try ExecPlugin(plugin) }
        file = reader.file
    }
}

extension ExecPlugin {
    init(_ reader: EntryReader) throws(KubeconfigError) {
        command = try reader.string("command")
        arguments = try reader.strings("args")
        for variable in try reader.children("env") {
            environment[try variable.string("name")] = try variable.string("value")
        }
        apiVersion = try reader.string("apiVersion")
        installHint = try reader.string("installHint")
        provideClusterInfo = try reader.bool("provideClusterInfo")
        interactiveMode = try reader.string("interactiveMode")
    }
}

extension ContextEntry {
    init(_ reader: EntryReader) throws(KubeconfigError) {
        cluster = try reader.string("cluster")
        user = try reader.string("user")
        namespace = try reader.string("namespace")
        file = reader.file
    }
}
