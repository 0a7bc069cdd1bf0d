import AzureStandIn
import Foundation
import Testing

struct DocumentationTests {
    @Test func `every fault and moment is in the sandbox's page`() throws {
        let page = URL(fileURLWithPath: #filePath).appending(path: "../../../../docs/sandbox.md").standardized
        let text = try String(contentsOf: page, encoding: .utf8)
        for name in FaultName.allCases {
            #expect(text.contains("| `\(name.rawValue)` | \(name.doc.text) | \(name.doc.source) |"))
        }
        for moment in Moment.allCases { #expect(text.contains("`\(moment.rawValue)`")) }
    }
}
