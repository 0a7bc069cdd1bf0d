import AzureAccount
import HTTP

/// The one place where Azure's errors are put in words for people.
extension ARMError {
    /// What happened, in one clause.
    package var what: String {
        switch kind {
        case .notSent(let error): "nothing was sent: \(error)"
        case .noAnswer(let error): "Azure did not answer: \(error)"
        case .lostAnswer(let error): "the answer was lost, so Azure may have acted on it: \(error)"
        case .unreadableAnswer(let why): "the answer is not one that Azure documents: \(why)"
        case .noToken(let error): "nothing was sent: \(error.what)"
        case .cancelled: "it was cancelled before it could change anything"
        case .newKMSExperience(let state):
            "nothing was changed: the cluster is on the new KMS experience, with a "
                + (state == .platformManaged ? "platform-managed key" : "customer-managed key")
                + ", and cannot go back to the legacy KMS"
        case .securedByPerimeter: "nothing was sent: the vault's public network access is SecuredByPerimeter"
        default: saidByAzure
        }
    }

    private var saidByAzure: String {
        let names = [code, subcode].filter { !$0.isEmpty }.joined(separator: "/")
        var text = status.map { "Azure answered \($0)" } ?? "Azure reports an error"
        if !names.isEmpty { text += " (\(names))" }
        if !message.isEmpty { text += ": \(message)" }
        if !target.isEmpty { text += " [\(target)]" }
        if let detail = details.first(where: { !$0.message.isEmpty && $0.message != message }) {
            text += " – \(detail.message)"
        }
        if !requestID.isEmpty { text += " (request \(requestID))" }
        return text
    }

    /// What to do next; empty where there is nothing to say beyond the error.
    package var advice: String {
        adviceOnRights ?? adviceOnCluster ?? adviceOnTransfer ?? ""
    }

    private var adviceOnRights: String? {
        switch kind {
        case .notFound:
            "check the name, the resource group and the subscription, or whether your account may see it"
        case .authorizationFailed:
            "your account lacks a right: ask for the role that kubectl kms-vault rbac --azure prints, and sign in anew "
                + "after a role was granted or activated"
        case .linkedAuthorizationFailed:
            "the cluster's identity needs Key Vault Contributor on the vault (or a role with "
                + "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action); grant it, wait a few minutes, resume"
        case .unauthenticated:
            "Azure no longer accepts the token: run az login, then resume"
        case .policyDenied:
            "an Azure Policy forbids the change: ask its owner for an exemption, then resume"
        case .scopeLocked:
            "a resource lock forbids the change: list it with az lock list, have it removed, then resume"
        case .kmsIdentityPermission:
            "the cluster's identity needs keys encrypt and decrypt on the vault (role Key Vault Crypto User, or an access "
                + "policy), and the vault must be reachable by AKS; roles take up to 10 minutes to be effective"
        default: nil
        }
    }

    private var adviceOnCluster: String? {
        switch kind {
        case .operationInProgress:
            "another operation on the cluster or a node pool is under way: wait for it to end, then resume"
        case .etagMismatch, .preconditionFailed:
            "somebody else changed the resource meanwhile: it has to be read again before anything is decided"
        case .conflict:
            "the resource is busy or was changed meanwhile: it has to be read again; resume in a minute"
        case .vnetIntegrationRequired:
            "Private needs API Server VNet Integration on the cluster"
        case .keyVaultResourceIDMissing:
            "Private needs the vault's resource id"
        case .keyVaultNetworkAccessMissing:
            "the network access must be given as Public or Private"
        case .securedByPerimeter:
            "a network security perimeter rules the vault: its owner has to change the access there"
        case .newKMSExperience:
            "leave the cluster as it is; see "
                + "https://learn.microsoft.com/azure/aks/kms-data-encryption-concepts"
        case .apiVersionUnknown:
            "see that Microsoft.ContainerService is registered in the subscription; if it is, report the API version"
        case .localAccountsDisabled:
            "the cluster has no local accounts: use Entra credentials"
        case .internalOperationError:
            "the cluster may be in state Failed: keep the key and the vault as they are, wait until the cluster is no "
                + "longer Updating, then resume; if it fails again, open a support request with the request id"
        case .operationCanceled:
            "an aborted operation is not rolled back: the cluster has to be observed before anything is decided"
        default: nil
        }
    }

    private var adviceOnTransfer: String? {
        switch kind {
        case .throttled:
            retryAfter.map { "Azure asks to wait \(Int64(clamping: $0.rounded(.up))) s" } ?? "wait a minute and resume"
        case .serverUnavailable: "Azure has trouble at the moment: resume later"
        case .lostAnswer: "the resource has to be read again before anything is decided"
        case .noToken(let error) where error.kind != .unreachable: error.advice
        case .invalidRequest, .other, .unreadableAnswer:
            "run the same command again with -v=6 to see the requests, and report Azure's words with the request id"
        case .notSent, .noAnswer, .noToken: "check the network, the proxy and the certificates, then resume"
        default: nil
        }
    }
}
