import Foundation

/// Runs what `az aks command invoke` asks for. In Azure a pod in the cluster does; here a program on this machine.
public protocol CommandRunner: Sendable {
    /// - Parameters:
    ///   - arguments: the words of the command, `kubectl` first.
    ///   - kubeconfig: what kubectl in the pod would find.
    ///   - archive: the zip file that was sent along, unpacked where the command runs; empty if there is none.
    func run(_ arguments: [String], kubeconfig: String, archive: [UInt8]) async -> CommandOutcome
}

public struct CommandOutcome: Sendable {
    public var exitCode: Int
    public var logs: String

    public init(exitCode: Int, logs: String) {
        self.exitCode = exitCode
        self.logs = logs
    }
}

/// A command that was accepted, as `commandResults` shows it.
struct RunningCommand: Sendable {
    var id: String
    var cluster: ResourceID
    var words: CommandLine
    var archive: [UInt8]
    var started: Date
    var finished: Date?
    var outcome: CommandOutcome?

    var json: JSON {
        guard let outcome, let finished else {
            return ["id": .string(id), "properties": ["provisioningState": "Running"]]
        }
        return [
            "id": .string(id),
            "properties": [
                "provisioningState": "Succeeded", "exitCode": .int(outcome.exitCode),
                "startedAt": .string(Timestamp.seconds(started)), "finishedAt": .string(Timestamp.seconds(finished)),
                "logs": .string(outcome.logs),
            ],
        ]
    }
}

extension StandIn {
    /// 202 at once, with the address of the result (recorded 2023).
    func runCommand(_ request: Request, _ id: ResourceID) throws -> Answer {
        guard let index = world.clusterIndex(id) else { throw AzureError.notFound(id) }
        let access = world.clusters[index].resource[path: ["properties", "apiServerAccessProfile"]]
        guard access?["disableRunCommand"]?.bool != true else {
            throw AzureError.aks(400, "BadRequest", "Run command is disabled for this cluster.")
        }
        guard world.clusters[index].resource[path: ["properties", "powerState", "code"]] == "Running" else {
            throw AzureError.aks(400, "BadRequest", "The cluster is not running.")
        }
        let body = try request.json()
        guard let text = body["command"]?.string, !text.isEmpty else {
            throw AzureError.aks(
                400, "InvalidParameter", "The value of parameter command is invalid.", target: "command")
        }
        guard let archive = Data(base64Encoded: body["context"]?.string ?? "") else {
            throw AzureError.aks(
                400, "InvalidParameter", "The value of parameter context is invalid.", target: "context")
        }
        let command = RunningCommand(
            id: UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: ""), cluster: id,
            words: CommandLine(text), archive: [UInt8](archive), started: configuration.now())
        commands[command.id] = command
        enqueue(.command(command.id))
        return Answer(202).with("location", resultURL(command, version: request.parameter("api-version") ?? ""))
    }

    private func resultURL(_ command: RunningCommand, version: String) -> String {
        "\(configuration.baseURL)\(command.cluster.asAKSWritesIt)/commandResults/\(command.id)?api-version=\(version)"
    }

    /// 202 with the address again while it runs, then 200.
    func commandResult(_ request: Request, _ id: ResourceID, _ name: String) throws -> Answer {
        guard let command = commands[name.lowercased()], command.cluster == id else {
            throw AzureError.aks(404, "NotFound", "The command result '\(name)' was not found.")
        }
        guard command.outcome == nil else { return Answer(200, command.json) }
        var answer = Answer(202, command.json).with(
            "location", resultURL(command, version: request.parameter("api-version") ?? ""))
        if configuration.timeScale < 1 { answer = answer.with("retry-after", "1") }
        return answer
    }

    /// The time until a pod runs, then the command. Its output is cut where Azure cuts it.
    func carryOutCommand(_ id: String) async throws {
        guard let command = commands[id] else { return }
        try await configuration.pace(5)
        let outcome = await outcome(of: command)
        commands[id]?.outcome = CommandOutcome(
            exitCode: outcome.exitCode, logs: String(decoding: outcome.logs.utf8.prefix(512 * 1024), as: UTF8.self))
        commands[id]?.finished = configuration.now()
    }

    private func outcome(of command: RunningCommand) async -> CommandOutcome {
        switch command.words {
        case .refused(let outcome): return outcome
        case .words(let words):
            guard let commandRunner else {
                return CommandOutcome(exitCode: 127, logs: "sh: 1: kubectl: not found\n")
            }
            return await commandRunner.run(
                words, kubeconfig: await kubeconfig(of: command.cluster, isAdmin: true), archive: command.archive)
        }
    }
}

/// A command line in words. The sandbox has no shell for it: what needs one, or another program than kubectl, is
/// refused with the exit codes that a pod's shell has.
enum CommandLine: Sendable {
    case words([String])
    case refused(CommandOutcome)

    init(_ text: String) {
        switch Self.split(text) {
        case nil:
            self = .refused(CommandOutcome(exitCode: 2, logs: "sh: 1: Syntax error: Unterminated quoted string\n"))
        case .some((_, true)):
            self = .refused(
                CommandOutcome(exitCode: 2, logs: "sh: 1: the sandbox runs kubectl without a shell: \(text)\n"))
        case .some((let words, false)):
            guard let first = words.first else {
                self = .refused(CommandOutcome(exitCode: 0, logs: ""))
                return
            }
            self =
                first == "kubectl"
                ? .words(words) : .refused(CommandOutcome(exitCode: 127, logs: "sh: 1: \(first): not found\n"))
        }
    }

    /// The words as a POSIX shell splits them, and whether something unquoted means more than itself; `nil` where a
    /// quote has no end.
    private static func split(_ text: String) -> (words: [String], needsShell: Bool)? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        var needsShell = false
        for character in text {
            if isEscaped {
                // In double quotes a backslash stays before all but the few that it makes plain.
                if quote == "\"", !"$`\"\\".contains(character) { word = (word ?? "") + "\\" }
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
                word = word ?? ""
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character.isWhitespace {
                if let word { words.append(word) }
                word = nil
            } else {
                if quote == nil, "|&;<>()$`*?#~".contains(character) { needsShell = true }
                if quote == "\"", "$`".contains(character) { needsShell = true }
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        if let word { words.append(word) }
        return (words, needsShell)
    }
}
