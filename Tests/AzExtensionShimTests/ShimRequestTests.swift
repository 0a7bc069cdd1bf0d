import Azure
import Commands
import Connections
import Foundation
import JSON
import ModeSwitch
import Run
import SecretRewrite
import Testing
import Usage

@testable import AzExtensionShim

/// A request as the extension makes it, with changes laid over it.
func request(_ changes: [String: JSONValue] = [:], arguments: [String: JSONValue] = [:]) -> JSONValue {
    let basic: [String: JSONValue] = ["resourceGroup": .string("rg"), "name": .string("c")]
    let members: [String: JSONValue] = [
        "type": .string("request"), "protocol": .integer(1), "version": .string("0.1.0"), "command": .string("switch"),
        "subscription": .string("5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11"),
        "tenant": .string("72f988bf-0000-4000-8000-2d7cd011db47"),
        "cloud": .object([
            "name": .string("AzureCloud"), "resourceManager": .string("https://management.azure.com"),
            "activeDirectory": .string("https://login.microsoftonline.com"),
            "resourceManagerAudience": .string("https://management.core.windows.net/"),
        ]),
        "arguments": .object(basic.merging(arguments) { $1 }),
    ]
    return .object(members.merging(changes) { $1 })
}

@Suite
struct `A request of az` {
    @Test func `says which command with which options`() throws {
        let parsed = try ShimRequest(
            request(arguments: [
                "mode": .string("Public"), "soak": .string("4m"), "yes": .bool(true), "qps": .integer(50),
                "acceptFailures": .array([.string("denied")]), "planId": .string("p"), "timeout": .string("1h30m"),
            ]), kubeconfigVariable: nil)
        #expect(parsed.command.command == .switchMode(dryRun: false))
        #expect(parsed.command.options.target == .publicAccess)
        #expect(parsed.command.options.soakSeconds == 240)
        #expect(parsed.command.options.requestsPerSecond == 50)
        #expect(parsed.command.options.acceptedFailures == [.denied])
        #expect(parsed.command.options.planID == "p")
        #expect(parsed.yes && parsed.timeout == 5400)
        #expect(parsed.command.selection.resourceGroup == "rg" && parsed.command.selection.name == "c")
    }

    @Test(arguments: [
        ("show", CommandRequest.Command.status), ("preflight", .preflight), ("resume", .resume),
        ("make-safe", .makeSafe), ("verify", .verify(patch: false)), ("list", .list),
    ])
    func `names the commands as az does`(_ name: String, _ command: CommandRequest.Command) throws {
        let parsed = try ShimRequest(request(["command": .string(name)]), kubeconfigVariable: nil)
        #expect(parsed.command.command == command)
    }

    /// The extension sends no others (its own tests).
    @Test(arguments: CommandName.allCases.filter { $0.entry.az != nil })
    func `is understood with every option of its command`(_ command: CommandName) throws {
        let az = try #require(command.entry.az)
        var values: [String: JSONValue] = [:]
        // Each excludes others.
        let alone: [OptionEntry] = [.admin, .closeVaultFirst, .newVersion, .platformManaged, .customerManaged]
        for option in az.options where !alone.contains(option) {
            values[member(try #require(option.az).name)] = sample(option)
        }
        let flags = ["closeVaultFirst", "newVersion", "platformManaged", "customerManaged"]
        for skipped in [[:], ["admin": .bool(true)]] + flags.map({ [$0: .bool(true)] }) as [[String: JSONValue]] {
            var arguments = values
            // These two exclude others.
            if skipped["admin"] != nil { for name in ["file", "context"] { arguments[name] = nil } }
            if skipped["closeVaultFirst"] != nil || skipped["newVersion"] != nil { arguments["keyId"] = nil }
            let document = request(
                ["command": .string(az.name)], arguments: arguments.merging(skipped) { $1 })
            let parsed = try ShimRequest(document, kubeconfigVariable: nil)
            #expect(parsed.command.command.name == command.rawValue)
        }
    }

    private func member(_ name: String) -> String {
        let words = name.split(separator: "-")
        return words.dropFirst().reduce(String(words[0])) { $0 + $1.capitalized }
    }

    private func sample(_ option: OptionEntry) -> JSONValue {
        let value: JSONValue =
            switch option.value {
            case .flag: .bool(true)
            case .integer: .integer(5)
            case .number: .double(1.5)
            case .duration: .string("5m")
            case .choice(let values): .string(values[0])
            case .text where option == .acceptUnknown: .string("strategy")
            case .text, .file, .folder: .string("x")
            }
        return option.repeats ? .array([value]) : value
    }

    @Test func `takes credentials from Azure unless a kubeconfig is named`() throws {
        func access(
            _ arguments: [String: JSONValue], _ variable: String? = nil
        ) throws -> SubjectSelection.Access {
            try ShimRequest(request(arguments: arguments), kubeconfigVariable: variable).command.selection.access
        }
        #expect(try access([:]) == .azure(asAdmin: false))
        #expect(try access([:], "") == .azure(asAdmin: false))
        #expect(try access(["admin": .bool(true)]) == .azure(asAdmin: true))
        #expect(try access(["file": .string("/k")]) == .kubeconfig)
        #expect(try access(["context": .string("c")]) == .kubeconfig)
        #expect(try access([:], "/home/me/config") == .kubeconfig)
        #expect(throws: RequestError.self) { try access(["admin": .bool(true)], "/home/me/config") }
    }

    @Test(arguments: [
        (JSONValue.string("request"), "no JSON object"),
        (request(["type": .string("token")]), "not a request"),
        (request(["command": .string("drop")]), "does not exist"),
        (request(["subscription": .string("")]), "'subscription' is missing"),
        (request(["tenant": .null]), "'tenant' is missing"),
        (request(["cloud": .object([:])]), "'name' is missing"),
        (request(["surprise": .bool(true)]), "not known: 'surprise'"),
        (request(arguments: ["dry-run": .bool(true)]), "not known: 'dry-run'"),
        (request(arguments: ["dryRun": .string("yes")]), "'dryRun' is not true or false"),
        (request(arguments: ["mode": .string("private")]), "--mode takes"),
        (request(arguments: ["soak": .string("soon")]), "'soak' is not a length of time"),
        (request(arguments: ["acceptFailures": .array([.string("undecryptable")])]), "denied or invalid"),
        (request(arguments: ["acceptFailures": .array([.integer(1)])]), "not a list of strings"),
        (request(arguments: ["concurrency": .integer(.max)]), "--concurrency takes"),
        (request(arguments: ["mode": .string("Public"), "closeVaultFirst": .bool(true)]), "--close-vault-first"),
    ])
    func `that is wrong is refused with the reason`(_ document: JSONValue, _ reason: String) {
        let error = #expect(throws: (any Error).self) { try ShimRequest(document, kubeconfigVariable: nil) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(reason))
    }

    @Test(arguments: [JSONValue.integer(0), .integer(2), .string("1"), .null])
    func `of another protocol is told apart from one that is wrong`(_ version: JSONValue) {
        #expect(throws: (any Error).self) {
            try ShimRequest(request(["protocol": version]), kubeconfigVariable: nil)
        }
        if let number = version.integer {
            let error = #expect(throws: ProtocolMismatch.self) {
                try ShimRequest(request(["protocol": version]), kubeconfigVariable: nil)
            }
            #expect(error?.theirs == number)
        }
    }
}
