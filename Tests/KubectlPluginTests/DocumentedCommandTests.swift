import ArgumentParser
import Foundation
import Testing

@testable import KubectlPlugin

private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

@Suite
struct `Commands that the documentation tells to run` {
    /// Whole lines of code, in the files that people copy from.
    private static let commands: [String] = ["README.md", "docs/troubleshooting.md", "docs/safety.md", "docs/rbac.md"]
        .flatMap { file in
            let text = (try? String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)) ?? ""
            return text.split(separator: "\n").filter { $0.hasPrefix("    kubectl kms-vault ") }.map { line in
                let command = line.prefix { !"#|>".contains($0) }
                // A placeholder stands for an id, and a line may go on.
                let id = "5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11"
                return command.replacing("SUBSCRIPTION-ID", with: id).replacing("SUBSCRIPTION", with: id)
                    .trimmingCharacters(in: CharacterSet(charactersIn: " \\"))
            }
        }

    @Test func `are many`() { #expect(Set(Self.commands).count > 8) }

    @Test(arguments: Set(commands))
    func `are taken by the parser`(_ command: String) throws {
        let words = command.split(separator: " ").dropFirst(2).map(String.init)
        #expect(throws: Never.self) { try KubectlKMSVault.parseAsRoot(words) }
    }
}
