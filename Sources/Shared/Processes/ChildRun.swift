import Files
import Platform

/// One child from start to end, on the thread that made it: the only place that waits, kills and reaps.
struct ChildRun: ~Copyable {
    private let command: Command
    private let stop: WakePipe
    private var child: Spawned
    /// Readable when the child has ended; -1 on kernels before 5.3, where the child is asked after every 20 ms.
    private let ended: Int32
    private var pendingInput: ArraySlice<UInt8> = []
    private var output: [UInt8] = []
    private var errors: [UInt8] = []
    private var termination: ChildProcess.Termination?
    private var failure: ProcessError.Kind?
    /// Milliseconds on the monotonic clock: when to give up, to kill for good, and to stop waiting for open pipes.
    private var timeoutAt: Int64?
    private var killAt: Int64?
    private var abandonPipesAt: Int64?

    /// Starts the child on the calling thread, which must be the caller's own (see `onOwnThread`).
    static func start(_ command: Command, stop: WakePipe) throws(ProcessError) -> ChildRun {
        // A write to a child that reads no more must fail, not end this process. The thread is ours alone.
        var pipeSignal = sigset_t()
        sigemptyset(&pipeSignal)
        sigaddset(&pipeSignal, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipeSignal, nil)
        return ChildRun(command, child: try spawn(command), stop: stop)
    }

    private init(_ command: Command, child: Spawned, stop: WakePipe) {
        self.command = command
        self.stop = stop
        self.child = child
        ended = descriptorOfEnd(of: child.process)
        if case .bytes(let bytes) = command.standardInput { pendingInput = bytes[...] }
        if let timeout = command.timeout { timeoutAt = now() + Int64(min(max(timeout, 0), 1e9) * 1000) }
    }

    deinit {
        for end in [child.input, child.output, child.errors, ended] where end >= 0 { _ = close(end) }
    }

    /// Serves the pipes until the child has ended and its output is read.
    mutating func finish() throws(ProcessError) -> ChildProcess.Output {
        if pendingInput.isEmpty { closeInput() }
        while !isOver {
            waitForEvents()
            writeInput()
            readOutput()
            readErrors()
            reap()
            enforceDeadlines()
        }
        if let failure { throw ProcessError(failure, command.executable) }
        guard let termination else { throw ProcessError(.system(errno: ECHILD), command.executable) }
        return ChildProcess.Output(termination: termination, standardOutput: output, standardError: errors)
    }

    private var isOver: Bool {
        guard termination != nil else { return false }
        guard failure == nil else { return true }
        if child.output < 0 && child.errors < 0 { return true }
        return abandonPipesAt.map { now() >= $0 } ?? false
    }

    private func waitForEvents() {
        var events = [
            pollfd(fd: child.input, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.errors, events: Int16(POLLIN), revents: 0),
            // Once served, these would stay readable and keep the loop spinning.
            pollfd(fd: termination == nil ? ended : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: failure == nil ? stop.reader.raw : -1, events: Int16(POLLIN), revents: 0),
        ]
        var deadlines = [killAt, abandonPipesAt].compactMap { $0 }
        if failure == nil, let timeoutAt { deadlines.append(timeoutAt) }
        if termination == nil, ended < 0 { deadlines.append(now() + 20) }
        let wait = deadlines.min().map { Int32(clamping: max(0, $0 - now())) } ?? -1
        _ = poll(&events, nfds_t(events.count), wait)
    }

    private mutating func enforceDeadlines() {
        if failure == nil, termination == nil {
            var byte: UInt8 = 0
            if read(stop.reader.raw, &byte, 1) == 1 {
                fail(.cancelled)
            } else if let timeoutAt, now() >= timeoutAt {
                fail(.timedOut(seconds: command.timeout ?? 0))
            }
        }
        if let killAt, now() >= killAt, termination == nil {
            signal(SIGKILL)
            self.killAt = nil
        }
    }

    private mutating func fail(_ kind: ProcessError.Kind) {
        guard failure == nil else { return }
        failure = kind
        signal(SIGTERM)
        killAt = now() + 1000
    }

    /// Only while the child is not reaped: afterwards its number may be another process's.
    private func signal(_ number: Int32) {
        guard termination == nil else { return }
        _ = kill(child.leadsGroup ? -child.process : child.process, number)
    }

    private mutating func reap() {
        guard termination == nil else { return }
        // First only look: the number stays ours until the rest of the group has had its signal.
        var info = siginfo_t()
        guard waitid(P_PID, id_t(child.process), &info, WEXITED | WNOHANG | WNOWAIT) == 0 else {
            // Someone else has reaped it (SIGCHLD ignored): that it ended is all that can be known.
            failure = failure ?? .system(errno: ECHILD)
            termination = .signalled(0)
            return
        }
        guard info.si_signo == SIGCHLD else { return }
        if failure != nil { signal(SIGKILL) }
        var status: Int32 = 0
        while waitpid(child.process, &status, 0) < 0 { guard errno == EINTR else { break } }
        let signalNumber = status & 0x7F
        termination = signalNumber == 0 ? .exited(status: (status >> 8) & 0xFF) : .signalled(signalNumber)
        closeInput()
        abandonPipesAt = now() + 500
    }

    private mutating func closeInput() {
        if child.input >= 0 { _ = close(child.input) }
        child.input = -1
        pendingInput = []
    }

    private mutating func writeInput() {
        guard child.input >= 0 else { return }
        while !pendingInput.isEmpty {
            let count = pendingInput.withUnsafeBytes { write(child.input, $0.baseAddress, $0.count) }
            let code = errno
            if count >= 0 {
                pendingInput = pendingInput.dropFirst(count)
            } else if code == EAGAIN {
                return
            } else if code != EINTR {
                break  // The child reads no more; how it ends tells whether that matters.
            }
        }
        closeInput()
    }

    private mutating func readOutput() {
        output += drain(&child.output)
        guard output.count > command.outputLimit else { return }
        output = []
        fail(.outputTooLarge(limit: command.outputLimit))
    }

    private mutating func readErrors() {
        errors += drain(&child.errors)
        if errors.count > command.outputLimit { errors.removeFirst(errors.count - command.outputLimit) }
    }
}

/// What can be read now, at most 1 MiB so that a child that never pauses cannot hold up the rest; closes at the end.
private func drain(_ descriptor: inout Int32) -> [UInt8] {
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while descriptor >= 0, content.count < 1 << 20 {
        let count = read(descriptor, &buffer, buffer.count)
        let code = errno
        if count > 0 {
            content.append(contentsOf: buffer[..<count])
        } else if count < 0, code == EINTR {
            continue
        } else if count < 0, code == EAGAIN {
            break
        } else {
            _ = close(descriptor)
            descriptor = -1
        }
    }
    return content
}

private func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
