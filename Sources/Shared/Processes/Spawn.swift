import Files
import Platform

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
    let started = startChild(
        command.executable, [command.executable] + command.arguments,
        environment: command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" },
        input: pipes.input.map { .ours($0.reader) } ?? (command.inheritsInput ? .inherited : .nothing),
        output: .ours(pipes.output.writer), errors: pipes.errors.map { .ours($0.writer) } ?? .inherited,
        ownGroup: !command.inheritsInput)
    do {
        return Spawned(
            process: try started.get(), input: pipes.input?.writer ?? -1, output: pipes.output.reader,
            errors: pipes.errors?.reader ?? -1, leadsGroup: !command.inheritsInput)
    } catch {
        pipes.closeOurEnds()
        throw ProcessError(kind(ofSpawnError: error.errno), command.executable)
    }
}

private func kind(ofSpawnError code: Int32) -> ProcessError.Kind {
    switch code {
    case ENOENT, ENOTDIR: .notFound
    case EACCES, ENOEXEC, EISDIR: .notExecutable
    default: .system(errno: code)
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

    func closeChildEnds() {
        for end in [input?.reader, output.writer, errors?.writer].compactMap({ $0 }) { _ = close(end) }
    }

    func closeOurEnds() {
        for end in [input?.writer, output.reader, errors?.reader].compactMap({ $0 }) { _ = close(end) }
    }
}
