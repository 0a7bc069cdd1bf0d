import Foundation
import Glibc
import SystemRig
import Testing

/// What a crash leaves on disk: nothing.
@Suite(.needsSandbox)
struct `Core files` {
    @Test func `the kernel writes none of a running switch, and does of another program`() async throws {
        try await inSandbox { sandbox, plugin in
            let command = [Rig.kubectl ?? "kubectl", "kms-vault", "switch", "--private", "--yes"] + plugin.target
            let killed = try await crash(command, plugin, once: "Turning KMS off")
            #expect(killed.contains(Self.end) && !killed.contains("core dumped"), "\(killed)")
            let control = try await crash(["sh", "-c", "echo began >&2; exec sleep 60"], plugin, once: "began")
            #expect(control.contains(Self.end) && control.contains("(core dumped)"), "\(control)")
        }
    }

    /// Bash's words for an end by SIGXCPU, one of the signals that leave a core file and that Swift's runtime does not
    /// take for a crash of its own.
    private static let end = "CPU time limit exceeded"

    /// Starts a program whose core files have no limit, crashes it when it has said `text`, and returns what was said.
    private func crash(_ command: [String], _ plugin: Plugin, once text: String) async throws -> String {
        // Bash tells from the kernel's answer whether a core file was written, wherever such files go.
        let script = #"ulimit -c unlimited; cd "$0"; "$@" & echo "pid $!" >&2; wait $!"#
        let shell = try RunningProgram(
            "/bin/bash", ["-c", script, plugin.folder] + command, environment: plugin.environment,
            folder: plugin.folder)
        // The shell and the program write side by side: what either says may come first.
        try await eventually("it has begun: \(shell.errors)") {
            shell.errors.contains(text) && shell.errors.contains(/(^|\n)pid \d+\n/)
        }
        let process = try #require(shell.errors.firstMatch(of: /(?:^|\n)pid (\d+)\n/).flatMap { pid_t($0.1) })
        #expect(kill(process, SIGXCPU) == 0)
        return try await shell.result().errors
    }
}
