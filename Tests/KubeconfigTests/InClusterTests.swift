// The cases are those of TestInClusterClientConfigPrecedence in k8s.io/client-go/tools/clientcmd (Apache-2.0), in our
// words.
import HTTP
import Testing

@testable import Kubeconfig

private let folder = "/var/run/secrets/kubernetes.io/serviceaccount/"
private let files = [folder + "token": "pod-token", folder + "ca.crt": pem, folder + "namespace": " pod-ns\n"]
private let variables = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]

struct InClusterTests {
    private func pod(
        files: [String: String] = files, variables: [String: String] = variables,
        _ change: (inout KubeconfigOverrides) -> Void = { _ in }
    ) throws(KubeconfigError) -> ClusterAccess {
        var overrides = KubeconfigOverrides()
        change(&overrides)
        return try ClusterAccess.load(overrides, environment(files, variables))
    }

    @Test func `a pod without kubeconfig uses its service account`() throws {
        let access = try pod()
        #expect(access.isInCluster)
        #expect(access.server == "https://10.0.0.1:443")
        #expect(access.trust == .authorities(pem: Array(pem.utf8)))
        #expect(access.credential == .tokenFile(path: folder + "token", fallback: nil))
        #expect(access.namespace == "pod-ns")
    }

    @Test func `an IPv6 address is put in brackets`() throws {
        let access = try pod(variables: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"])
        #expect(access.server == "https://[fd00::1]:443")
    }

    @Test func `token, authority, namespace and impersonation flags count`() throws {
        let access = try pod(files: files.merging(["/my.ca": pem + pem]) { $1 }) {
            ($0.token, $0.certificateAuthority, $0.namespace, $0.impersonateUser) = ("t", "/my.ca", "n", "me")
        }
        #expect(access.credential == .token("t"))
        #expect(access.trust == .authorities(pem: Array((pem + pem).utf8)))
        #expect(access.namespace == "n")
        #expect(access.impersonationHeaders["Impersonate-User"] == "me")
    }

    @Test func `the namespace comes from the variable, the file, or is default`() throws {
        #expect(try pod(variables: variables.merging(["POD_NAMESPACE": "v"]) { $1 }).namespace == "v")
        #expect(try pod(files: files.filter { !$0.key.hasSuffix("namespace") }).namespace == "default")
    }

    @Test func `a kubeconfig goes before the pod's own account`() throws {
        let access = try pod(files: files.merging(["/home/a/.kube/config": kubeconfig()]) { $1 })
        #expect(!access.isInCluster)
    }

    @Test func `without variables or token file there is no pod`() {
        #expect(throws: KubeconfigError.self) { try pod(variables: [:]) }
        #expect(throws: KubeconfigError.self) { try pod(files: [folder + "ca.crt": pem]) }
    }
}
