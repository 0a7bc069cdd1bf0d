import KubeAPI
import ModeSwitch
import Report
import SecretRewrite

/// What a row of samples found of other writers of the probes.
struct ProbeTrouble: Sendable, Hashable {
    /// Who wrote them, where their managed fields tell it.
    private(set) var writers: Set<String> = []
    private(set) var changed: Set<String> = []
    private(set) var deleted: Set<String> = []

    mutating func add(_ probe: String, writtenBy names: [String]) {
        changed.insert(probe)
        writers.formUnion(names.prefix(3))
    }

    mutating func add(deleted probe: String) { deleted.insert(probe) }

    var isEmpty: Bool { changed.isEmpty && deleted.isEmpty }

    /// Nil where there was none.
    var text: String? {
        var parts: [String] = []
        if !changed.isEmpty {
            let names = writers.isEmpty ? "others, or by a webhook" : writers.sorted().joined(separator: ", ")
            parts.append("\(changed.count) of the probe Secrets in kube-system changed by \(names)")
        }
        if !deleted.isEmpty { parts.append("\(deleted.count) deleted by others") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

extension ConvergenceSampler {
    /// A probe that lies as it was left.
    struct Confirmed: Sendable, Hashable {
        let name: String
        let state: ProbeState
        /// Of its metadata, to tell a rewrite from a change.
        let fingerprint: String
    }

    /// Takes the probes, in turn, that still lie as they were left, each of which only then tells its form.
    ///
    /// - Parameter takesRewrites: whether one that was only rewritten counts too, at the version it had: the next
    ///   sample finds the rewrite.
    func confirm(
        _ spare: inout [(key: String, value: ProbeState)], _ trouble: inout ProbeTrouble, takesRewrites: Bool = false
    ) async -> Confirmed? {
        while !spare.isEmpty {
            let (name, state) = spare.removeFirst()
            do throws(StoreFailure) {
                let view = try await probes.view(name)
                if view.resourceVersion == state.resourceVersion || takesRewrites && view.writers.isEmpty {
                    return Confirmed(name: name, state: state, fingerprint: view.fingerprint)
                }
                trouble.add(name, writtenBy: view.writers)
            } catch {
                guard case .gone = error else { continue }
                trouble.add(deleted: name)
                _ = try? await probes.create(name)
            }
        }
        return nil
    }

    /// Metrics are megabytes on a large cluster: they are read no more once so many samples brought no new API server.
    /// Only more than four ask for more samples, so that a miscount by one costs little.
    private static let enoughIdentified = 8

    /// What a row of samples came to.
    struct Taken: Sendable {
        let receipt: ConvergenceReceipt
        let isFormKnown: Bool
        /// The newest samples, while they are new and their form is known.
        let row: SampleRow?
        /// What was made once a burst of that row was new.
        var pass: PassReceipt?
    }

    /// A pass that is made once a burst of samples is new, again for each row, and not for ever.
    struct RowPass {
        static let most = 3

        let make: @Sendable () async -> PassReceipt
        private var made: (row: Double, pass: PassReceipt)?
        private var count = 0

        init(_ make: @escaping @Sendable () async -> PassReceipt) { self.make = make }

        /// - Returns: whether a pass was made.
        mutating func afterSample(_ judge: ConvergenceJudge) async -> Bool {
            guard let row = judge.burstOfRow, made?.row != row, count < Self.most else { return false }
            count += 1
            made = (row, await make())
            return true
        }

        /// The pass that belongs to the row that the judge sees.
        func of(_ judge: ConvergenceJudge) -> PassReceipt? {
            made.flatMap { $0.row == judge.rowStart ? $0.pass : nil }
        }
    }

    /// Takes samples until the judge has seen enough, or `over` is requested.
    ///
    /// - Parameters:
    ///   - spare: probes of known form, to go on with when somebody else has written the first one.
    ///   - earlier: a row of new samples of the first probe that goes on.
    ///   - make: makes a pass over all Secrets, once a burst of samples is new.
    func samples(
        _ need: ConvergenceNeed, _ first: Confirmed, spare: [(key: String, value: ProbeState)],
        expected: ProbeState.Form, replicas: Int? = nil, earlier: SampleRow? = nil, until over: StopSignal? = nil,
        pass make: (@Sendable () async -> PassReceipt)? = nil, trouble: inout ProbeTrouble
    ) async -> Taken {
        let start = clock()
        func elapsed() -> Double { (clock() - start) / .seconds(1) }
        var judge = ConvergenceJudge(
            need, probe: first.name, state: first.state, expected: expected, known: replicas,
            row: earlier.map { ($0.streak, (start - $0.began) / .seconds(1)) }, burstFirst: make != nil,
            timing: timing, start: 0)
        var rowPass = make.map { RowPass($0) }
        func taken(_ receipt: ConvergenceReceipt) -> Taken {
            let row = judge.rowStart.map {
                SampleRow(probe: judge.probe, streak: judge.streak, began: start + .seconds($0))
            }
            return Taken(
                receipt: receipt, isFormKnown: judge.isFormKnown, row: row, pass: rowPass?.of(judge))
        }
        var fingerprint = first.fingerprint
        var spare = spare
        var known: Set<ReplicaIdentity> = []
        // What the baseline told of the number of API servers need not be asked again: metrics are megabytes, too.
        var withoutNew = replicas == nil ? 0 : Self.enoughIdentified
        var count = 0
        while true {
            if let reason = ending ?? (over?.isRequested == true ? "Azure's operation has ended" : nil) {
                var receipt = ConvergenceReceipt(state: .unavailable, samples: count, detail: reason, at: now())
                if judge.isFormKnown { receipt.probes = [judge.probe: judge.left] }
                return taken(receipt)
            }
            let next: ConvergenceJudge.Next
            let identify = withoutNew < Self.enoughIdentified
            switch await sample(
                judge.probe, at: judge.resourceVersion, fingerprint, identify: identify,
                takesRewrites: need == .controller)
            {
            case .told(let sample):
                count += 1
                let isNew = sample.replica.map { known.insert($0).inserted } ?? false
                withoutNew = sample.replica == nil ? Self.enoughIdentified : isNew ? 0 : withoutNew + 1
                next = judge.take(
                    resourceVersion: sample.resourceVersion, replica: sample.replica.map { "\($0)" }, at: elapsed())
                if need != .early {
                    sink.take(.sampling(done: count, streak: judge.streak, wanted: judge.wanted, isNew: judge.isNew))
                }
            case .unanswered(let isSilence):
                next = judge.missed(at: elapsed(), isSilence: isSilence)
            case .changed(let writers):
                trouble.add(judge.probe, writtenBy: writers)
                next = await goOn(&judge, &fingerprint, &spare, &trouble, at: elapsed())
            case .deleted:
                trouble.add(deleted: judge.probe)
                _ = try? await probes.create(judge.probe)
                next = await goOn(&judge, &fingerprint, &spare, &trouble, at: elapsed())
            }
            switch next {
            case .sample(let seconds):
                let before = elapsed()
                if await rowPass?.afterSample(judge) == true { judge.worked(for: elapsed() - before) }
                await pause(seconds, until: over)
            case .ended(var receipt):
                receipt.at = now()
                if receipt.state != .converged, let text = trouble.text {
                    receipt.detail += (receipt.detail.isEmpty ? "" : "; ") + text
                }
                return taken(receipt)
            }
        }
    }

    private func pause(_ seconds: Double, until over: StopSignal?) async {
        guard let over else {
            if seconds > 0 { await sleep(seconds) }
            return
        }
        let end = clock() + .seconds(seconds)
        while !over.isRequested, ending == nil, clock() < end {
            await sleep(min(0.2, max(0.001, (end - clock()) / .seconds(1))))
        }
    }

    /// Goes on with a probe whose form is known, else with one that is only compared with itself.
    private func goOn(
        _ judge: inout ConvergenceJudge, _ fingerprint: inout String, _ spare: inout [(key: String, value: ProbeState)],
        _ trouble: inout ProbeTrouble, at now: Double
    ) async -> ConvergenceJudge.Next {
        if let text = trouble.text { sink.take(.trace(level: 1, "\(text): that sample does not count")) }
        if judge.isFormKnown, let other = await confirm(&spare, &trouble) {
            judge.switched(to: other.name, other.state)
            fingerprint = other.fingerprint
            return .sample(after: 0)
        }
        guard let view = try? await probes.view(judge.probe) else {
            await sleep(timing.breath)
            return judge.missed(at: now)
        }
        let isRewrite = view.fingerprint == fingerprint && view.resourceVersion != judge.resourceVersion
        fingerprint = view.fingerprint
        return judge.disturbed(resourceVersion: view.resourceVersion, isRewrite: isRewrite, at: now)
    }

    private enum Sampled: Sendable {
        case told(ReplicaSample)
        /// Nothing is known of it, and nothing is to be concluded; whether no API server answered at all.
        case unanswered(isSilence: Bool)
        /// Somebody else wrote the probe, or our patch was changed on its way.
        case changed(writers: [String])
        case deleted
    }

    /// One sample, at the version that the probe is known to have.
    private func sample(
        _ probe: String, at version: Int64, _ fingerprint: String, identify: Bool, takesRewrites: Bool
    ) async -> Sampled {
        do throws(StoreFailure) {
            let sample = try await probes.sample(probe, at: version, identify: identify)
            guard sample.resourceVersion != version else { return .told(sample) }
            return await explain(probe, sample, fingerprint)
        } catch {
            switch error {
            case .gone: return .deleted
            case .conflict:
                let view = try? await probes.view(probe)
                // Azure's controller sends every Secret the empty patch that a sample is, and may reach all probes
                // between two samples: what moved and is otherwise the same was stale, whoever asked.
                if takesRewrites, let view, view.fingerprint == fingerprint, view.resourceVersion != version {
                    return .told(ReplicaSample(resourceVersion: view.resourceVersion, replica: nil))
                }
                return .changed(writers: view?.writers ?? [])
            default: break
            }
            // The patch may have been written though its answer was lost. Left unseen, that flip and the next one would
            // look like none, so what the probe shows a moment later stands for this sample.
            await sleep(timing.breath)
            let view: ProbeView
            do throws(StoreFailure) { view = try await probes.view(probe) } catch {
                if case .lost = error { return .unanswered(isSilence: true) }
                return .unanswered(isSilence: false)
            }
            guard view.resourceVersion != version else { return .unanswered(isSilence: false) }
            guard view.fingerprint == fingerprint else { return .changed(writers: view.writers) }
            return .told(ReplicaSample(resourceVersion: view.resourceVersion, replica: nil))
        }
    }

    /// A version that moved is a rewrite only if nothing else of the probe has changed: a webhook may have.
    private func explain(_ probe: String, _ sample: ReplicaSample, _ fingerprint: String) async -> Sampled {
        for attempt in 0..<3 {
            if attempt > 0 { await sleep(timing.breath) }
            guard let view = try? await probes.view(probe) else { continue }
            let isRewrite = view.resourceVersion == sample.resourceVersion && view.fingerprint == fingerprint
            return isRewrite ? .told(sample) : .changed(writers: view.writers)
        }
        // The next sample will meet a conflict, and another probe takes over.
        return .unanswered(isSilence: false)
    }
}
