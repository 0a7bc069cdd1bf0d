import Azure
import Foundation
import Testing
import Usage

private let az = CommandStyle.az(resourceGroup: "rg", name: "c")
private let place = ToolCommand.Cluster(subscription: "s", resourceGroup: "g", name: "n")

@Suite
struct `A command of this program` {
    @Test(arguments: [
        (ShellCommand.own(.resume), "kubectl kms-vault resume", "az aks kms-vault-mode resume -g rg -n c"),
        (.own(.status), "kubectl kms-vault status", "az aks kms-vault-mode show -g rg -n c"),
        (
            .own(.switchMode, in: place, [.target(.privateAccess), .flag(.vaultSharedOK)]),
            "kubectl kms-vault switch --subscription s -g g --name n --private --vault-shared-ok",
            "az aks kms-vault-mode switch --mode Private --subscription s -g g -n n --vault-shared-ok"
        ),
        (
            .own(.preflight, in: place, [.target(.publicAccess)]),
            "kubectl kms-vault preflight --subscription s -g g --name n --public",
            "az aks kms-vault-mode preflight --mode Public --subscription s -g g -n n"
        ),
        (
            .own(.resume, in: place, [.values(.acceptFailures, ["denied", "invalid"])]),
            "kubectl kms-vault resume --subscription s -g g --name n --accept-failures denied --accept-failures invalid",
            "az aks kms-vault-mode resume --subscription s -g g -n n --accept-failures denied invalid"
        ),
        (
            .own(.list, .value(.subscription, "s")), "kubectl kms-vault list --subscription s",
            "az aks kms-vault-mode list --subscription s"
        ),
        (
            .own(.verify, .flag(.patch)), "kubectl kms-vault verify --patch",
            "az aks kms-vault-mode verify -g rg -n c --patch"
        ),
        // What az has no command or no option for stays kubectl's.
        (.own(.rewriteSecrets), "kubectl kms-vault rewrite-secrets", "kubectl kms-vault rewrite-secrets"),
        (.own(.status, .flag(.watch)), "kubectl kms-vault status --watch", "kubectl kms-vault status --watch"),
        ("kubectl get --raw /readyz", "kubectl get --raw /readyz", "kubectl get --raw /readyz"),
    ])
    func `has the form of the front end that shows it`(_ command: ShellCommand, _ kubectl: String, _ inAz: String) {
        #expect(command.line(for: .kubectl) == kubectl)
        #expect(command.line(for: az) == inAz)
    }

    @Test func `quotes names that a shell would take apart`() {
        let hostile = CommandStyle.az(resourceGroup: "a b", name: "c;d")
        #expect(ShellCommand.own(.resume).line(for: hostile) == "az aks kms-vault-mode resume -g 'a b' -n 'c;d'")
        let key = ShellCommand.own(.makeSafe, .value(.knownKeyID, "-x y"))
        #expect(key.line(for: .kubectl) == "kubectl kms-vault make-safe --key-id='-x y'")
        #expect(key.line(for: az) == "az aks kms-vault-mode make-safe -g rg -n c --key-id='-x y'")
    }

    @Test func `stays a command within words, and is shown as a text in JSON`() throws {
        let advice: Advice = "\(ShellCommand.own(.resume)), or \(ShellCommand.own(.makeSafe)); \(1) time"
        let inAz = "az aks kms-vault-mode resume -g rg -n c, or az aks kms-vault-mode make-safe -g rg -n c; 1 time"
        #expect(advice.text(for: .kubectl) == "kubectl kms-vault resume, or kubectl kms-vault make-safe; 1 time")
        #expect(advice.text(for: az) == inAz)
        let encoder = JSONEncoder()
        let key = try #require(CommandStyle.key)
        encoder.userInfo[key] = az
        #expect(String(decoding: try encoder.encode([advice]), as: UTF8.self) == "[\"\(inAz)\"]")
    }

    @Test func `with a value between its words quotes the value`() {
        let id = "-a b"
        let command: ShellCommand = "az lock delete --ids \(id) \(literal: "-o none")"
        #expect(command.line(for: az) == "az lock delete --ids='-a b' -o none")
    }

    /// Searching texts for commands misses forms, and changes what servers said; so no text may have one in it.
    @Test func `is nowhere written into a text`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Shared")
        // The guide is kubectl's.
        let allowed = ["Console/FailureID.swift"]
        let names = CommandName.allCases.filter { $0.entry.az != nil }.map(\.rawValue)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".swift") }
        #expect(paths.count > 100)
        for path in paths where !allowed.contains(path) {
            let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
            for name in names { #expect(!text.contains("kubectl kms-vault \(name)"), "\(path)") }
        }
    }
}
