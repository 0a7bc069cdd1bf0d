import Azure
package import ModeSwitch
import Plan
package import Preflight
import Report
import SecretRewrite
import Text
package import Usage

extension RunReport.Problem: Presentable {
    package var sections: [Section] { [.text(lines(for: .kubectl).joined(separator: "\n"))] }

    /// What happened, which state that leaves, what to do; the id finds more in docs/troubleshooting.md.
    package func lines(for style: CommandStyle) -> [String] {
        ["error: \(what)", state.text(for: style), next.text(for: style), "(\(id))"]
    }
}

extension RunReport: Presentable {
    package var page: String? { (try? ReportFile(self)).map { String(decoding: $0.bytes(as: .html), as: UTF8.self) } }

    package var sections: [Section] {
        var sections = [Section.fields(summary)]
        if !failures.isEmpty {
            let rows = failures.map { [$0.namespace, $0.name ?? "(the list)", $0.outcome.rawValue, $0.cause] }
            sections.append(.table(Table(["NAMESPACE", "SECRET", "OUTCOME", "CAUSE"], rows: rows, flexible: 3)))
        }
        if let more = andMore(failuresOmitted) { sections.append(.text(more)) }
        if let proof {
            let rows = proof.items.map { [$0.id, $0.verdict.rawValue, $0.detail] }
            sections.append(.table(Table(["EVIDENCE", "VERDICT", "DETAIL"], rows: rows, flexible: 2)))
        }
        for (language, name) in [("terraform", "Terraform"), ("bicep", "Bicep")] {
            guard let lines = infrastructureAsCode[language] else { continue }
            sections.append(.text("To be changed in \(name):\n\(lines)"))
        }
        if !infrastructureAsCode.isEmpty {
            sections.append(
                .prose("-o json has the lines for ARM templates, Pulumi, Cluster API and Azure Service Operator too."))
        }
        return sections
    }

    private var summary: [Section.Field] {
        var fields = [
            Section.Field("Cluster", cluster), .init("Verdict", verdict), .init("Secrets", secretsAtRest.rawValue),
            .init("KMS", kmsWords), .init("Key", kms.keyID),
            .init("Vault", vault), .init("Vault access", vaultAccess.rawValue),
        ]
        if let exposure { fields.append(.init("Exposure", exposure.words)) }
        if let pass = passes.last {
            fields.append(.init("Last pass", "\(pass.total) Secrets, failures: \(words(pass.failures))"))
        }
        if let made = keyVersion?.keyID { fields.append(.init("New key version", made.description)) }
        if let soak { fields.append(.init("Watch", "\(soak.result.rawValue), \(soak.writes) writes")) }
        for sentence in afterwards ?? [] { fields.append(.init("Afterwards", sentence)) }
        fields.append(.init("Run", runID))
        return fields
    }
}

extension RunReport {
    private var kmsWords: String {
        if newKMSExperience { return kms.isNew ? "\(kms.words) (new KMS experience)" : "new KMS experience" }
        return kms.enabled ? "on, \(kms.mode.rawValue) (legacy KMS)" : "off (legacy KMS)"
    }
}

extension RunReport.Exposure {
    /// The window in words, with what it does not cover.
    package var words: String {
        let start = rfc3339(startedAt) ?? "unknown"
        guard let seconds, let endedAt, let end = rfc3339(endedAt) else { return "since \(start), NOT ended" }
        return
            "\(duration(seconds)), \(start) to \(end); etcd keeps old versions for about 5 minutes more, backups longer"
    }
}

extension SwitchPlan {
    /// What KMS is set to at the end, in a few words.
    package var targetWords: String {
        switch newKey {
        case nil: target.rawValue
        case .platformManaged?: "platform-managed key (new KMS experience)"
        case .customerManaged?: "customer-managed key, \(target.rawValue) (new KMS experience)"
        }
    }
}

extension SwitchPlan: Presentable {
    package var sections: [Section] {
        let names = [
            Section.Field("Cluster", cluster), .init("KMS now", encryption), .init("Target", targetWords),
            .init("Vault", vault), .init("Key", keyID), .init("Secrets", secrets.map(String.init) ?? "not counted"),
            .init("Exposure", exposureWords),
            .init("Plan", "\(planID) (--plan-id \(planID) runs this plan or none)"),
        ]
        let rows = steps.map {
            [
                "\($0.number)", $0.isDone ? "done" : "~\(duration($0.expectedSeconds))",
                $0.exposed && !$0.isDone ? "plaintext" : "", $0.title, $0.detail,
            ]
        }
        let total = steps.filter { !$0.isDone }.reduce(0) { $0 + $1.expectedSeconds }
        let last = [
            "", "~\(duration(total))", "", steps.contains(where: \.isDone) ? "in all, still to come" : "in all",
        ]
        var sections = [Section.fields(names)]
        sections.append(
            .table(
                Table(["STEP", "TIME", "SECRETS", "WHAT", "DETAIL"], rows: rows + [last], flexible: 4, optional: [4])))
        if !warnings.isEmpty { sections.append(.prose(warnings.map { "! \($0)" }.joined(separator: "\n"))) }
        if !infrastructureAsCode.isEmpty {
            sections.append(
                .prose(
                    "Where Terraform, Bicep or the like define the cluster or the vault, change the mode there too, or the "
                        + "next apply undoes it. The run's report has the lines."))
        }
        return sections
    }

    /// Seconds until the last step is over in which Secrets are plaintext; 0 where there is none.
    package var secondsUntilEncrypted: Double {
        guard let last = steps.lastIndex(where: { $0.exposed && !$0.isDone }) else { return 0 }
        return steps[...last].reduce(0) { $0 + $1.expectedSeconds }
    }

    /// How long Secrets will be plaintext, as far as can be estimated.
    package var exposureWords: String {
        exposureSeconds == 0
            ? "none: no Secret becomes plaintext"
            : "about \(duration(exposureSeconds)) in which Secrets are plaintext in etcd"
    }
}

extension PreflightReport: Presentable {
    package var sections: [Section] { sections(all: false) }

    /// What stands in the way first, then what to look at, each with what to do; then what is well.
    ///
    /// - Parameter all: whether the checks that passed are listed.
    package func sections(all: Bool) -> [Section] {
        let open = checks.filter { $0.verdict != .ok && $0.verdict != .notApplicable }
        var sections = (open.filter(\.blocks) + open.filter { !$0.blocks }).map(Self.section)
        let passed = checks.filter { $0.verdict == .ok }
        if all {
            sections.append(.table(Table(["PASSED", "ANSWER"], rows: passed.map { [$0.id, $0.reason] }, flexible: 1)))
        }
        let count = passed.count == 1 ? "1 check passed" : "\(passed.count) checks passed"
        sections.append(.text("\(count)\(all || passed.isEmpty ? "." : "; --all lists what they found.")"))
        sections.append(.text("\(summary) Nothing was changed."))
        return sections
    }

    private static func section(_ check: CheckResult) -> Section {
        // What could not be told has no advice but the commands that tell it.
        let advice = check.advice?.text(for: .kubectl) ?? "These commands show it:"
        let verdict = check.blocks ? "REFUSE" : check.verdict.rawValue
        let lines = ["\(verdict) \(check.id): \(check.reason)", advice]
        return .prose((lines + check.remedy.map { "  " + $0.line(for: .kubectl) }).joined(separator: "\n"))
    }

    private var summary: String {
        guard blockers.isEmpty else { return "\(blockers.count) of \(checks.count) checks refuse." }
        func counted(_ verdict: CheckVerdict, _ one: String, _ many: String) -> String? {
            let count = checks.count { $0.verdict == verdict }
            return count == 0 ? nil : count == 1 ? "1 check \(one)" : "\(count) checks \(many)"
        }
        let open = [
            counted(.warn, "warns", "warn"), counted(.unknown, "could not be answered", "could not be answered"),
        ].compactMap { $0 }
        return open.isEmpty
            ? "Nothing stands in the way." : "No check refuses, but \(open.joined(separator: " and ")): see above."
    }

    /// The exit code that belongs to a preflight alone.
    package var exitCode: ExitCode { blockers.isEmpty ? .done : .refused }
}

/// What `preflight` shows; as a document it is the whole report.
package struct PreflightResult: Presentable {
    private let report: PreflightReport
    private let showsAll: Bool

    package init(_ report: PreflightReport, showsAll: Bool) {
        self.report = report
        self.showsAll = showsAll
    }

    package var sections: [Section] { report.sections(all: showsAll) }

    /// In a few words, as a row of many clusters has it.
    package var words: String {
        let blockers = report.blockers
        guard !blockers.isEmpty else {
            let warnings = report.checks.count { $0.verdict == .warn }
            return "ready" + (warnings > 0 ? ", \(warnings) warnings" : "")
        }
        return "refused: " + blockers.map(\.id).joined(separator: ", ")
    }

    package func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }
}
