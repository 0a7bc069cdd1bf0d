import Console
import Foundation
import Testing

@Test func `the troubleshooting guide is what the messages say`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let file = root.appendingPathComponent("docs/troubleshooting.md")
    if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
        try Data(Words.troubleshooting().utf8).write(to: file)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == (try Words.troubleshooting()))
}

@Test func `the guide has one section for each id`() throws {
    let sections = try Words.troubleshooting().split(separator: "\n").filter { $0.hasPrefix("## ") }
    #expect(Set(sections).count == sections.count)
    for id in FailureID.allCases { #expect(sections.contains("## \(id.rawValue)"), "\(id)") }
    // Those of runs.
    #expect(sections.count == 28 + 9 + FailureID.allCases.count - 3)
}
