import Testing

@testable import Run

@Suite
struct `The name of a run` {
    @Test func `is a random UUID of version 4`() throws {
        let names = (0..<1000).map { _ in makeRunID() }
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        }
    }
}
