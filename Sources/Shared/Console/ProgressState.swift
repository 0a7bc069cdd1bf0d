import Azure
package import ModeSwitch
package import Plan
package import Report
import SecretRewrite
import Text

/// What is known of a run that goes on: events change it, drawing reads it. It knows no clock and no terminal.
package struct ProgressState: Sendable {
    /// Nil for work outside of a run, which has one step only.
    let intent: Intent?
    private let work: String
    /// What the present step is at, as far as something was told about it.
    enum Activity: Sendable {
        case none
        case operation(stage: String?, elapsed: Double, trouble: String?)
        case sampling(done: Int, streak: Int, wanted: Int, isNew: Bool)
        case pass(RewritePurpose, PassProgress)
        case migration(message: String, elapsed: Double)
        case soaking(elapsed: Double, wanted: Double, writes: Int)
    }

    private(set) var step: Step?
    /// Seconds since 1970; nil before anything is shown.
    private(set) var stepStartedAt: Double?
    private(set) var activity = Activity.none
    /// How far admission was asked about every Secret, in the present step.
    private var admission: PassProgress?
    private(set) var atRest = SecretsAtRest.unknown
    /// Whether the newest change that was begun leaves KMS on; nil before the first.
    private(set) var kmsIsOn: Bool?
    /// Seconds since 1970 at which the exposure window opened; nil while it is closed.
    private(set) var exposedSince: Double?
    /// The plan's steps, the one at which the run is, and the newest change of KMS.
    private let planned: [PlanStep]
    private(set) var place: PlanProgress?
    /// Seconds since 1970.
    private var planStepStartedAt: Double?
    private var change: PlanStep.Kind?
    private(set) var failedSecrets = 0

    /// - Parameters:
    ///   - steps: those of the plan that was agreed to.
    ///   - exposedSince: the start of a window that an earlier run left open.
    package init(
        intent: Intent, steps: [PlanStep] = [], exposedSince: Double? = nil, kmsIsOn: Bool? = nil
    ) {
        planned = steps
        // A window that is open was opened by a change of an earlier try.
        change = exposedSince == nil ? nil : kmsIsOn.map { $0 ? .turnOn : .turnOff }
        self.intent = intent
        self.exposedSince = exposedSince
        self.kmsIsOn = kmsIsOn
        work = ""
    }

    /// For a command that does one thing.
    package init(work: String) {
        planned = []
        intent = nil
        self.work = work
    }

    /// The same work with nothing shown of it yet.
    func emptied() -> ProgressState {
        guard let intent else { return ProgressState(work: work) }
        return ProgressState(intent: intent, steps: planned)
    }

    /// The time of what goes on from the beginning, which no event tells, runs from here.
    mutating func start(now: Double) { stepStartedAt = stepStartedAt ?? now }

    /// Takes an event. `now` in seconds since 1970.
    package mutating func apply(_ event: RunEvent, now: Double) {
        switch event {
        case .step(let step, let atRest): begin(step, atRest, now)
        case .operation(let stage, let elapsed, let trouble):
            activity = .operation(stage: stage, elapsed: elapsed, trouble: trouble)
        case .sampling(let done, let streak, let wanted, let isNew):
            activity = .sampling(done: done, streak: streak, wanted: wanted, isNew: isNew)
        case .pass(let purpose, let progress): activity = .pass(purpose, progress)
        case .admission(let progress): admission = progress
        case .migration(_, let message, let elapsed): activity = .migration(message: message, elapsed: elapsed)
        case .soaking(let elapsed, let wanted, let writes):
            activity = .soaking(elapsed: elapsed, wanted: wanted, writes: writes)
        case .secretFailed: failedSecrets += 1
        case .began, .note, .warning, .trace: break
        }
    }

    private var endsOnPlatformKey: Bool { intent?.newKey == .platformManaged }

    private mutating func begin(_ step: Step, _ atRest: SecretsAtRest, _ now: Double) {
        self.atRest = atRest
        if case .change(let profile) = step {
            kmsIsOn = profile.encrypts
            change = .change(to: profile, endsOnPlatformKey: endsOnPlatformKey)
        }
        let kind = planKind(
            of: step, isOn: kmsIsOn ?? (atRest != .plaintext), change: change, endsOnPlatformKey: endsOnPlatformKey)
        let earlier = place?.step
        place = PlanProgress(planned, kind) ?? place
        if place?.step != earlier { planStepStartedAt = now }
        switch atRest {
        case .plaintext, .mixed: exposedSince = exposedSince ?? now
        case .encrypted: exposedSince = nil
        case .unknown: break
        }
        // The same wait is decided anew at each look: its time goes on.
        guard step != self.step else { return }
        self.step = step
        stepStartedAt = now
        activity = .none
        admission = nil
    }

    /// The present step's title; nil before the first.
    package var title: String? {
        guard let intent else { return work }
        return step.map { StepWords.title($0, intent, atRest: atRest, kmsIsOn: kmsIsOn) }
    }
}

// MARK: - Words for what goes on

extension ProgressState {
    /// What the present step is at, in one line without its title; empty when nothing was told.
    package var detail: String {
        let asked = admission.map { "admission: " + words($0) } ?? ""
        return [activityDetail, asked].filter { !$0.isEmpty }.joined(separator: "; ")
    }

    private var activityDetail: String {
        switch activity {
        case .none: ""
        case .operation(let stage, let elapsed, let trouble):
            [
                stage.map { "stage \($0.printable(limit: 80))" }, duration(elapsed),
                trouble.map { "trouble: \($0.printable(limit: 200))" },
            ].compactMap(\.self).joined(separator: ", ")
        case .sampling(let done, let streak, let wanted, let isNew):
            "\(done) samples, \(streak) of \(wanted) in a row are new" + (isNew ? "" : ", the newest is still old")
        case .pass(_, let progress): isConverging ? "rewriting already: " + words(progress) : words(progress)
        case .migration(let message, let elapsed):
            ["storage version migration", message.printable(limit: 200), duration(elapsed)]
                .filter { !$0.isEmpty }.joined(separator: ", ")
        case .soaking(let elapsed, let wanted, let writes):
            "\(duration(elapsed)) of \(duration(wanted)), \(writes) writes succeeded"
        }
    }

    private var isConverging: Bool {
        if case .converge = step { true } else { false }
    }

    private func words(_ progress: PassProgress) -> String {
        var parts: [String] = []
        if let total = progress.total {
            parts.append("\(progress.done) of \(total) Secrets")
        } else if progress.done > 0 {
            parts.append("\(progress.done) Secrets")
        }
        if let rate = progress.rate, let whole = Int(exactly: rate.rounded()) { parts.append("\(whole)/s") }
        if let remaining = progress.remaining { parts.append("\(duration(remaining)) left") }
        if progress.counts.bad > 0 { parts.append("\(progress.counts.bad) not rewritten") }
        if progress.isPaused { parts.append("the API server asked to wait") }
        if let trouble = progress.trouble { parts.append("trouble: \(trouble.printable(limit: 200))") }
        return parts.joined(separator: ", ")
    }

    /// How far the present step is, from 0 to 1; nil when that cannot be told.
    var fraction: Double? {
        let (done, wanted): (Double, Double)
        switch activity {
        case .none, .operation, .migration: return nil
        case .sampling(_, let streak, let row, _): (done, wanted) = (Double(streak), Double(row))
        case .pass(_, let progress):
            guard let total = progress.total else { return nil }
            (done, wanted) = (Double(progress.done), Double(total))
        case .soaking(let elapsed, let span, _): (done, wanted) = (elapsed, span)
        }
        guard wanted > 0, done.isFinite, wanted.isFinite else { return nil }
        return min(1, max(0, done / wanted))
    }
}

// MARK: - Drawing

extension ProgressState {
    /// The live block: the step and its time, how far it is, and the exposure window while it is open. No line is
    /// wider than the terminal; colour is the only thing in it that a terminal interprets.
    package func draw(on terminal: Terminal, now: Double) -> [String] {
        guard let title else { return [] }
        let columns = max(1, terminal.width - 1)
        func cut(_ text: String) -> String { Console.cut(text, to: columns, ellipsis: terminal.unicode ? "…" : "...") }
        var lines = [cut("\(title)  \(duration(now - (stepStartedAt ?? now)))\(placeWords(now: now))")]
        let detail = detail
        if let fraction {
            let bar = bar(fraction, cells: min(24, columns / 3))
            lines.append(cut("  \(bar) \(percent(fraction))  \(detail)"))
        } else if !detail.isEmpty {
            lines.append(cut("  \(detail)"))
        }
        if let exposedSince {
            let text = cut("  Secrets are exposed: \(duration(now - exposedSince))")
            lines.append(terminal.color ? "\u{1B}[1;31m\(text)\u{1B}[0m" : text)
        }
        return lines
    }

    private func placeWords(now: Double) -> String {
        guard let place else { return "" }
        let left = remaining(now: now).map { ", about \(duration($0)) left" } ?? ""
        return "  (step \(place.step) of \(place.of)\(left))"
    }

    /// Seconds that the plan expects from here on, rounded to minutes; nil where less than one is left, or the present
    /// step takes longer than planned.
    func remaining(now: Double) -> Double? {
        guard let place, let begun = planStepStartedAt,
            let present = planned.first(where: { $0.number == place.step })
        else { return nil }
        let inStep = present.expectedSeconds - (now - begun)
        let later = planned.filter { $0.number > place.step }.reduce(0) { $0 + $1.expectedSeconds }
        let minutes = ((inStep + later) / 60).rounded()
        return inStep > 0 && minutes >= 1 ? minutes * 60 : nil
    }

    /// The same as one line for a log.
    package func line(now: Double) -> String? {
        guard let title else { return nil }
        var parts = [title]
        if !detail.isEmpty { parts.append(detail) }
        var line = parts.joined(separator: ": ")
        if let place { line += " [step \(place.step) of \(place.of)]" }
        if let exposedSince { line += " [exposed for \(duration(now - exposedSince))]" }
        return line
    }

    private func bar(_ fraction: Double, cells: Int) -> String {
        let full = Int(fraction * Double(cells))
        return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: cells - full) + "]"
    }

    /// Rounded down, so that 100% means all.
    private func percent(_ fraction: Double) -> String { "\(Int(fraction * 100))%" }
}
