import Synchronization

/// The seconds that were slept, from any task.
final class Recorder: Sendable {
    private let state = Mutex<[Double]>([])

    func add(_ seconds: Double) { state.withLock { $0.append(seconds) } }
    var all: [Double] { state.withLock { $0 } }
    var sum: Double { all.reduce(0, +) }
}
