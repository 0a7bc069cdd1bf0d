import ArgumentParser
import Live

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a switch that was interrupted, from any state.",
        usage: "kubectl kms-vault resume [flags]",
        discussion: """
            Examples:
              kubectl kms-vault resume
            """)

    @Option(name: .customLong("key-id"), help: "The versioned key, where Azure and the journal do not tell it.")
    var keyID: String?
    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        try await cluster.end(with: .resume, keyID: keyID)
    }
}

struct MakeSafeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-safe", abstract: "Go back to encrypted and readable, from any state.",
        usage: "kubectl kms-vault make-safe [flags]",
        discussion: """
            Examples:
              kubectl kms-vault make-safe
            """)

    @Option(name: .customLong("key-id"), help: "The versioned key, where Azure and the journal do not tell it.")
    var keyID: String?
    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        try await cluster.end(with: .makeSafe, keyID: keyID)
    }
}
