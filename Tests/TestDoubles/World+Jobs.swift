package import Azure
import JSON
package import Preflight

/// The version of the key to which a rotation leads.
package let nextVersion = "abcdefabcdefabcdefabcdefabcdefab"
package let versionlessKeyID = "https://kv1.vault.azure.net/keys/kms"

extension World {
    /// A world in which a job may begin: a switch from the mode that is not the target, anything else in the target.
    package init(_ job: PreflightJob, to target: NetworkMode = .privateAccess) {
        self.init()
        self.target = target
        strategy.job = job
        strategy.makesKeyVersion = job == .newRotation
        let isSwitch = job == .legacySwitch || job == .newSwitch
        let isPrivate = (target == .privateAccess) != isSwitch
        let isNew = job == .newSwitch || job == .newRotation
        switch job {
        case .legacySwitch, .toPlatformKey: break
        case .legacyRotation:
            wantedKeyID = "\(versionlessKeyID)/\(nextVersion)"
            arm.route("GET \(keyScope)/versions/\(nextVersion)", keyText(uri: "keyUriWithVersion", wantedKeyID))
        case .newSwitch, .newRotation, .toCustomerKey:
            wantedKeyID = versionlessKeyID
            arm.route("GET \(keyScope)", keyText(uri: "keyUri", wantedKeyID))
        }
        arm.route(
            "GET \(clusterID)",
            clusterText {
                if isPrivate { $0.replace(#""Public""#, with: #""Private""#) }
                guard isNew else { return }
                $0.replace("/\(keyVersion)", with: "")
                $0.replace(
                    #""securityProfile":{"#,
                    with:
                        #""securityProfile":{"kubernetesResourceObjectEncryptionProfile":{"infrastructureEncryption":"Enabled"},"#
                )
            })
        if isPrivate { arm.route("GET \(vaultID)", vaultText { $0.replace(#""Enabled""#, with: #""Disabled""#) }) }
        arm.route(
            "GET \(vaultID)\(access)/permissions",
            #"{"value":[{"actions":["*"],"dataActions":["Microsoft.KeyVault/vaults/keys/rotate/action"]}]}"#)
        routeDoor(403, "ForbiddenByRbac")
    }

    /// What Key Vault's own endpoint says of the key.
    package func routeDoor(_ status: Int, _ code: String) {
        arm.route(
            "GET /keys/kms", status, #"{"error":{"code":"Forbidden","innererror":{"code":"\#(code)"}}}"#)
    }

    private func keyText(uri: String, _ id: String) -> String {
        #"{"properties":{"attributes":{"enabled":true},"kty":"RSA","keyOps":["encrypt","decrypt"],"\#(uri)":"\#(id)"}}"#
    }
}
