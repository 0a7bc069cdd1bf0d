import Azure
import JSON
import ModeSwitch
import Report
import SecretRewrite
import Text
import Usage

/// A report as one HTML page that needs nothing else: no request leaves it, and it prints.
struct ReportPage {
    private let file: ReportFile
    private var report: RunReport { file.report }

    init(_ file: ReportFile) { self.file = file }

    private static let check = ShellCommand.own(.report, .value(.reportToCheck, "FILE")).line(for: .kubectl)
    private static let dataStart = #"<script type="application/json" id="report">"#
    private static let dataEnd = "</script>"

    /// The document that a page holds; empty where there is none.
    static func document(in page: [UInt8]) -> [UInt8] {
        let text = String(decoding: page, as: UTF8.self)
        guard let start = text.firstRange(of: dataStart)?.upperBound,
            let end = text[start...].firstRange(of: dataEnd)?.lowerBound
        else { return [] }
        return Array(text[start..<end].utf8)
    }

    var text: String {
        let title = "KMS vault report: \(escaped(clusterName))"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(title)</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            <h1 class="\(mood)">\(escaped(report.verdictLine))</h1>
            \(facts)
            \(problem)
            \(timeline)
            \(changes)
            \(passes)
            \(failures)
            \(evidence)
            \(commands)
            <p class="digest">Digest of this report: <code>\(escaped(file.digest))</code>. It was printed at the end of the run, and \
            the ConfigMap kube-system/kms-vault-switch has it. <code>\(escaped(Self.check))</code> checks a file.</p>
            </main>
            \(Self.dataStart)\(data)\(Self.dataEnd)
            </body>
            </html>

            """
    }

    private var clusterName: String { report.cluster.split(separator: "/").last.map(String.init) ?? report.cluster }

    private var mood: String {
        switch report.secretsAtRest {
        case .encrypted: report.exitCode == 0 ? "good" : "fair"
        case .unknown: "fair"
        case .plaintext, .mixed: "bad"
        }
    }

    /// No `<` stands in it, so that nothing in a name can end the element.
    private var data: String {
        Console.text(of: file.document, pretty: false).replacing("<", with: #"\u003c"#).replacing("\n", with: "")
    }
}

// MARK: - Parts

extension ReportPage {
    private var facts: String {
        var rows: [(String, String)] = [("Cluster", report.cluster), ("Run", report.runID)]
        if let context = report.context {
            rows += [
                ("From", shown(context.startedAt)), ("To", shown(context.endedAt)),
                ("Azure principal", shown(context.author.azureName, context.author.azureObjectID)),
                ("Azure tenant", context.author.azureTenant), ("Kubernetes user", context.author.kubernetesUser),
                ("Host", context.host), ("Program", "kubectl-kms-vault \(context.toolVersion)"),
                ("Program's checksum", context.toolChecksum ?? ""),
                ("KMS before", words(context.original)), ("Vault before", context.originalVaultAccess.rawValue),
                ("Accepted risks", context.accepted.isEmpty ? "none" : context.accepted.joined(separator: ", ")),
                ("Correlation id", context.correlationID), ("eTag at the end", context.eTagAfter),
            ]
        }
        rows += [
            ("KMS after", words(report.kms)), ("Vault", report.vault), ("Vault after", report.vaultAccess.rawValue),
            ("Exposure", report.exposure?.words ?? "none: this run did not turn KMS off"),
        ]
        let shown = rows.map { "<dt>\(escaped($0.0))</dt><dd>\(escaped($0.1.isEmpty ? "not known" : $0.1))</dd>" }
        return "<dl>\n\(shown.joined(separator: "\n"))\n</dl>"
    }

    private func shown(_ time: Double) -> String { rfc3339(time) ?? "" }

    private func shown(_ name: String, _ id: String) -> String {
        name.isEmpty ? id : id.isEmpty ? name : "\(name) (\(id))"
    }

    private func words(_ kms: KMSProfile) -> String {
        if kms.isNew { return kms.enabled ? "\(kms.words), \(kms.keyID)" : kms.words }
        return kms.enabled ? "on, \(kms.mode.rawValue), \(kms.keyID)" : "off"
    }

    private var problem: String {
        guard let problem = report.problem else { return "" }
        return section(
            "What went wrong", problem.lines(for: .kubectl).map { "<p>\(escaped($0))</p>" }.joined(separator: "\n"))
    }

    private var timeline: String {
        guard let timeline = ReportTimeline(report) else { return "" }
        let span = timeline.end - timeline.start
        func place(_ start: Double, _ end: Double) -> String {
            let left = 100 * (start - timeline.start) / span
            return "left:\(decimal(left))%;width:\(decimal(100 * (end - start) / span))%"
        }
        var rows: [String] = []
        if let window = timeline.exposure {
            let words = "Secrets exposed, \(duration(window.upperBound - window.lowerBound))"
            rows.append(row("exposed", words, place(window.lowerBound, window.upperBound), window.lowerBound))
        }
        rows += timeline.bars.map { bar in
            let took = bar.end > bar.start ? ", \(duration(bar.end - bar.start))" : ""
            return row(bar.kind.rawValue, bar.label + took, place(bar.start, bar.end), bar.start)
        }
        let ends = "<p class=\"ends\"><span>\(shown(timeline.start))</span><span>\(shown(timeline.end))</span></p>"
        return section(
            "What happened, to scale", "<div class=\"chart\">\n\(rows.joined(separator: "\n"))\n</div>\n\(ends)")
    }

    private func row(_ kind: String, _ label: String, _ place: String, _ start: Double) -> String {
        let time = shown(start).dropFirst(11).dropLast()
        return "<div class=\"row\"><span class=\"label\">\(time) \(escaped(label))</span>"
            + "<span class=\"track\"><span class=\"bar \(kind)\" style=\"\(place)\"></span></span></div>"
    }

    private var changes: String {
        let rows = report.changes.map { change in
            [
                change.profile.enabled && !change.profile.isNew
                    ? "on, \(change.profile.mode.rawValue)" : change.profile.words,
                change.outcome.rawValue,
                shown(change.acceptedAt ?? change.sentAt), change.endedAt.map(shown) ?? "",
                change.azure?.operationID ?? "", change.azure?.requestID ?? "", change.azure?.eTagBefore ?? "",
            ]
        }
        return table(
            "Changes of KMS", ["KMS", "Outcome", "From", "To", "Operation", "Request", "eTag before"], rows)
            + table(
                "Changes of the vault", ["Wanted", "Read back", "At"],
                report.vaultChanges.map { [$0.wanted.rawValue, $0.readBack?.rawValue ?? "no answer", shown($0.at)] })
    }

    private var passes: String {
        let rows = report.passes.map { pass in
            guard pass.engine == nil else {
                return [pass.kind.rawValue + " (storage version migration)", "\(pass.total)"]
                    + Array(repeating: "not told", count: 4) + [pass.complete ? "yes" : "no"]
            }
            return [
                pass.kind.rawValue, "\(pass.total)", "\(pass.rewritten)", "\(pass.current)", "\(pass.gone)",
                "\(pass.failures.values.reduce(0, +))", pass.complete ? "yes" : "no",
            ]
        }
        return table(
            "Passes over all Secrets",
            ["Pass", "Secrets", "Rewritten", "In the right form already", "Deleted meanwhile", "Failed", "Complete"],
            rows)
    }

    private var failures: String {
        table(
            "Secrets that were not rewritten", ["Namespace", "Secret", "Outcome", "Cause"],
            report.failures.map { [$0.namespace, $0.name ?? "(the list)", $0.outcome.rawValue, $0.cause] },
            below: andMore(report.failuresOmitted))
    }

    private var evidence: String {
        let rows = (report.proof?.items ?? []).map { item in
            let meaning = meaning(ofEvidence: item.id)
            return [item.id, item.verdict.rawValue, item.detail, meaning?.proves ?? "", meaning?.not ?? ""]
        }
        return table("Evidence", ["Evidence", "Verdict", "Detail", "What it proves", "What it does not prove"], rows)
    }

    private var commands: String {
        let items = auditCommands(report).map {
            "<li>\(escaped($0.purpose)):<br><code>\(escaped($0.command))</code></li>"
        }
        guard !items.isEmpty else { return "" }
        return section("Look again yourself", "<ul>\n\(items.joined(separator: "\n"))\n</ul>")
    }

    private func section(_ title: String, _ body: String) -> String {
        "<section>\n<h2>\(escaped(title))</h2>\n\(body)\n</section>"
    }

    /// Each cell carries its column's title, which is shown where the screen is too narrow for a table.
    private func table(
        _ title: String, _ columns: [String], _ rows: [[String]], below note: String? = nil
    ) -> String {
        guard !rows.isEmpty else { return "" }
        let head = columns.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
        let body = rows.map { row in
            let cells = zip(columns, row).map { "<td data-title=\"\(escaped($0.0))\">\(cell($0.1))</td>" }
            return "<tr>\(cells.joined())</tr>"
        }
        let table =
            "<table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body.joined(separator: "\n"))\n</tbody>\n</table>"
        return section(title, table + (note.map { "\n<p>\(escaped($0))</p>" } ?? ""))
    }

    private func cell(_ text: String) -> String {
        parseRFC3339(text) == nil ? escaped(text) : "<time>\(escaped(text))</time>"
    }

    /// A percentage with two decimals, between 0 and 100.
    private func decimal(_ value: Double) -> String {
        let hundredths = Int((min(100, max(0, value.isFinite ? value : 0)) * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Text for HTML, with what could steer a terminal or a reader's eye escaped as well.
    private func escaped(_ text: String) -> String {
        text.printable(limit: 4096).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
