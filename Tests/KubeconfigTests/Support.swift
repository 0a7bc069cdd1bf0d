import Files
import HTTP
import Testing

@testable import Kubeconfig

/// Files in memory, some of which cannot be read.
struct FailingFiles: FileReading {
    var contents: [String: [UInt8]]
    var failures: [String: FileError.Kind]

    func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        if let kind = failures[path] { throw FileError(kind, .read, path) }
        return try MemoryFiles(contents).read(path, limit: limit)
    }
}

let pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
/// `pem` in base64.
let pemData = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="

func environment(_ files: [String: String], _ variables: [String: String] = [:]) -> KubeEnvironment {
    KubeEnvironment(
        variables: variables, homeDirectory: "/home/a", workingDirectory: "/somewhere", files: MemoryFiles(files))
}

/// A kubeconfig of one context, cluster and user, all named `clean`, with these members.
func kubeconfig(
    cluster: String = "server: https://anything.com:8080", user: String = "token: the-token",
    context: String = ""
) -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: clean
    clusters:
    - name: clean
      cluster: {\(cluster)}
    contexts:
    - name: clean
      context: {cluster: clean, user: clean\(context.isEmpty ? "" : ", " + context)}
    users:
    - name: clean
      user: {\(user)}
    """
}

/// The access that one file and flags give.
func access(
    _ text: String, files: [String: String] = [:], variables: [String: String] = [:],
    _ change: (inout KubeconfigOverrides) -> Void = { _ in }
) throws(KubeconfigError) -> ClusterAccess {
    var overrides = KubeconfigOverrides()
    change(&overrides)
    let all = files.merging(["/home/a/.kube/config": text]) { given, _ in given }
    return try ClusterAccess.load(overrides, environment(all, variables))
}

/// The kinds of the problems that loading finds; empty when there are none.
func problems(
    _ text: String, files: [String: String] = [:], variables: [String: String] = [:],
    _ change: (inout KubeconfigOverrides) -> Void = { _ in }
) -> [KubeconfigProblem.Kind] {
    do throws(KubeconfigError) {
        _ = try access(text, files: files, variables: variables, change)
        return []
    } catch {
        return error.problems.map(\.kind)
    }
}
