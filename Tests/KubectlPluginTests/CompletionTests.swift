import Commands
import Foundation
import Testing

@testable import KubectlPlugin

@Suite
struct `Completion of a word` {
    private func choices(_ words: String...) -> [String] { Completion(of: words, in: .ofPlugin).choices.map(\.text) }
    private func completion(_ words: String...) -> Completion { Completion(of: words, in: .ofPlugin) }

    @Test func `offers commands, then their flags`() {
        #expect(choices("").starts(with: ["status", "preflight", "switch"]))
        #expect(choices("re") == ["resume", "rewrite-secrets", "report"])
        #expect(choices("switch", "--pr") == ["--private"])
        #expect(choices("switch", "--private", "--pr").isEmpty)
        // What may be repeated is offered again.
        #expect(choices("switch", "--accept-unknown", "key-type", "--accept-u").contains("--accept-unknown"))
        #expect(choices("status", "--private").isEmpty)
        #expect(choices("status", "").isEmpty)
    }

    @Test func `offers the values of a flag, in both of its forms`() {
        #expect(choices("status", "-o", "j") == ["json", "jsonl"])
        #expect(choices("status", "--output=j") == ["--output=json", "--output=jsonl"])
        #expect(choices("switch", "--accept-failures", "") == ["denied", "invalid"])
        #expect(choices("switch", "--accept-unknown", "key-t") == ["key-type"])
        #expect(choices("completion", "f") == ["fish"])
        #expect(choices("completion", "fish", "").isEmpty)
        // A flag that takes no value is followed by the next word.
        #expect(choices("switch", "--yes", "--dry") == ["--dry-run"])
    }

    @Test func `asks the world for what only it knows`() {
        #expect(completion("status", "--context", "p").source == .values(.contexts))
        #expect(completion("rewrite-secrets", "-n", "").source == .values(.namespaces))
        #expect(completion("status", "--name", "").source == .values(.azureClusters))
        #expect(completion("status", "-g", "").source == .values(.resourceGroups))
        #expect(completion("list", "--subscription", "").source == .values(.subscriptions))
        #expect(completion("status", "--kubeconfig", "").source == .files)
        #expect(completion("completion", "install", "--dir", "").source == .folders)
        #expect(completion("status", "--token", "").source == nil)
    }

    @Test func `takes what was given before into account`() {
        let given = completion("status", "--kubeconfig", "/k", "--context=c", "-g", "rg", "--name", "").given
        #expect(given == ["--kubeconfig": "/k", "--context": "c", "--resource-group": "rg"])
    }

    @Test func `answers in the protocol of kubectl`() {
        #expect(completion("switch", "--pr").lines([]) == ["--private\tMake the vault private.", ":4"])
        let contexts = completion("status", "--context=p")
        #expect(contexts.lines([.init(text: "prod"), .init(text: "dev")]) == ["--context=prod", ":4"])
        // A name that would be read as lines of its own.
        #expect(contexts.lines([.init(text: "p\n:0"), .init(text: "p\tx")]) == [":4"])
        // Names that would steer the terminal.
        #expect(contexts.lines([.init(text: "p\u{9B}31m"), .init(text: "p\u{202E}x")]) == [":4"])
        #expect(completion("status", "--kubeconfig=").lines([]) == [":0"])
        #expect(completion("completion", "install", "--dir", "").lines([]) == [":16"])
    }

    @Test func `survives what nobody types`() {
        for words in [
            [], ["--"], ["-"], ["=", "-=", "--=", ""], ["switch", "--output", "--output", "--output="], ["é", "\u{0}"],
        ] {
            _ = Completion(of: words, in: .ofPlugin).lines([])
        }
    }

    @Test func `is asked for by name or by the first word`() {
        #expect(CompletionAnswer.words(["/x/kubectl_complete-kms_vault", "switch", ""]) == ["switch", ""])
        #expect(CompletionAnswer.words(["/x/kubectl-kms_vault", "__complete", "sw"]) == ["sw"])
        #expect(CompletionAnswer.words(["/x/kubectl-kms_vault", "switch"]) == nil)
        #expect(CompletionAnswer.words([]) == nil)
    }
}

@Suite
struct `The link for kubectl's completion` {
    private let folder = NSTemporaryDirectory() + "kms-vault-link-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private var link: String { folder + "/kubectl_complete-kms_vault" }

    @Test func `is made, replaced and left alone`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let old = "/old/kubectl-kms-vault"
        try #expect(CompletionLink(folder: folder, target: old).make().contains("made \(link) -> \(old)"))
        _ = try CompletionLink(folder: folder, target: "kubectl-kms_vault").make()
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "kubectl-kms_vault")
        try #expect(CompletionLink(folder: folder, target: "kubectl-kms_vault").make().contains("already"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
    }

    @Test func `is removed, dangling too, and nothing of others`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ours = CompletionLink(folder: folder, target: "kubectl-kms_vault")
        _ = try ours.make()
        #expect(try ours.remove() == "removed \(link)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        #expect(try ours.remove() == "there is no \(link)")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/bin/true")
        #expect(throws: CompletionLinkError.self) { try ours.remove() }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/bin/true")
    }

    @Test func `never replaces somebody's file, and says what is wrong with a folder`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "mine".write(toFile: link, atomically: true, encoding: .utf8)
        #expect(throws: CompletionLinkError.self) { try CompletionLink(folder: folder, target: "x").make() }
        #expect(try String(contentsOfFile: link, encoding: .utf8) == "mine")
        let error = #expect(throws: CompletionLinkError.self) {
            try CompletionLink(folder: folder + "/none", target: "x").make()
        }
        #expect(error?.description.contains("no such file or directory") == true)
        #expect(throws: CompletionLinkError.self) { try CompletionLink.ofThisProcess(folder: "") }
        #expect(throws: CompletionLinkError.self) { try CompletionLink.ofThisProcess(folder: folder) }
        try FileManager.default.createSymbolicLink(atPath: folder + "/other", withDestinationPath: "/bin/true")
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.moveItem(atPath: folder + "/other", toPath: link)
        #expect(throws: CompletionLinkError.self) { try CompletionLink(folder: folder, target: "x").make() }
    }
}
