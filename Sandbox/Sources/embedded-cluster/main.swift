import ClusterModel
import Crypto
import EmbeddedCluster
import Foundation

/// A vault that always answers, on both paths.
struct OpenVault: KeyAccess {
    func keyMaterial(keyID: String, over path: NetworkPath) async throws -> [UInt8] {
        Array(SHA256.hash(data: Data(keyID.utf8)))
    }
}

struct Arguments {
    var port = 0
    var replicas = 2
    var secrets = 0
    var namespaces = 20
    var bytes = 1024
    var canary = "CANARY"
    var isOn = false
    var timeScale = 1.0

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            if flag == "--kms-on" {
                isOn = true
                continue
            }
            guard let value = rest.popFirst() else { throw UsageError(text: "\(flag) needs a value") }
            func number() throws -> Int {
                guard let number = Int(value), number >= 0 else {
                    throw UsageError(text: "\(flag): \(value) is no number")
                }
                return number
            }
            switch flag {
            case "--port": port = try number()
            case "--replicas": replicas = max(1, try number())
            case "--seed": secrets = try number()
            case "--namespaces": namespaces = max(1, try number())
            case "--bytes": bytes = try number()
            case "--canary": canary = value
            case "--time-scale":
                guard let scale = Double(value), scale > 0 else { throw UsageError(text: "--time-scale: \(value)") }
                timeScale = scale
            default: throw UsageError(text: "unknown flag \(flag)")
            }
        }
    }
}

struct UsageError: Error {
    let text: String
}

let usage = """
    usage: embedded-cluster [--port N] [--replicas N] [--seed SECRETS] [--namespaces N] [--bytes N] [--canary TEXT]
                            [--kms-on] [--time-scale X]
    Serves until its standard input closes. A line on it is a command: on | on-private | off | off-lagging N | settle |
    roll-back N | restart | count | cut | go-away | clear
    """

func serve(_ arguments: Arguments) async throws {
    var options = ClusterOptions()
    options.port = arguments.port
    options.replicas = arguments.replicas
    options.timeScale = arguments.timeScale
    let cluster = EmbeddedCluster(options: options, access: OpenVault())
    try await cluster.start()
    let key = "https://kv-demo.vault.azure.net/keys/k1/0123456789abcdef0123456789abcdef"
    func apply(_ isOn: Bool, _ path: NetworkPath = .publicEndpoint, lagging: Set<Int> = []) async throws {
        try await cluster.apply(
            KMSProfile(enabled: isOn, keyID: key, networkPath: path), rollout: Rollout(lagging: lagging))
    }
    if arguments.isOn { try await apply(true) }
    try await cluster.seed(
        namespaces: arguments.namespaces, secrets: arguments.secrets, bytes: arguments.bytes, canary: arguments.canary)
    let kubeconfig = try cluster.writeKubeconfig(named: "admin.kubeconfig", token: cluster.adminToken)
    let operatorConfig = try cluster.writeKubeconfig(named: "operator.kubeconfig", token: cluster.operatorToken)
    print("SERVER=\(cluster.serverURL)")
    print("CA=\(cluster.directory.appending(path: "ca.crt").path(percentEncoded: false))")
    print("ADMIN_TOKEN=\(cluster.adminToken)")
    print("OPERATOR_TOKEN=\(cluster.operatorToken)")
    print("KUBECONFIG=\(kubeconfig)")
    print("OPERATOR_KUBECONFIG=\(operatorConfig)")
    fflush(nil)
    while let line = readLine() {
        let words = line.split(separator: " ").map(String.init)
        let number = words.count > 1 ? Int(words[1]) ?? 0 : 0
        switch words.first ?? "" {
        case "on": try await apply(true)
        case "on-private": try await apply(true, .privateEndpoint)
        case "off": try await apply(false)
        case "off-lagging": try await apply(false, lagging: [number])
        case "settle": try await cluster.settle()
        case "roll-back": try await cluster.rollBack(replica: number)
        case "restart": try await cluster.restart()
        case "cut": cluster.cutConnections()
        case "go-away": cluster.sendGoAway()
        case "clear": cluster.clearFaults()
        case "count", "": break
        default: print("unknown command: \(line)")
        }
        let counted = try await cluster.storedSecrets()
        print("plaintext=\(counted.plaintext) encrypted=\(counted.encrypted) revision=\(cluster.revision)")
        fflush(nil)
    }
    await cluster.stop()
}

do {
    let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
    try await serve(arguments)
} catch let error as UsageError {
    FileHandle.standardError.write(Data("\(error.text)\n\(usage)\n".utf8))
    exit(2)
}
