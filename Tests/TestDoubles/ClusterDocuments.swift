package import AzureResources
import JSON

package let subscriptionID = "00000000-0000-4000-8000-000000000001"
package let clusterPath =
    "/subscriptions/\(subscriptionID)/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"
package let keyText = "https://kv1.vault.azure.net/keys/kms/0123456789abcdef0123456789abcdef"

/// A cluster's document with the members that decide about a change of its KMS.
package func clusterText(
    eTag: String? = "1", uid: String = "uid", security: String = kmsOn, state: String = "Succeeded",
    more: String = #","tags":{"team":"a"}"#
) -> String {
    let tag = eTag.map { #","eTag":"\#($0)""# } ?? ""
    return #"{"id":"\#(clusterPath)","name":"c","location":"westeurope","properties":{"provisioningState":"\#(state)","#
        + #""resourceUID":"\#(uid)","securityProfile":{\#(security)}}\#(more)\#(tag)}"#
}

package let kmsOn = #""azureKeyVaultKms":{"enabled":true,"keyId":"\#(keyText)","keyVaultNetworkAccess":"Public"}"#
package let kmsOff = #""azureKeyVaultKms":{"enabled":false}"#
package let platformKey = #""kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Enabled"}"#

package func managedCluster(_ text: String, version: String = "2026-07-01") throws -> ManagedCluster {
    try ManagedCluster(JSONValue(parsing: Array(text.utf8)), apiVersion: version)
}
