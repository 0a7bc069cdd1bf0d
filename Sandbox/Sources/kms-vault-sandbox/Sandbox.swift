import ArgumentParser

@main
struct Sandbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kms-vault-sandbox",
        abstract: "Entra, ARM and Key Vault on this machine, with a cluster behind them.",
        subcommands: [Serve.self, Faults.self],
        defaultSubcommand: Serve.self)
}
