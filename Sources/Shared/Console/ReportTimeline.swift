import Azure
import ModeSwitch
import Report
import SecretRewrite
import Text

/// What happened in a run and when, to be drawn to scale.
struct ReportTimeline: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable {
        /// Azure's own operation.
        case azure
        /// All API servers were seen to write alike, at one moment.
        case sampling
        case pass
        /// The vault's public network access is open.
        case door
    }

    struct Bar: Sendable, Hashable {
        var kind: Kind
        var label: String
        /// Seconds since 1970.
        var start: Double
        var end: Double
    }

    var start: Double
    var end: Double
    var bars: [Bar]
    /// When Secrets were, or may have been, plaintext; nil if never.
    var exposure: ClosedRange<Double>?

    init?(_ report: RunReport) {
        guard let context = report.context else { return nil }
        let times =
            report.changes.map(\.sentAt) + report.passes.map(\.startedAt) + report.vaultChanges.map(\.at)
            + [context.startedAt]
        start = times.filter { $0 > 0 }.min() ?? context.startedAt
        end = max(context.endedAt, start + 1)
        bars = []
        bars += report.changes.map { Self.bar($0, until: end) }
        bars += report.convergence.filter { $0.at > 0 }.map { Self.bar($0) }
        bars += report.passes.filter { $0.startedAt > 0 }.map { Self.bar($0) }
        bars.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        bars += Self.door(report, context, from: start, to: end)
        if let window = report.exposure {
            exposure = window.startedAt...max(window.startedAt, window.endedAt ?? end)
        }
    }

    private static func bar(_ change: KMSChange, until end: Double) -> Bar {
        let what =
            change.profile.isNew
            ? "KMS with \(change.profile.words)"
            : change.profile.enabled ? "KMS on as \(change.profile.mode.rawValue)" : "KMS off"
        let start = change.acceptedAt ?? change.sentAt
        let state = change.outcome == .succeeded ? "" : " (\(change.outcome.rawValue))"
        return Bar(
            kind: .azure, label: "Azure: \(what)\(state)", start: start,
            end: change.endedAt ?? (change.mayHaveBegun ? end : start))
    }

    private static func bar(_ evidence: ConvergenceReceipt) -> Bar {
        let words =
            evidence.state == .converged ? "API servers have the setting" : "API servers: \(evidence.state.rawValue)"
        return Bar(
            kind: .sampling, label: "\(words), \(evidence.samples) samples", start: evidence.at, end: evidence.at)
    }

    private static func bar(_ pass: PassReceipt) -> Bar {
        let what =
            switch pass.kind {
            case .rewrite: "Rewrite"
            case .verify: "Verify"
            case .beforeKeyChange: "Rewrite before the key change"
            case .repair: "Rewrite after a failed change"
            }
        if pass.engine == .svm {
            return Bar(
                kind: .pass, label: "\(what): by a storage version migration", start: pass.startedAt, end: pass.endedAt)
        }
        let moved = "\(pass.rewritten) of \(pass.total) Secrets rewritten"
        return Bar(kind: .pass, label: "\(what): \(moved)", start: pass.startedAt, end: pass.endedAt)
    }

    /// The times in which the vault was open to the public network.
    private static func door(_ report: RunReport, _ context: RunContext, from start: Double, to end: Double) -> [Bar] {
        var bars: [Bar] = []
        var openSince = context.originalVaultAccess == .enabled ? start : nil
        for change in report.vaultChanges {
            switch change.readBack {
            case .enabled: openSince = openSince ?? change.at
            case .disabled:
                if let since = openSince { bars.append(open(since, change.at)) }
                openSince = nil
            case .securedByPerimeter, nil: break
            }
        }
        if let since = openSince { bars.append(open(since, end)) }
        return bars
    }

    private static func open(_ start: Double, _ end: Double) -> Bar {
        Bar(kind: .door, label: "Vault open to the public network", start: start, end: end)
    }
}
