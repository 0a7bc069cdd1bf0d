import CSpawn
import Foundation
import Glibc
import Synchronization

/// A program that we started and that cannot outlive us.
///
/// Each child has a thread of its own, which starts it, waits for it and ends with it. The kernel kills the child when
/// that thread ends, so that a sandbox that is itself killed leaves no servers behind.
final class ChildProcess: Sendable {
    enum End: Sendable, Equatable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)

        var description: String {
            switch self {
            case .exited(let code): "exit code \(code)"
            case .signalled(let signal): "signal \(signal)"
            }
        }
    }

    private struct State {
        var end: End?
        var waiters: [CheckedContinuation<End, Never>] = []
    }

    let program: String
    let log: String
    private let pid: pid_t
    private let state = Mutex(State())

    private init(program: String, log: String, pid: pid_t) {
        self.program = program
        self.log = log
        self.pid = pid
    }

    /// Starts `path` with both outputs appended to the file `log`.
    static func start(_ path: String, _ arguments: [String], log: String) async throws -> ChildProcess {
        let program = path.split(separator: "/").last.map(String.init) ?? path
        guard access(path, X_OK) == 0 else { throw RealClusterError.programMissing(path: path) }
        return try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                switch spawn(path, arguments, log: log) {
                case .failure(let error):
                    continuation.resume(
                        throwing: RealClusterError.notStarted(
                            program: program, reason: String(cString: strerror(error.code))))
                case .success(let pid):
                    let child = ChildProcess(program: program, log: log, pid: pid)
                    continuation.resume(returning: child)
                    child.waitForEnd()
                }
            }
            thread.start()
        }
    }

    /// Starts a program that does one thing, and waits for it.
    static func run(_ path: String, _ arguments: [String], log: String) async throws {
        let child = try await start(path, arguments, log: log)
        let end = await child.end
        guard end == .exited(0) else {
            throw RealClusterError.ended(program: child.program, status: "\(end)", lastLines: child.lastLines)
        }
    }

    /// How it ended, as soon as it has.
    var end: End {
        get async {
            await withCheckedContinuation { continuation in
                let end = state.withLock { state in
                    if state.end == nil { state.waiters.append(continuation) }
                    return state.end
                }
                if let end { continuation.resume(returning: end) }
            }
        }
    }

    var hasEnded: Bool { state.withLock { $0.end != nil } }

    /// What it said last, for an error's text.
    var lastLines: String {
        guard let text = try? String(contentsOfFile: log, encoding: .utf8) else { return "" }
        return String(text.suffix(2000))
    }

    func signal(_ number: Int32) {
        // Under the lock a child that has not ended is not reaped, so its pid is still its own.
        state.withLock { state in
            if state.end == nil { kill(pid, number) }
        }
    }

    /// Asks it to end, and kills it when it has not after `grace`.
    func terminate(grace: Duration) async {
        signal(SIGTERM)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await Task.sleep(for: grace)
                self.signal(SIGKILL)
            }
            group.addTask { _ = await self.end }
            _ = await group.next()
            if hasEnded { group.cancelAll() }
        }
    }

    private func waitForEnd() {
        var info = siginfo_t()
        // WNOWAIT leaves the pid taken until the lock is held.
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == -1 && errno == EINTR {}
        let (end, waiters) = state.withLock { state in
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            let signal = status & 0x7f
            let end: End = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
            let waiters = state.waiters
            state = State(end: end)
            return (end, waiters)
        }
        for waiter in waiters { waiter.resume(returning: end) }
    }
}

private struct SystemError: Error {
    let code: Int32
}

/// Starts `path` in a process group of its own (a terminal's Ctrl-C is for us to handle).
private func spawn(_ path: String, _ arguments: [String], log: String) -> Result<pid_t, SystemError> {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // NIO's sockets would stay open in the child, and a connection that we close would not end.
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

    let words = ["setpriv", "--pdeathsig", "KILL", "--", path] + arguments
    var argv: [UnsafeMutablePointer<CChar>?] = words.map { (text: String) in strdup(text) } + [nil]
    defer { argv.forEach { free($0) } }
    // Nothing of our environment is passed on: a proxy's variables would reach the API server's own clients.
    var envp: [UnsafeMutablePointer<CChar>?] =
        ["PATH=/usr/bin:/bin", "HOME=/"].map { (text: String) in strdup(text) } + [nil]
    defer { envp.forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, "/usr/bin/setpriv", &actions, &attributes, &argv, &envp)
    return code == 0 ? .success(pid) : .failure(SystemError(code: code))
}
