import Files
import Platform

/// Programs run to their end, without a shell.
package enum ChildProcess {
    /// What the child reads.
    package enum StandardInput: Sendable {
        case empty
        case bytes([UInt8])
        /// Our own: only for a child that talks with the person at the terminal.
        case inherited
    }

    package enum Termination: Sendable, Hashable {
        case exited(status: Int32)
        case signalled(Int32)
    }

    package struct Output: Sendable, CustomStringConvertible {
        package let termination: Termination
        package let standardOutput: [UInt8]
        /// The last bytes of it; empty where it was inherited.
        package let standardError: [UInt8]

        package var succeeded: Bool { termination == .exited(status: 0) }
        /// Sizes only: the output of credential helpers is secret.
        package var description: String {
            "\(termination), \(standardOutput.count) bytes of output, \(standardError.count) bytes of errors"
        }
    }

    /// Runs a program and returns what it printed and how it ended.
    ///
    /// At the timeout, or when the task is cancelled, it gets SIGTERM and one second later SIGKILL, and the call throws
    /// when it has ended. A child whose input is not inherited leads a process group of its own, and the signals go to
    /// all of that group. What outlives the child and holds its output open is waited for at most half a second.
    /// - Parameters:
    ///   - executable: a path with a slash; see `find` for names.
    ///   - arguments: without the program's own name.
    ///   - environment: the whole environment of the child.
    ///   - timeout: seconds; nil waits for ever.
    ///   - outputLimit: bytes of standard output beyond which the child is killed, and bytes of standard error kept.
    ///   - inheritStandardError: whether its errors go straight to ours.
    package static func run(
        _ executable: String, _ arguments: [String], environment: [String: String],
        standardInput: StandardInput = .empty, timeout: Double? = nil, outputLimit: Int = 4 << 20,
        inheritStandardError: Bool = false
    ) async throws(ProcessError) -> Output {
        let command = Command(
            executable: executable, arguments: arguments, environment: environment, standardInput: standardInput,
            timeout: timeout, outputLimit: outputLimit, inheritStandardError: inheritStandardError)
        guard command.isWellFormed else { throw ProcessError(.invalidArgument, executable) }
        let stop = try WakePipe(for: executable)
        let result = await withTaskCancellationHandler {
            await onOwnThread { () -> Result<Output, ProcessError> in
                do throws(ProcessError) {
                    var run = try ChildRun.start(command, stop: stop)
                    return .success(try run.finish())
                } catch {
                    return .failure(error)
                }
            }
        } onCancel: {
            stop.raise()
        }
        return try result.get()
    }

    /// The file that a name means: itself when it has a slash, else the first executable of that name in `path`.
    ///
    /// Entries of `path` that are not absolute are passed over, as Go's exec.LookPath refuses them: a program must not
    /// depend on the folder in which a command is given.
    package static func find(_ name: String, path: String) -> String? {
        guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
        if name.utf8.contains(UInt8(ascii: "/")) { return isExecutableFile(name) ? name : nil }
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            let candidate = folder + "/" + name
            if isExecutableFile(String(candidate)) { return String(candidate) }
        }
        return nil
    }

    private static func isExecutableFile(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return access(path, X_OK) == 0
    }
}

/// All that one run is given.
struct Command: Sendable {
    let executable: String
    let arguments: [String]
    let environment: [String: String]
    let standardInput: ChildProcess.StandardInput
    let timeout: Double?
    let outputLimit: Int
    let inheritStandardError: Bool

    /// C strings end at the first NUL, so that one inside would silently change what is run.
    var isWellFormed: Bool {
        let texts = arguments + Array(environment.keys) + Array(environment.values) + [executable]
        return !executable.isEmpty && !texts.contains { $0.utf8.contains(0) }
            && !environment.keys.contains { $0.isEmpty || $0.utf8.contains(UInt8(ascii: "=")) }
    }

    var inheritsInput: Bool { if case .inherited = standardInput { true } else { false } }
}
