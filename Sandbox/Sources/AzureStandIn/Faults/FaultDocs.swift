/// What a fault does and the report or document that it models.
public struct FaultDoc: Sendable {
    public var text: String
    /// Where this was seen; "inferred" where nobody wrote it down.
    public var source: String
    /// Whether it acts once, when it becomes active, instead of waiting for requests.
    public var isAction = false
    /// Whether it holds until it is deleted, however often it is met.
    public var isStanding = false
}

extension FaultName {
    public var doc: FaultDoc { Self.ofNewKMS.contains(self) ? newKMSDoc : ownDoc }

    private var ownDoc: FaultDoc {
        switch self {
        case .disableFails, .enableFails, .disableHalfAppliedThenFailed, .enableHalfAppliedThenFailed,
            .enableAppliedThenFailed, .operationCanceled, .slowOperation, .operationStuck:
            operationDoc
        case .poll502, .poll504, .pollLost, .poll404, .pollUnknownStatus, .pollEarlyEndTime, .get503, .getDropsKeyID,
            .getKeepsKeyID, .tokenExpiresSoon, .tokenClaimsChallenge, .tokenEndpointDown, .signInRevoked:
            readDoc
        case .vaultPolicyKeepsClosed, .vaultPolicyDenies, .vaultChangeIgnored, .lostVaultAnswerBefore,
            .lostVaultAnswer, .vaultConflict, .vaultDeleted, .keyDisabled, .keyExpired, .keyDeleted,
            .identityLostPermission, .privateEndpointPending, .privateEndpointDenied:
            vaultDoc
        case .terraformRevert, .terraformVaultRevert, .clusterRecreated, .otherClusterOnVault, .newKMSExperience,
            .rolloutLate, .rolloutSlow, .replicaLags, .replicaRollsBack, .apiServerRestart, .clusterOrder:
            worldDoc
        default: requestDoc
        }
    }

    private var operationDoc: FaultDoc {
        switch self {
        case .disableFails:
            FaultDoc(
                text: "Turning KMS off is accepted, then fails with InternalOperationError; no replica is changed.",
                source: "MicrosoftDocs/azure-aks-docs#227")
        case .enableFails:
            FaultDoc(
                text: "Turning KMS on is accepted, then fails with InternalOperationError; no replica is changed.",
                source: "MicrosoftDocs/azure-docs#105101")
        case .disableHalfAppliedThenFailed:
            FaultDoc(
                text: "Turning KMS off reaches the first replica only, then the operation fails.",
                source: "MicrosoftDocs/azure-aks-docs#227 (which replicas: inferred)")
        case .enableHalfAppliedThenFailed:
            FaultDoc(
                text: "Turning KMS on reaches the first replica only, then the operation fails.",
                source: "MicrosoftDocs/azure-docs#105101 (which replicas: inferred)")
        case .enableAppliedThenFailed:
            FaultDoc(
                text: "Turning KMS on reaches every replica, then the operation fails all the same.",
                source: "inferred: node pools are reconciled after the control plane")
        case .operationCanceled:
            FaultDoc(
                text: "The update is aborted by someone: status Canceled, nothing rolled back.",
                source: "recording of azure-cli-extensions (2025-10-24); MicrosoftDocs/azure-docs#121469")
        case .slowOperation:
            FaultDoc(
                text: "The update takes `factor` times as long (10).", source: "Azure/AKS#2341")
        default:
            FaultDoc(
                text: "The update stays Updating until the fault is deleted.",
                source: "Azure/AKS#2341, Azure/AKS#1447, Azure/kubernetes-kms#291", isStanding: true)
        }
    }

    private var readDoc: FaultDoc {
        switch self {
        case .poll502:
            FaultDoc(text: "A poll of an operation answers 502 BadGatewayConnection.", source: "recording")
        case .poll504:
            FaultDoc(text: "A poll of an operation answers 504 GatewayTimeout.", source: "recording")
        case .pollLost:
            FaultDoc(text: "A poll of an operation ends in a closed connection.", source: "inferred")
        case .poll404:
            FaultDoc(text: "The operation is not found although it runs.", source: "inferred")
        case .pollUnknownStatus:
            FaultDoc(
                text: "A poll answers a status that no client knows yet.",
                source: "recordings of 2025 have stage names that earlier ones lack")
        case .pollEarlyEndTime:
            FaultDoc(
                text: "A poll has `endTime` while the status is InProgress.",
                source: "recording of azure-cli-extensions (2024-05)")
        case .get503:
            FaultDoc(
                text: "A GET of the managed cluster answers 503 ServerTimeout.",
                source: "inferred from azure.core's retries")
        case .getDropsKeyID:
            FaultDoc(
                text: "After KMS was turned off, GET shows `enabled: false` alone.",
                source: "terraform-provider-azurerm sends it so; SDK documentation (no recording)", isStanding: true)
        case .getKeepsKeyID:
            FaultDoc(
                text: "After KMS was turned off, GET shows the key id even if the PUT left it out.",
                source: "azure-cli sends it so (no recording)", isStanding: true)
        case .tokenExpiresSoon:
            FaultDoc(
                text: "Tokens are issued with a life of `seconds` (60).", source: "Entra's token lifetime policies",
                isStanding: true)
        case .tokenClaimsChallenge:
            FaultDoc(
                text: "Every token issued so far is refused with 401 and a claims challenge.",
                source: "continuous access evaluation; azure-mgmt-core's ARMChallengeAuthenticationPolicy",
                isAction: true)
        case .signInRevoked:
            FaultDoc(
                text: "No sign-in is good any more: 401 invalid_client for service principals, 400 invalid_grant for "
                    + "users.",
                source: "AADSTS7000222 (expired client secret), AADSTS50173 (revoked grant): Entra error codes",
                isStanding: true)
        default:
            FaultDoc(text: "The token endpoint answers 503 temporarily_unavailable.", source: "AADSTS90033")
        }
    }

    private var vaultDoc: FaultDoc {
        switch self {
        case .vaultPolicyKeepsClosed:
            FaultDoc(
                text: "A policy rewrites publicNetworkAccess to Disabled; the answer is 200 all the same.",
                source: "Azure-Samples/azuresandbox#556", isStanding: true)
        case .vaultPolicyDenies:
            FaultDoc(
                text: "A policy refuses publicNetworkAccess Enabled with RequestDisallowedByPolicy.",
                source: "MicrosoftDocs/azure-docs#113525", isStanding: true)
        case .vaultChangeIgnored:
            FaultDoc(
                text: "A change of the vault answers 200 and changes nothing.",
                source: "Azure/azure-sdk-for-net#41355, Azure/azure-cli#25655")
        case .lostVaultAnswerBefore:
            FaultDoc(text: "The connection closes before a change of the vault takes effect.", source: "inferred")
        case .lostVaultAnswer:
            FaultDoc(text: "The connection closes after a change of the vault took effect.", source: "inferred")
        case .vaultConflict:
            FaultDoc(
                text: "A change of the vault answers 409 ConflictError.", source: "Key Vault REST documentation")
        case .vaultDeleted:
            FaultDoc(
                text: "The vault is deleted (and can be recovered).",
                source: "AKS documentation: unrecoverable without the vault",
                isAction: true)
        case .keyDisabled:
            FaultDoc(
                text: "The key is disabled: encrypt and decrypt are refused with KeyDisabled.",
                source: "AKS documentation, KMS observability; kubernetes/kubernetes#138950", isStanding: true)
        case .keyExpired:
            FaultDoc(
                text: "The key has expired: encrypt is refused with KeyExpired.",
                source: "AKS documentation, KMS observability", isStanding: true)
        case .keyDeleted:
            FaultDoc(text: "The key is deleted: KeyNotFound.", source: "AKS documentation", isStanding: true)
        case .identityLostPermission:
            FaultDoc(
                text: "The cluster's identity may no longer encrypt and decrypt.",
                source: "Azure/AKS#3575, MicrosoftDocs/azure-docs#98954", isStanding: true)
        case .privateEndpointPending:
            FaultDoc(
                text: "The cluster's own private endpoint connection stays Pending until the fault is deleted.",
                source: "MicrosoftDocs/azure-docs#120274", isStanding: true)
        default:
            FaultDoc(
                text: "The identity may not approve the private endpoint connection: LinkedAuthorizationFailed.",
                source: "MicrosoftDocs/azure-docs#77213", isStanding: true)
        }
    }

    private var worldDoc: FaultDoc {
        switch self {
        case .terraformRevert:
            FaultDoc(
                text: "Someone PUTs the KMS profile of the start again, or turns KMS on or off as `enabled` says.",
                source: "pulumi/pulumi-azure-native#3203, terraform-provider-azurerm#19893", isAction: true)
        case .terraformVaultRevert:
            FaultDoc(
                text: "Someone sets publicNetworkAccess of the first vault back to `value`, else to its first value.",
                source: "terraform-provider-azurerm#25414", isAction: true)
        case .clusterRecreated:
            FaultDoc(
                text: "The cluster is deleted and made again under its name: new resourceUID, new eTag.",
                source: "inferred", isAction: true)
        case .otherClusterOnVault:
            FaultDoc(
                text: "Another managed cluster, `other`, uses the vault as Public.", source: "inferred",
                isStanding: true)
        case .newKMSExperience:
            FaultDoc(
                text: "The cluster is on the newer experience of KMS; previews and 2026-07-01 and later show it.",
                source: "recording of azure-cli-extensions (2025); azure-rest-api-specs", isStanding: true)
        case .rolloutLate:
            FaultDoc(
                text: "No replica takes the new configuration until `seconds` (30) after Succeeded.",
                source: "older AKS documentation: sidecars outlive the update (how long: inferred)")
        case .rolloutSlow:
            FaultDoc(
                text: "Replicas take the new configuration `seconds` (5) apart.", source: "inferred")
        case .replicaLags:
            FaultDoc(
                text: "`replicas` ([1]) do not take the new configuration until /sandbox/cluster/settle.",
                source: "inferred")
        case .replicaRollsBack:
            FaultDoc(
                text: "`replica` (0) goes back to the configuration before the newest.", source: "inferred",
                isAction: true)
        case .apiServerRestart:
            FaultDoc(text: "Every replica restarts.", source: "inferred", isAction: true)
        default:
            FaultDoc(
                text: "The cluster is given the order `path` of /sandbox/cluster with `body` (and `method`, POST).",
                source: "none: it brings what the cluster can do to a moment", isAction: true)
        }
    }

    private var requestDoc: FaultDoc {
        switch self {
        case .conflictOperationNotAllowed:
            FaultDoc(
                text: "The PUT answers 409 OperationNotAllowed.",
                source: "Azure/azure-workload-identity#417, cilium/cilium#25944")
        case .nodePoolOperation:
            FaultDoc(
                text: "A node pool is in `state` (Updating) while the cluster is Succeeded; the PUT answers 409.",
                source: "terraform-azurerm-avm-ptn-aks-production#25", isStanding: true)
        case .operationByOthers:
            FaultDoc(
                text: "Someone else's update runs on the cluster for a whole operation.",
                source: "Azure/azure-workload-identity#417", isAction: true)
        case .etagMismatch:
            FaultDoc(
                text: "The PUT answers 409 EtagMismatch, with or without If-Match.",
                source: "Azure/terraform-azurerm-aks#604, #354")
        case .preconditionFailed:
            FaultDoc(
                text: "The eTag changes between GET and PUT: 412 where If-Match was sent.",
                source: "AKS documentation, use-etags")
        case .lostPutAnswerBefore:
            FaultDoc(text: "The connection closes before the PUT takes effect.", source: "inferred")
        case .lostPutAnswer:
            FaultDoc(text: "The connection closes after the PUT took effect.", source: "inferred")
        case .putInternalError:
            FaultDoc(
                text: "The PUT answers 500 InternalOperationError and has no effect.",
                source: "MicrosoftDocs/azure-docs#105101")
        case .identityThrottled:
            FaultDoc(
                text: "The PUT answers 429 FailedIdentityOperation, the delay in its text only.",
                source: "recording of azure-cli (2024-09-04)")
        case .throttled:
            FaultDoc(
                text: "A request for the cluster answers 429 with Retry-After of `seconds` (7).",
                source: "AKS quotas documentation; kata-containers/kata-containers#10773")
        case .throttledBare:
            FaultDoc(
                text: "A request for the cluster answers 429 without Retry-After.",
                source: "terraform-provider-azurerm#19146, #7694")
        case .clusterPolicyDenies:
            FaultDoc(
                text: "A policy refuses the PUT of the cluster.", source: "Azure Policy documentation", isStanding: true
            )
        case .scopeLocked:
            FaultDoc(
                text: "A ReadOnly lock on `on` (cluster, vault or group): ScopeLocked.",
                source: "Azure Resource Manager documentation", isStanding: true)
        case .authorizationLost:
            FaultDoc(
                text: "The caller's rights to write end (PIM): 403 AuthorizationFailed.",
                source: "Entra PIM documentation", isStanding: true)
        default:
            FaultDoc(
                text: "The check of the identity's rights fails although the role is there.",
                source: "Azure/AKS#3575, MicrosoftDocs/azure-docs#98954, terraform-azurerm-aks#390")
        }
    }
}
