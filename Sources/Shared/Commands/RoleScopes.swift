import Azure
import AzureResources
package import Console
import Text

/// The scopes of a custom role: whole subscriptions, or resource groups of one.
package func roleScopes(subscriptions: [String], resourceGroups: [String]) throws(RoleProblem) -> [String] {
    guard !subscriptions.isEmpty else {
        throw RoleProblem("an Azure role needs a scope where it can be assigned: give --subscription ID")
    }
    for id in subscriptions where !isGUID(id) {
        throw RoleProblem("--subscription takes an id here, not '\(id)': az account show --query id shows it")
    }
    guard !resourceGroups.isEmpty else { return subscriptions.map { "/subscriptions/\($0)" } }
    guard subscriptions.count == 1 else { throw RoleProblem("-g needs exactly one --subscription") }
    var scopes: [String] = []
    for group in resourceGroups {
        // The rules of Azure for names are in one place, that of whole ids.
        let cluster = try? AzureResourceID.managedCluster(
            subscription: subscriptions[0], resourceGroup: group, name: "any")
        guard cluster != nil else { throw RoleProblem("'\(group)' is not a valid resource group name") }
        scopes.append("/subscriptions/\(subscriptions[0])/resourceGroups/\(group)")
    }
    return scopes
}
