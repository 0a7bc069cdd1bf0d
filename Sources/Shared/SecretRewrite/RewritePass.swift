package import FoundationEssentials

/// Touches every Secret of a cluster: the effects around `PassMachine`.
package struct RewritePass: Sendable {
    private let store: any SecretStore
    private let clock: any PassClock
    private let date: @Sendable () -> Date

    /// - Parameter date: the wall clock, for the result's times.
    package init(store: any SecretStore, clock: any PassClock, date: @escaping @Sendable () -> Date = { Date() }) {
        self.store = store
        self.clock = clock
        self.date = date
    }

    /// Runs until everything was tried, somebody asks to stop, or it makes no sense to go on; it always has a result.
    ///
    /// When `stop` asks, requests under way come to their end. When the task is cancelled they are cut off; as a touch
    /// may be repeated, the result is as good for a resume in both cases.
    package func run(
        _ options: PassOptions, observer: PassObserver = PassObserver(), stop: StopSignal = StopSignal()
    ) async -> PassResult {
        let startedAt = date()
        let machine = await withTaskGroup(of: Event.self) { group in
            group.addTask {
                await stop.wait()
                return .stopRequested
            }
            let machine = await drive(options, observer, stop, &group)
            group.cancelAll()
            return machine
        }
        return machine.result(startedAt: startedAt, endedAt: date())
    }

    private enum Event: Sendable {
        case answered(PassMachine.Work, PassMachine.Answer, latency: Double)
        case timePassed
        case stopRequested
    }

    /// One task decides; a child task carries one request. Never more children live than the pace allows, apart from
    /// timers.
    private func drive(
        _ options: PassOptions, _ observer: PassObserver, _ stop: StopSignal, _ group: inout TaskGroup<Event>
    ) async -> PassMachine {
        var machine = PassMachine(options, now: clock.seconds)
        var meter = RateMeter()
        var alarm: Double?
        var toldAt = -Double.infinity
        while true {
            let now = clock.seconds
            // The child that waits for the signal only wakes this loop; it may come late.
            if stop.isRequested || Task.isCancelled { machine.stop() }
            switch machine.next(now: now) {
            case .start(let work):
                let job = work.job
                let namespace = machine.namespaceName(of: job)
                group.addTask {
                    let start = clock.seconds
                    let answer = await perform(job, in: namespace, dryRun: options.kind == .admission)
                    return .answered(work, answer, latency: clock.seconds - start)
                }
                continue
            case .wait(let until):
                // An alarm that is already set for as early will do; one that rings in vain does no harm.
                if alarm.map({ $0 > until || $0 <= now }) ?? true {
                    alarm = until
                    group.addTask {
                        await clock.sleep(until: until)
                        return .timePassed
                    }
                }
            case .waitForAnswer:
                break
            case .finished:
                observer.progress(machine.progress(rate: meter.rate(machine.done, now: now), now: now))
                return machine
            }

            switch await group.next() {
            case .answered(let work, let answer, let latency):
                machine.handle(answer, to: work, latency: latency, now: clock.seconds)
                for (failure, detail) in machine.takeUntold() { observer.failure(failure, detail) }
            case .timePassed: alarm = nil
            case .stopRequested, nil: machine.stop()
            }
            let after = clock.seconds
            meter.record(machine.done, now: after)
            if after - toldAt >= 0.25 {
                toldAt = after
                observer.progress(machine.progress(rate: meter.rate(machine.done, now: after), now: after))
            }
        }
    }

    private func perform(
        _ job: PassMachine.Job, in namespace: String, dryRun: Bool
    ) async -> PassMachine.Answer {
        do throws(StoreFailure) {
            switch job {
            case .namespaces(let request): return .page(try await store.namespaces(request))
            case .secrets(_, let request): return .page(try await store.secrets(in: namespace, request))
            case .touch(_, let name, _, _):
                return .version(try await store.touch(name, in: namespace, dryRun: dryRun))
            }
        } catch {
            return .failure(error)
        }
    }
}
