import Console
import FoundationEssentials
import ModeSwitch
import Plan
import Synchronization
import TestDoubles

@testable import Azure
@testable import SecretRewrite

func makeFailure(namespace: String, name: String, cause: String) throws -> SecretFailure {
    let members = ["namespace": namespace, "name": name, "outcome": "denied", "cause": cause]
    return try JSONDecoder().decode(SecretFailure.self, from: JSONEncoder().encode(members))
}

func makeProgress(done: Int, total: Int?, rate: Double? = 500) -> PassProgress {
    PassProgress(
        kind: .rewrite, done: done, total: total, counts: OutcomeCounts(), namespacesDone: 1, namespaces: 2, rate: rate,
        concurrency: 8, isPaused: false, trouble: nil, elapsed: 4)
}

/// A run's progress with the steps of its plan.
func makeState(_ intent: Intent, exposedSince: Double? = nil, kmsIsOn: Bool? = nil) -> ProgressState {
    ProgressState(
        intent: intent, steps: plan(for: intent, makeFacts(intent)).steps, exposedSince: exposedSince, kmsIsOn: kmsIsOn)
}

/// Keeps what was written.
final class Screen: Sendable {
    private let text = Mutex("")
    private let time = Mutex(1000.0)

    var written: String { text.withLock { $0 } }
    var now: Double { time.withLock { $0 } }
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }

    var writer: TextWriter {
        TextWriter { bytes in
            self.text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
            return true
        }
    }

    func progress(_ intent: Intent, terminal: Terminal, verbosity: Verbosity = .normal) -> TerminalProgress {
        TerminalProgress(
            makeState(intent), writer: writer, terminal: { terminal }, verbosity: verbosity,
            now: { self.now })
    }
}
