import Files
import Platform

/// Runs blocking work on a new thread, so that the few threads that run all tasks are never held up.
package func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let box = Unmanaged.passRetained(WorkBox { continuation.resume(returning: work()) })
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<WorkBox>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            // Out of threads: late is better than never.
            box.takeRetainedValue().work()
        }
    }
}

private final class WorkBox: Sendable {
    let work: @Sendable () -> Void

    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
}

/// Wakes the thread that waits for a child, from any other thread, any number of times.
final class WakePipe: Sendable {
    let reader: Descriptor
    private let writer: Descriptor

    init(for executable: String) throws(ProcessError) {
        let ends = try Pipe(for: executable)
        reader = Descriptor(owning: ends.reader)
        writer = Descriptor(owning: ends.writer)
    }

    func raise() {
        var byte: UInt8 = 1
        // A full pipe has been written to before, which is all that is needed.
        _ = write(writer.raw, &byte, 1)
    }
}

/// Both ends of a new pipe, close-on-exec, not blocking, and never 0, 1 or 2, so that no dup2 can hit them.
///
/// The caller owns both.
struct Pipe {
    let reader: Int32
    let writer: Int32

    init(for executable: String) throws(ProcessError) {
        guard let ends = makePipe() else { throw ProcessError(.system(errno: errno), executable) }
        let reader = Self.aboveStandard(ends.reader)
        let writer = Self.aboveStandard(ends.writer)
        guard reader >= 0, writer >= 0 else {
            let code = errno
            for end in [reader, writer] where end >= 0 { _ = close(end) }
            throw ProcessError(.system(errno: code), executable)
        }
        self.reader = reader
        self.writer = writer
    }

    private static func aboveStandard(_ descriptor: Int32) -> Int32 {
        guard descriptor < 3 else { return descriptor }
        let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        let code = errno
        _ = close(descriptor)
        errno = code
        return moved
    }
}
