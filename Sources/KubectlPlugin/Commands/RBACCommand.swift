import ArgumentParser
import Console
import Live
import Preflight

extension RightsUse: ExpressibleByArgument {}

/// Prints roles. It reads no kubeconfig and talks to nobody: whoever grants rights need not be who uses them.
struct RBACCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rbac", abstract: "Print the least roles that a command needs, for the cluster or for Azure.",
        usage: "kubectl kms-vault rbac [--for <command>] [flags]",
        discussion: """
            Examples:
              kubectl kms-vault rbac --user NAME | kubectl apply -f -
              kubectl kms-vault rbac --azure --subscription ID > role.json
              az role definition create --role-definition @role.json
            """)

    @Option(
        name: .customLong("for"),
        help: "status, preflight, switch (also resume and make-safe), rewrite-secrets or verify.")
    var use = RightsUse.switchMode
    @Flag(help: "Leave out what only lets a command know more.") var neededOnly = false
    // Not a user of the kubeconfig, which the Tab key would offer.
    @Option(help: "Bind the roles to this user; may be repeated.", completion: .list([])) var user: [String] = []
    @Option(help: "Bind the roles to this group; may be repeated.") var group: [String] = []
    @Option(help: "Bind the roles to this service account, NAMESPACE/NAME; may be repeated.")
    var serviceAccount: [String] = []
    @Flag(help: "Print a custom role of Azure instead, as JSON; needs --subscription.") var azure = false
    @Option(help: "Id of a subscription in which the role can be assigned; may be repeated.")
    var subscription: [String] = []
    @Option(
        name: [.customShort("g"), .long],
        help: "A resource group: the role can be assigned in these only; may be repeated.")
    var resourceGroup: [String] = []

    func validate() throws {
        let namesSomebody = !(user + group + serviceAccount).isEmpty
        if azure, namesSomebody {
            throw ValidationError("--azure does not go with --user, --group and --service-account: az assigns roles")
        }
        if !azure, !(subscription + resourceGroup).isEmpty {
            throw ValidationError("--subscription and -g go with --azure")
        }
        _ = try text
    }

    func run() throws { TextWriter.standardOutput.write(try text) }

    private var text: String {
        get throws {
            do {
                guard !azure else {
                    let scopes = try roleScopes(subscriptions: subscription, resourceGroups: resourceGroup)
                    return AzureRoleDefinition(for: use, scopes: scopes, neededOnly: neededOnly).text
                }
                return try RoleManifest(for: use, subjects: try subjects, neededOnly: neededOnly).text()
            } catch { throw ValidationError("\(error)") }
        }
    }

    private var subjects: [RoleSubject] {
        get throws {
            try user.map { try RoleSubject.user($0).checked() } + group.map { try RoleSubject.group($0).checked() }
                + serviceAccount.map { try RoleSubject.serviceAccount($0) }
        }
    }
}
