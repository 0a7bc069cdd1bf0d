import ClusterModel
import Foundation
import RealCluster

/// A vault that is always open, for a cluster that is tried without the rest of the sandbox.
struct OpenVault: KeyAccess {
    func keyMaterial(keyID: String, over path: NetworkPath) async throws -> [UInt8] {
        Array(keyID.utf8)
    }
}

struct UnknownCommand: Error, CustomStringConvertible {
    let line: String
    var description: String { "unknown command '\(line)'" }
}

let usage = """
    usage: real-cluster-smoke KUBE_APISERVER [REPLICAS]
    Starts a cluster, prints a kubeconfig's path, and takes commands on standard input:
      on KEY_ID Public|Private    turn KMS on        off          turn KMS off
      restart                     restart all        latency MS   set the round trip time
      count                       how Secrets are stored
    It ends with the input.
    """

func kubeconfig(server: String, ca: String, token: String) -> String {
    """
    {"apiVersion": "v1", "kind": "Config", "current-context": "sandbox",
     "clusters": [{"name": "sandbox", "cluster": {"server": "\(server)",
       "certificate-authority-data": "\(Data(ca.utf8).base64EncodedString())"}}],
     "users": [{"name": "operator", "user": {"token": "\(token)"}}],
     "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": "operator"}}]}

    """
}

/// Unlike print, at once: what reads us may be a pipe.
func say(_ text: Any) {
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}

func perform(_ line: String, on cluster: RealCluster) async throws {
    let words = line.split(separator: " ").map(String.init)
    switch (words.first, words.count) {
    case ("on", 3):
        guard let path = NetworkPath(rawValue: words[2]) else { throw UnknownCommand(line: line) }
        try await cluster.apply(
            KMSProfile(enabled: true, keyID: words[1], networkPath: path), rollout: Rollout())
    case ("off", 1):
        try await cluster.apply(
            KMSProfile(enabled: false, keyID: "", networkPath: .publicEndpoint), rollout: Rollout())
    case ("restart", 1): try await cluster.restart()
    case ("latency", 2): try await cluster.setRoundTrip(milliseconds: Int(words[1]) ?? 0)
    case ("count", 1): say(try await cluster.storedSecrets())
    default: throw UnknownCommand(line: line)
    }
}

let arguments = CommandLine.arguments
guard arguments.count >= 2 else {
    say(usage)
    exit(2)
}
var options = RealCluster.Options(kubeAPIServer: arguments[1])
options.replicas = arguments.count > 2 ? Int(arguments[2]) ?? 2 : 2
let cluster = RealCluster(options: options, access: OpenVault())
let clock = ContinuousClock()
let startTime = try await clock.measure { try await cluster.start() }
let file = FileManager.default.temporaryDirectory.path + "/kms-vault-kubeconfig-\(getpid())"
let text = await kubeconfig(server: cluster.serverURL, ca: cluster.caPEM, token: cluster.operatorToken)
guard FileManager.default.createFile(atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
else { exit(1) }
say("ready after \(startTime); export KUBECONFIG=\(file)")
while let line = readLine() {
    do {
        let time = try await clock.measure { try await perform(line, on: cluster) }
        say("\(line): \(time)")
    } catch {
        say("\(line): \(error)")
    }
}
await cluster.stop()
try? FileManager.default.removeItem(atPath: file)
