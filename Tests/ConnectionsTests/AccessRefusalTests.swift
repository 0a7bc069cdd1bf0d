import Files
import Kubeconfig
import Testing
import Usage

@testable import Commands
@testable import Connections

/// Whoever changes a cluster must know which one answers.
@Suite struct AccessRefusalTests {
    private static let changing: [SubjectFinder.Purpose] = [.changing, .rescuing]
    private static let reading: [SubjectFinder.Purpose] = [.reading, .looking]

    private func access(_ server: String, insecure: Bool = false) throws -> ClusterAccess {
        var flags = KubeconfigOverrides()
        flags.server = server
        flags.insecureSkipTLSVerify = insecure
        let nothing = KubeEnvironment(
            variables: ["KUBECONFIG": "/nowhere"], homeDirectory: nil, workingDirectory: "/", files: DiskFiles())
        return try ClusterAccess.load(flags, nothing)
    }

    @Test(arguments: ["http://127.0.0.1:8001", "HTTP://127.0.0.1:8001", "hTTp://a.b", "localhost:8001"], changing)
    func `nothing is changed without TLS`(_ server: String, _ purpose: SubjectFinder.Purpose) throws {
        let refusal = try #require(SubjectFinder.refusal(of: try access(server), for: purpose))
        #expect(refusal.kind == .refused && refusal.description.contains("not reached over TLS"))
        #expect(refusal.next.text(for: .kubectl).contains("kubectl proxy"))
    }

    @Test(arguments: ["https://a.b", "HTTPS://a.b", "https://127.0.0.1:6443/path"], changing + reading)
    func `over TLS nothing is refused`(_ server: String, _ purpose: SubjectFinder.Purpose) throws {
        #expect(SubjectFinder.refusal(of: try access(server), for: purpose) == nil)
    }

    @Test(arguments: changing)
    func `TLS that is not verified is refused, too`(_ purpose: SubjectFinder.Purpose) throws {
        let refusal = try #require(SubjectFinder.refusal(of: try access("https://a", insecure: true), for: purpose))
        #expect(refusal.description.contains("TLS verification"))
    }

    @Test(arguments: reading)
    func `commands that only read go on`(_ purpose: SubjectFinder.Purpose) throws {
        #expect(SubjectFinder.refusal(of: try access("http://127.0.0.1:8001"), for: purpose) == nil)
        #expect(SubjectFinder.refusal(of: try access("https://a", insecure: true), for: purpose) == nil)
    }

    @Test func `each command that changes a cluster must know it`() {
        let changes: [CommandRequest.Command] = [
            .switchMode(dryRun: false), .resume, .makeSafe, .rewriteSecrets(namespaces: nil, dryRun: false),
            .verify(patch: true),
        ]
        for command in changes { #expect(command.purpose.changes, "\(command)") }
    }
}
