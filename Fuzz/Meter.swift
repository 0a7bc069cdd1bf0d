import Glibc
import Synchronization

/// What one input costs: the processor's time, and the memory that is in use at once beyond what was before it.
enum Meter {
    /// Seconds of the processor, of all threads: on a busy machine, the wall's clock says nothing.
    static let mostSeconds = 1.0
    static let mostBytes = 64 << 20

    private static let live = Atomic<Int>(0)
    private static let before = Atomic<Int>(0)
    private static let peak = Atomic<Int>(0)
    private static let slowest = Atomic<Int>(0)
    private static let largest = Atomic<Int>(0)

    /// Hooks are called by every allocation of every thread, so that they only count.
    static func start() {
        _ = installHooks(
            { _, size in
                let now = Meter.live.add(size, ordering: .relaxed).newValue
                Meter.peak.max(now, ordering: .relaxed)
            },
            { pointer in
                if let pointer { Meter.live.subtract(allocatedSize(pointer), ordering: .relaxed) }
            })
        atexit { Meter.report() }
    }

    /// Runs one input; ends the process when it takes too much, whereupon libFuzzer keeps the input.
    static func measure(_ body: () -> Void) {
        let bytes = live.load(ordering: .relaxed)
        peak.store(bytes, ordering: .relaxed)
        let began = processorNanoseconds()
        body()
        let took = processorNanoseconds() - began
        let used = peak.load(ordering: .relaxed) - bytes
        slowest.max(took, ordering: .relaxed)
        largest.max(used, ordering: .relaxed)
        if Double(took) > mostSeconds * 1e9 { stop("took more than \(mostSeconds) s of the processor") }
        if used > mostBytes { stop("used more than \(mostBytes >> 20) MiB") }
    }

    private static func stop(_ what: String) {
        print("Fuzz: the input \(what)")
        report()
        fflush(nil)
        abort()
    }

    private static func report() {
        print(
            "Fuzz: slowest \(slowest.load(ordering: .relaxed) / 1000) us, largest \(largest.load(ordering: .relaxed)) bytes"
        )
    }

    private static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

// compiler-rt, include/sanitizer/allocator_interface.h.
@_silgen_name("__sanitizer_install_malloc_and_free_hooks")
private func installHooks(
    _ malloc: @convention(c) (UnsafeRawPointer?, Int) -> Void, _ free: @convention(c) (UnsafeRawPointer?) -> Void
) -> CInt

@_silgen_name("__sanitizer_get_allocated_size")
private func allocatedSize(_ pointer: UnsafeRawPointer) -> Int
