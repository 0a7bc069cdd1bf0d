import Commands
import Console
import Testing

private let id = "5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11"
private let other = "5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b12"

struct `Scopes of a role in Azure` {
    @Test func `are subscriptions, or groups of one`() throws {
        #expect(try roleScopes(subscriptions: [id, other], resourceGroups: []).count == 2)
        #expect(
            try roleScopes(subscriptions: [id], resourceGroups: ["rg-a", "Gruppe_(ä)"]) == [
                "/subscriptions/\(id)/resourceGroups/rg-a", "/subscriptions/\(id)/resourceGroups/Gruppe_(ä)",
            ])
    }

    @Test(
        arguments: [
            ([], []), ([], ["rg"]), (["Sandbox"], []), ([id + "/x"], []), ([id, other], ["rg"]), ([id], [""]),
            ([id], ["a/b"]), ([id], ["a\nb"]), ([id], ["a\"b"]), ([id], [".."]),
        ] as [([String], [String])])
    func `are refused where they make none`(_ subscriptions: [String], _ groups: [String]) {
        #expect(throws: RoleProblem.self) { try roleScopes(subscriptions: subscriptions, resourceGroups: groups) }
    }
}
