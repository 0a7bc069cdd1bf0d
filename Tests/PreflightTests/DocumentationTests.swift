import Foundation
import Testing
import Usage

@testable import Preflight

/// docs/preflight.md, as the checks themselves give it.
private func documentation() -> String {
    var lines = [
        "# What preflight checks", "",
        "`kubectl kms-vault preflight --private` (or `--public`) asks what a switch needs of the list below, and changes",
        "nothing. `switch`, `rotate` and `migrate` ask what they need of it before their first change, and a part again",
        "right before each step. \"Asked by\" tells which of them ask a check, on the legacy KMS or on the new KMS experience.",
        "",
        "A check answers ok, warn, refuse, unknown or not applicable. A refusal stops the run before anything is changed.",
        "What cannot be read is unknown, never ok. If the thing could leave the cluster's Secrets in plaintext, or could",
        "not be undone, an unknown answer refuses too, unless `--accept-unknown ID` names the check. Right before KMS is",
        "turned on, nothing unknown refuses: Secrets are in plaintext then, and trying makes it no worse. Each answer",
        "comes with the names and with the exact commands that mend it.", "",
        "Nothing at the subscription has to be readable: roles on the cluster's resource group and on the vault are",
        "enough. Where only the subscription tells, the answer is unknown, and warns.", "",
        "This file is generated from the checks; a test keeps it true (`UPDATE_DOCS=1 swift test --filter PreflightTests`).",
        "", "| id | what | why | remedy | asked by | if unknown | asked again before | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for check in PreflightCheck.all {
        let steps = PreflightStep.allCases.filter(check.repeatedBefore.contains).map(\.rawValue)
        let cells = [
            "`\(check.id)`", check.title, check.why, check.mend.text(for: .kubectl), jobs(check), check.ifUnknown.words,
            steps.isEmpty ? "–" : steps.joined(separator: ", "), link(check.source),
        ]
        lines.append("| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
}

private func jobs(_ check: PreflightCheck) -> String {
    let jobs = PreflightJob.allCases.filter { $0.asks(check) }
    return jobs == PreflightJob.allCases ? "all" : jobs.map(\.rawValue).joined(separator: ", ")
}

extension UnknownPolicy {
    fileprivate var words: String {
        switch self {
        case .warns: "warns"
        case .refuses: "refuses"
        case .refusesWhileVaultIsOpen: "refuses; warns while the vault is closed"
        }
    }
}

private func link(_ source: String) -> String {
    guard !source.hasPrefix("https://"), let mark = source.firstIndex(of: "#") else { return "<\(source)>" }
    return "[\(source)](https://github.com/\(source[..<mark])/issues/\(source[source.index(after: mark)...]))"
}

@Test func `the documentation is what the checks say`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let file = root.appendingPathComponent("docs/preflight.md")
    if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(documentation().utf8).write(to: file)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == documentation())
}

@Test func `every source is a thread or a page`() {
    for check in PreflightCheck.all {
        let isPage = check.source.hasPrefix("https://")
        let isThread = check.source.split(separator: "#").count == 2 && check.source.contains("/")
        #expect(isPage || isThread, "\(check.id): \(check.source)")
    }
}
