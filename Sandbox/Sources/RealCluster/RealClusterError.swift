/// Why a real cluster could not do what it was asked.
public enum RealClusterError: Error, Equatable, CustomStringConvertible {
    case programMissing(path: String)
    case notStarted(program: String, reason: String)
    case ended(program: String, status: String, lastLines: String)
    case notReady(name: String, seconds: Int, lastLines: String)
    case unexpectedAnswer(to: String, status: Int, body: String)
    case noAnswer(from: String, reason: String)
    case noSuchReplica(Int, replicas: Int)
    case noSuchSecret(namespace: String, name: String)
    case pathTooLong(String)
    case notRunning
    case alreadyRunning
    case keyMissing

    public var description: String {
        switch self {
        case .programMissing(let path): "no program at \(path); script/build-kube-apiserver builds kube-apiserver"
        case .notStarted(let program, let reason): "\(program) cannot be started: \(reason)"
        case .ended(let program, let status, let lines): "\(program) ended (\(status)): \(lines)"
        case .notReady(let name, let seconds, let lines): "\(name) is not ready after \(seconds) s: \(lines)"
        case .unexpectedAnswer(let request, let status, let body): "\(request) answered \(status): \(body)"
        case .noAnswer(let server, let reason): "\(server) does not answer: \(reason)"
        case .noSuchReplica(let index, let replicas): "there is no replica \(index): the cluster has \(replicas)"
        case .noSuchSecret(let namespace, let name): "no Secret \(namespace)/\(name) is stored"
        case .pathTooLong(let path): "a unix socket's path has at most 107 bytes: \(path)"
        case .notRunning: "the cluster is not running"
        case .alreadyRunning: "the cluster is running already"
        case .keyMissing: "a profile with KMS on must name a key"
        }
    }
}
