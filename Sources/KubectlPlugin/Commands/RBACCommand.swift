import ArgumentParser
import Commands
import Connections
import Console
import Preflight
import SecretRewrite
import Usage

extension RightsUse: ExpressibleByArgument {}
extension RewriteEngine: ExpressibleByArgument {}

/// Prints roles. It reads no kubeconfig and talks to nobody: whoever grants rights need not be who uses them.
struct RBACCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        .rbac, usage: "kubectl kms-vault rbac [--for <command>] [flags]",
        discussion: """
            Examples:
              kubectl kms-vault rbac --user NAME | kubectl apply -f -
              kubectl kms-vault rbac --azure --subscription ID > role.json
              az role definition create --role-definition @role.json
            """)

    @Option(.rightsOf) var use = RightsUse.switchMode
    @Option(.engine) var engine = RewriteEngine.auto
    @Flag(.neededOnly) var neededOnly = false
    // Not a user of the kubeconfig, which the Tab key would offer.
    @Option(.roleUser, completion: .list([])) var user: [String] = []
    @Option(.roleGroup) var group: [String] = []
    @Option(.roleServiceAccount) var serviceAccount: [String] = []
    @Flag(.azureRole) var azure = false
    @Option(.roleSubscription) var subscription: [String] = []
    @Option(.roleResourceGroup) var resourceGroup: [String] = []

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

    func run() throws { try StandardOutput.show(try text) }

    private var text: String {
        get throws {
            do {
                guard !azure else {
                    let scopes = try roleScopes(subscriptions: subscription, resourceGroups: resourceGroup)
                    return AzureRoleDefinition(for: use, scopes: scopes, neededOnly: neededOnly).text
                }
                return try RoleManifest(
                    for: use, engine: engine, subjects: try subjects, neededOnly: neededOnly
                ).text()
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
