import CPlatform
package import Foundation
import Platform
import Synchronization

/// A program in the background. Its output goes to files, so that nothing has to read while it runs.
package final class RunningProgram: Sendable {
    package struct Result: Sendable {
        package var exitCode: Int32
        package var output: String
        package var errors: String
    }

    package let identifier: Int32
    private let ended: Task<Int32, any Error>
    private let life: Life
    private let outputFile: String
    private let errorFile: String

    /// - Parameters:
    ///   - environment: the whole environment of the child.
    ///   - folder: where the files of its output go.
    package init(_ executable: String, _ arguments: [String], environment: [String: String], folder: String) throws {
        let name = UUID().uuidString
        outputFile = "\(folder)/\(name).out"
        errorFile = "\(folder)/\(name).err"
        identifier = try Self.spawn(executable, arguments, environment, outputFile, errorFile)
        let life = Life(identifier)
        self.life = life
        ended = Task {
            while true {
                if let code = life.reaped() { return try code.get() }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Nobody waits for it any more: the test has failed.
    deinit { life.signal(SIGKILL) }

    /// The process's number, as long as it is this process's.
    private final class Life: Sendable {
        private let identifier: Mutex<pid_t?>

        init(_ identifier: pid_t) { self.identifier = Mutex(identifier) }

        func signal(_ number: Int32) { identifier.withLock { if let pid = $0 { _ = kill(pid, number) } } }

        /// The exit code, as a shell says it: for a signal 128 and its number. Nil while it runs.
        func reaped() -> Swift.Result<Int32, any Error>? {
            identifier.withLock { identifier in
                guard let pid = identifier else { return nil }
                var status: Int32 = 0
                let reaped = waitpid(pid, &status, WNOHANG)
                if reaped == 0 || (reaped < 0 && errno == EINTR) { return nil }
                identifier = nil
                if reaped < 0 { return .failure(RigError("process \(pid) ended without a status")) }
                return .success(status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F))
            }
        }
    }

    /// Foundation's Process learns of an end by a descriptor that children of other tests inherit.
    private static func spawn(
        _ executable: String, _ arguments: [String], _ environment: [String: String], _ output: String,
        _ errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var argv = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var child = pid_t()
        let code = posix_spawn(&child, executable, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw RigError("\(executable): \(String(cString: strerror(code)))") }
        return child
    }

    package func signal(_ number: Int32) { life.signal(number) }

    /// Whether it sleeps after SIGSTOP (proc(5), the third field of stat).
    package var isStopped: Bool {
        let stat = read("/proc/\(identifier)/stat")
        return stat.split(separator: ")").last?.hasPrefix(" T") == true
    }

    /// Its limits, a line each (proc(5)).
    package var limits: [Substring] { read("/proc/\(identifier)/limits").split(separator: "\n") }

    /// Whether nothing runs under its number any more; a moment after its end it is reaped.
    package var hasEnded: Bool { kill(identifier, 0) != 0 }

    /// What it has said on its standard error up to now.
    package var errors: String { read(errorFile) }

    /// What it has said on its standard output up to now.
    package var output: String { read(outputFile) }
    package var outputData: Data { FileManager.default.contents(atPath: outputFile) ?? Data() }

    /// Waits until its standard error has `text`.
    package func says(_ text: String, within seconds: Double) async throws {
        try await eventually(within: seconds, "it says '\(text)': \(errors.suffix(3000))") { errors.contains(text) }
    }

    /// Waits for the end.
    package func result() async throws -> Result {
        let code = try await ended.value
        return Result(exitCode: code, output: read(outputFile), errors: read(errorFile))
    }

    private func read(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
