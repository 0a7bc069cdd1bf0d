import ArgumentParser
import Testing

@testable import KubectlPlugin

struct `Arguments of rbac` {
    private static let id = "5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11"

    @Test(arguments: [
        [], ["--for", "status"], ["--for", "rewrite-secrets", "--needed-only"],
        ["--user", "a", "--user", "b", "--group", "c", "--service-account", "d/e"],
        ["--azure", "--subscription", id], ["--azure", "--subscription", id, "-g", "rg", "-g", "other"],
    ])
    func `are taken`(_ arguments: [String]) {
        #expect(throws: Never.self) { try KubectlKMSVault.parseAsRoot(["rbac"] + arguments) }
    }

    @Test(arguments: [
        ["--for", "resume"], ["--user", "a\nb"], ["--group", ""], ["--service-account", "a"], ["--azure"],
        ["--azure", "--subscription", "Sandbox"], ["--azure", "--subscription", id, "--user", "a"],
        ["--subscription", id], ["-g", "rg"], ["extra"],
    ])
    func `are refused`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try KubectlKMSVault.parseAsRoot(["rbac"] + arguments) }
    }
}
