import Files
import Glibc
import Processes
import Testing

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

private func shell(
    _ script: String, input: ChildProcess.StandardInput = .empty, timeout: Double? = 60, limit: Int = 1 << 20,
    environment: [String: String] = ["PATH": "/usr/bin:/bin"]
) async throws -> ChildProcess.Output {
    try await ChildProcess.run(
        "/bin/sh", ["-c", script], environment: environment, standardInput: input, timeout: timeout,
        outputLimit: limit)
}

private func openDescriptors() -> Int { (0..<4096).count { fcntl($0, F_GETFD) >= 0 } }

struct ChildProcessTests {
    @Test func `output, errors and status are told apart`() async throws {
        let result = try await shell("echo out; echo err >&2; exit 7")
        #expect(text(result.standardOutput) == "out\n")
        #expect(text(result.standardError) == "err\n")
        #expect(result.termination == .exited(status: 7))
        #expect(!result.succeeded)
        #expect(try await shell("true").succeeded)
    }

    @Test func `arguments reach the program unchanged`() async throws {
        let arguments = ["$HOME", "a b", "*", "", "\"'\\", "ü"]
        let result = try await ChildProcess.run("/usr/bin/printf", ["<%s>"] + arguments, environment: [:])
        #expect(text(result.standardOutput) == "<$HOME><a b><*><><\"'\\><ü>")
    }

    @Test func `the environment is exactly what was given`() async throws {
        let result = try await ChildProcess.run("/usr/bin/env", [], environment: ["B": "2", "A": "1=\n"])
        #expect(text(result.standardOutput) == "A=1=\n\nB=2\n")
    }

    @Test func `more input and output than a pipe holds pass through`() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let result = try await ChildProcess.run(
            "/bin/cat", [], environment: [:], standardInput: .bytes(bytes), timeout: 60)
        #expect(result.standardOutput == bytes)
    }

    @Test func `input that the child does not read is no error`() async throws {
        let result = try await shell("exit 3", input: .bytes([UInt8](repeating: 0, count: 1 << 20)))
        #expect(result.termination == .exited(status: 3))
    }

    @Test func `a child without input reads an end`() async throws {
        #expect(try await shell("cat").succeeded)
        #expect(try await shell("cat", input: .bytes([])).succeeded)
    }

    @Test func `a signal is told apart from a status`() async throws {
        #expect(try await shell("kill -9 $$").termination == .signalled(SIGKILL))
    }

    @Test func `a child that never pauses is ended at the output limit`() async {
        await #expect(throws: ProcessError(.outputTooLarge(limit: 1000), "/bin/sh")) {
            try await shell("while :; do echo yyyyyyyyyyyyyyyy; done", limit: 1000)
        }
    }

    @Test func `of too many errors the last are kept`() async throws {
        let result = try await shell("for i in 1 2 3 4 5 6 7 8 9; do echo line$i >&2; done", limit: 12)
        #expect(text(result.standardError) == "line8\nline9\n")
    }

    @Test func `a child that outlasts its time is ended, even if it ignores the polite signal`() async {
        await #expect(throws: ProcessError(.timedOut(seconds: 0.1), "/bin/sh")) {
            try await shell("trap '' TERM; while :; do sleep 0.05; done", timeout: 0.1)
        }
    }

    @Test func `cancelling the task ends the child and what it started`() async throws {
        let task = Task { try await shell("sleep 1000 & echo $!; wait") }
        task.cancel()
        let result = await task.result
        #expect(throws: ProcessError(.cancelled, "/bin/sh")) { try result.get() }
    }

    @Test func `a grandchild that keeps the output open does not hold up the answer`() async throws {
        let result = try await shell("sleep 1000 & echo $!")
        let grandchild = try #require(pid_t(text(result.standardOutput).dropLast()))
        #expect(kill(grandchild, SIGKILL) == 0)
    }

    @Test func `no child is left behind and no descriptor either`() async throws {
        let before = openDescriptors()
        for _ in 0..<20 {
            _ = try await shell("echo x", input: .bytes([1, 2]))
            _ = try? await ChildProcess.run("/nowhere", [], environment: [:], standardInput: .bytes([1]))
        }
        // Other tests of this process open and close theirs at the same time; what leaks from forty runs stays.
        for _ in 0..<100 where openDescriptors() >= before + 20 { try await Task.sleep(for: .milliseconds(100)) }
        #expect(openDescriptors() < before + 20)
    }

    @Test func `a child sees no descriptor but its three`() async throws {
        let open = try #require(fopen("/dev/null", "r"))
        defer { fclose(open) }
        let result = try await ChildProcess.run("/bin/ls", ["/proc/self/fd"], environment: [:])
        // The fourth is the folder that it lists.
        #expect(text(result.standardOutput) == "0\n1\n2\n3\n")
    }

    @Test func `a child has no signal ignored or blocked`() async throws {
        let script = "grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f2"
        for mask in text(try await shell(script).standardOutput).split(separator: "\n") {
            // Signals 32 and 33 belong to the C library, which lets nobody set them.
            #expect(try #require(UInt64(mask, radix: 16)) & 0x7FFF_FFFF == 0)
        }
    }

    @Test func `what cannot be started is a typed failure`() async throws {
        await #expect(throws: ProcessError(.notFound, "/nowhere/x")) {
            try await ChildProcess.run("/nowhere/x", [], environment: [:])
        }
        await #expect(throws: ProcessError(.notExecutable, "/etc/passwd")) {
            try await ChildProcess.run("/etc/passwd", [], environment: [:])
        }
        await #expect(throws: ProcessError(.notExecutable, "/tmp")) {
            try await ChildProcess.run("/tmp", [], environment: [:])
        }
    }

    @Test(
        arguments: [
            (["a\0b"], [:]), ([], ["A": "\0"]), ([], ["": "x"]), ([], ["A=B": "x"]),
        ] as [([String], [String: String])])
    func `arguments that C would cut are refused`(arguments: [String], environment: [String: String]) async {
        await #expect(throws: ProcessError(.invalidArgument, "/bin/true")) {
            try await ChildProcess.run("/bin/true", arguments, environment: environment)
        }
    }

    @Test func `the output of a child never shows in its description`() async throws {
        let result = try await shell("echo sesame")
        #expect(!"\(result)".contains("sesame"))
    }
}

struct FindTests {
    @Test func `a name is looked for in the folders in order`() {
        #expect(ChildProcess.find("sh", path: "/nowhere:/bin:/usr/bin") == "/bin/sh")
        #expect(ChildProcess.find("sh", path: "") == nil)
        #expect(ChildProcess.find("no-such-program", path: "/bin") == nil)
    }

    @Test func `a path is taken as it is`() {
        #expect(ChildProcess.find("/bin/sh", path: "") == "/bin/sh")
        #expect(ChildProcess.find("/etc/passwd", path: "") == nil)
        #expect(ChildProcess.find("/bin", path: "") == nil)
    }

    @Test func `folders that depend on where we are do not count`() {
        #expect(ChildProcess.find("sh", path: "bin:.:../bin:../../../../../../bin") == nil)
        #expect(ChildProcess.find("", path: "/bin") == nil)
    }
}
