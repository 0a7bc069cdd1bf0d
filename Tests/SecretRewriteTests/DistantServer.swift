@testable import SecretRewrite

/// A pass against a server at a distance, by a clock of its own: `PassMachine` alone, without tasks.
///
/// The server works one request after the other, as a queue with one cashier: Secrets of a list one by one, as an API
/// server decrypts them. A request waits for its half of the round trip, for those before it, and for its own work.
struct DistantServer {
    /// Seconds there and back; what is in force when a request starts.
    var roundTrip: (_ now: Double) -> Double
    /// Touches a second that the server can do, and names of a list.
    var touchesPerSecond = 1300.0
    var namesPerSecond = 10_000.0
    /// Names a second of a whole list, which is in memory; nil where the server refuses it.
    var wholeNamesPerSecond: Double? = 200_000
    /// When its memory has been filled: whole lists wait for it.
    var memoryIsFilledAt = 0.0
    /// From when on its memory stays behind what is written: whole lists are refused after three seconds.
    var memoryIsBehindFrom = Double.infinity
    /// Seconds in which it refuses everything, with a wait of a second.
    var refuses: Range<Double> = 0..<0
    var namespaces: [Int] = Array(repeating: 250, count: 20)

    struct Outcome {
        var seconds = 0.0
        var touched = 0
        var most = 0
        /// The most that waited at the server or were worked on.
        var mostAtServer = 0
        /// The most names that waited or were asked for, and the most namespaces that were open.
        var mostAhead = 0
        var mostOpen = 0
        /// The limit, and how many Secrets have an outcome, once a second.
        var limits: [Int] = []
        var touchedBySecond: [Int] = []

        var perSecond: Double { Double(touched) / seconds }
    }

    private struct Reply {
        var at: Double
        let started: Double
        let work: PassMachine.Work
        var answer: PassMachine.Answer
    }

    func run(_ options: PassOptions) -> Outcome {
        var machine = PassMachine(options, now: 0)
        var outcome = Outcome()
        var replies: [Reply] = []
        var ends: [Double] = []
        var free = 0.0
        var now = 0.0
        while true {
            while outcome.limits.count <= Int(now) {
                outcome.limits.append(machine.pace.limit)
                outcome.touchedBySecond.append(machine.settled)
            }
            var wake = Double.infinity
            switch machine.next(now: now) {
            case .start(let work):
                let way = roundTrip(now) / 2
                let (answer, cost) = answer(to: work.job)
                ends.removeAll { $0 <= now + way }
                let isRefused = refuses.contains(now)
                if !isRefused {
                    free = max(free, now + way) + cost
                    ends.append(free)
                }
                outcome.mostAtServer = max(outcome.mostAtServer, ends.count)
                outcome.most = max(outcome.most, machine.inFlight)
                outcome.mostAhead = max(outcome.mostAhead, machine.waitingNames + machine.namesAskedFor)
                outcome.mostOpen = max(outcome.mostOpen, machine.open.count)
                var reply = Reply(
                    at: isRefused ? now + 2 * way : free + way, started: now, work: work,
                    answer: isRefused ? .failure(.busy(retryAfter: 1, detail: "")) : answer)
                if work.job.isWholeList { remember(&reply, way) }
                replies.insert(reply, at: replies.firstIndex { $0.at < reply.at } ?? replies.endIndex)
                continue
            case .wait(let until): wake = until
            case .waitForAnswer: break
            case .finished:
                outcome.seconds = now
                outcome.touched = machine.settled
                outcome.touchedBySecond.append(machine.settled)
                return outcome
            }
            if let reply = replies.last, reply.at <= wake {
                replies.removeLast()
                now = reply.at
                machine.handle(reply.answer, to: reply.work, latency: now - reply.started, now: now)
            } else {
                now = wake
            }
        }
    }

    /// `waitUntilFreshAndBlock` and `ready` of the API server's cacher: what waits there holds up nobody else.
    private func remember(_ reply: inout Reply, _ way: Double) {
        reply.at = max(reply.at, memoryIsFilledAt + way)
        guard reply.started >= memoryIsBehindFrom else { return }
        reply.at = max(reply.at, reply.started + 3 + 2 * way)
        reply.answer = .failure(.busy(retryAfter: 1, detail: "Too large resource version"))
    }

    private func answer(to job: PassMachine.Job) -> (PassMachine.Answer, seconds: Double) {
        switch job {
        case .namespaces:
            let names = namespaces.indices.map { Self.padded("n", $0) }
            return (.page(NamePage(names: names, resourceVersion: 1)), 0.001)
        case .secrets(let index, let request) where request.notOlderThan != nil:
            guard let wholeNamesPerSecond else {
                return (.failure(.busy(retryAfter: 1, detail: "Too large resource version")), 0)
            }
            let names = (0..<namespaces[index]).map { Self.padded("s", $0) }
            return (
                .page(NamePage(names: names, resourceVersion: 2)), 0.001 + Double(names.count) / wholeNamesPerSecond
            )
        case .secrets(let index, let request):
            let first = request.token.flatMap(Int.init) ?? 0
            let end = min(namespaces[index], first + request.limit)
            let left = namespaces[index] - end
            let names = (first..<end).map { Self.padded("s", $0) }
            return (
                .page(
                    NamePage(
                        names: names, resourceVersion: 1, next: left > 0 ? "\(end)" : nil,
                        remaining: left > 0 ? left : nil)),
                0.001 + Double(names.count) / namesPerSecond
            )
        case .touch: return (.version(2), 1 / touchesPerSecond)
        }
    }

    /// Names in the order of their numbers.
    private static func padded(_ kind: String, _ number: Int) -> String {
        let digits = String(number)
        return kind + "-" + String(repeating: "0", count: 6 - digits.count) + digits
    }
}

extension PassMachine.Job {
    fileprivate var isWholeList: Bool {
        guard case .secrets(_, let request) = self else { return false }
        return request.notOlderThan != nil
    }
}
