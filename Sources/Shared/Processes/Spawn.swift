import CLinux
import Files
import Glibc

/// A started child and our ends of its pipes; -1 where there is none.
struct Spawned {
    var process: pid_t
    var input: Int32 = -1
    var output: Int32 = -1
    var errors: Int32 = -1
    /// Whether the child leads a process group of its own.
    var leadsGroup: Bool
}

/// Starts the child: its standard descriptors as asked, all others closed, no signal blocked or ignored.
func spawn(_ command: Command) throws(ProcessError) -> Spawned {
    let pipes = try ChildPipes(command)
    defer { pipes.closeChildEnds() }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    pipes.add(to: &actions, inheritsInput: command.inheritsInput)
    // Libraries open sockets and files without asking us, not all of them close-on-exec.
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    configure(&attributes, ownGroup: !command.inheritsInput)

    let environment = command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var process = pid_t()
    let code = withCStrings([command.executable] + command.arguments) { arguments in
        withCStrings(environment) { environment in
            posix_spawn(&process, command.executable, &actions, &attributes, arguments, environment)
        }
    }
    guard code == 0 else {
        pipes.closeOurEnds()
        throw ProcessError(kind(ofSpawnError: code), command.executable)
    }
    return Spawned(
        process: process, input: pipes.input?.writer ?? -1, output: pipes.output.reader,
        errors: pipes.errors?.reader ?? -1, leadsGroup: !command.inheritsInput)
}

private func kind(ofSpawnError code: Int32) -> ProcessError.Kind {
    switch code {
    case ENOENT, ENOTDIR: .notFound
    case EACCES, ENOEXEC, EISDIR: .notExecutable
    default: .system(errno: code)
    }
}

private func configure(_ attributes: inout posix_spawnattr_t, ownGroup: Bool) {
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
    if ownGroup {
        // A child that reads the terminal has to stay in our group, or the terminal stops it.
        posix_spawnattr_setpgroup(&attributes, 0)
        flags |= Int32(POSIX_SPAWN_SETPGROUP)
    }
    posix_spawnattr_setflags(&attributes, Int16(flags))
}

/// Calls `body` with a C array of C strings that ends with NULL; all live until it returns.
private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies + [nil]).withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("an array of at least one element has a base") }
        return body(base)
    }
}

/// The pipes of one child, before it is known whether it starts.
private struct ChildPipes {
    var input: Pipe?
    var output: Pipe
    var errors: Pipe?

    init(_ command: Command) throws(ProcessError) {
        output = try Pipe(for: command.executable)
        do throws(ProcessError) {
            if case .bytes = command.standardInput { input = try Pipe(for: command.executable) }
            if !command.inheritStandardError { errors = try Pipe(for: command.executable) }
        } catch {
            closeChildEnds()
            closeOurEnds()
            throw error
        }
        // Only our ends may be non-blocking: children are not written for that.
        for end in [input?.reader, output.writer, errors?.writer].compactMap({ $0 }) { _ = fcntl(end, F_SETFL, 0) }
    }

    func add(to actions: inout posix_spawn_file_actions_t, inheritsInput: Bool) {
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input.reader, 0)
        } else if !inheritsInput {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output.writer, 1)
        if let errors { posix_spawn_file_actions_adddup2(&actions, errors.writer, 2) }
    }

    func closeChildEnds() {
        for end in [input?.reader, output.writer, errors?.writer].compactMap({ $0 }) { _ = close(end) }
    }

    func closeOurEnds() {
        for end in [input?.writer, output.reader, errors?.reader].compactMap({ $0 }) { _ = close(end) }
    }
}
