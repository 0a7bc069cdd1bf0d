import Foundation
import Testing
import YAML

private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

@Suite
struct `The Job's manifest` {
    private static func file(_ name: String) throws -> String {
        try String(contentsOfFile: root + "/" + name, encoding: .utf8)
    }

    /// The Job, after something in the whole file was replaced.
    private func job(_ part: String = "", _ other: String = "") throws -> YAMLNode {
        var text = try Self.file("deploy/base/job.yaml")
        if !part.isEmpty {
            #expect(text.contains(part), "\(part)")
            text = text.replacingOccurrences(of: part, with: other)
        }
        let last = try #require(text.components(separatedBy: "\n---\n").last)
        return try #require(try YAMLNode.parse(Array(last.utf8)))
    }

    private func faults(_ part: String = "", _ other: String = "") throws -> [String] {
        PodSecurity(pod: try #require(try job(part, other)["spec"]?["template"]?["spec"])).faults
    }

    @Test func `meets the restricted level of Pod Security`() throws { #expect(try faults() == []) }

    /// Each rule of that level, broken.
    @Test(arguments: [
        ("      restartPolicy: Never\n", "      restartPolicy: Never\n      hostNetwork: true\n", "Host Namespaces"),
        ("      restartPolicy: Never\n", "      restartPolicy: Never\n      hostPID: true\n", "Host Namespaces"),
        ("      restartPolicy: Never\n", "      restartPolicy: Never\n      hostIPC: true\n", "Host Namespaces"),
        ("emptyDir: {}", "hostPath: {path: /tmp}", "Volume Types"),
        ("readOnlyRootFilesystem: true", "privileged: true", "Privileged Containers"),
        ("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "Privilege Escalation"),
        ("            allowPrivilegeEscalation: false\n", "", "Privilege Escalation"),
        ("capabilities: {drop: [ALL]}", "capabilities: {drop: [KILL]}", "Capabilities"),
        ("capabilities: {drop: [ALL]}", "capabilities: {drop: [ALL], add: [SYS_ADMIN]}", "Capabilities"),
        ("readOnlyRootFilesystem: true", "procMount: Unmasked", "/proc Mount Type"),
        ("          resources:\n", "          ports: [{hostPort: 80}]\n          resources:\n", "Host Ports"),
        ("runAsNonRoot: true", "runAsNonRoot: false", "Running as Non-root"),
        ("runAsUser: 65532", "runAsUser: 0", "Running as Non-root user"),
        ("{type: RuntimeDefault}", "{type: Unconfined}", "Seccomp"),
        ("        seccompProfile: {type: RuntimeDefault}\n", "", "Seccomp"),
        ("readOnlyRootFilesystem: true", "appArmorProfile: {type: Unconfined}", "AppArmor"),
        ("readOnlyRootFilesystem: true", "seLinuxOptions: {type: spc_t}", "SELinux"),
        ("readOnlyRootFilesystem: true", "seLinuxOptions: {user: root}", "SELinux"),
        ("readOnlyRootFilesystem: true", "windowsOptions: {hostProcess: true}", "HostProcess"),
        (
            "        seccompProfile:", "        sysctls: [{name: kernel.msgmax, value: '1'}]\n        seccompProfile:",
            "Sysctls"
        ),
    ])
    func `would not meet it with a rule broken`(_ part: String, _ broken: String, _ fault: String) throws {
        #expect(try faults(part, broken).contains(fault))
    }

    @Test func `names the image of this version, and leaves the start to it`() throws {
        let source = try Self.file("Sources/Shared/Connections/Version.swift")
        let version = try #require(source.firstMatch(of: /productVersion = "([^"]+)"/)).1
        let container = try #require(try job()["spec"]?["template"]?["spec"]?["containers"]?.items?.first)
        #expect(container["image"]?.scalar?.text == "ghcr.io/kubectl-kms-vault/kubectl-kms-vault:v\(version)")
        #expect(container["command"] == nil)
    }

    @Test func `goes by itself, a day after it is done`() throws {
        #expect(try job()["spec"]?["ttlSecondsAfterFinished"]?.scalar?.text == "86400")
    }

    @Test func `leaves nothing that the documented commands do not take away`() throws {
        let guide = try Self.file("docs/private-clusters.md")
        let commands = guide.split(separator: "\n").filter { $0.hasPrefix("    kubectl delete ") }
        let deleted = Set(commands.flatMap { $0.split(whereSeparator: { " ,".contains($0) }).map(String.init) })
        let kinds = try Self.file("deploy/base/job.yaml").split(separator: "\n").filter { $0.hasPrefix("kind: ") }
        #expect(kinds.count == 7)
        for kind in kinds {
            #expect(deleted.contains(kind.dropFirst("kind: ".count).lowercased()), "\(kind)")
        }
    }
}
