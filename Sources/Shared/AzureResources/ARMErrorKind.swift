package import AzureAccount
package import HTTP

extension ARMError {
    /// What an error means for what to do next.
    package enum Kind: Sendable, Hashable {
        case notFound
        /// The caller lacks a right.
        case authorizationFailed
        /// The cluster's identity, or the caller, lacks a right on a second resource that the change touches.
        case linkedAuthorizationFailed
        case unauthenticated
        case policyDenied
        case scopeLocked
        /// Another operation on the cluster or one of its pools is under way.
        case operationInProgress
        /// 409 `EtagMismatch`: another change came between.
        case etagMismatch
        /// 412: the resource is no longer the one that was read.
        case preconditionFailed
        /// Another conflict: the resource is busy or not as it was.
        case conflict
        case throttled
        case kmsIdentityPermission
        case vnetIntegrationRequired
        case keyVaultResourceIDMissing
        case keyVaultNetworkAccessMissing
        case localAccountsDisabled
        /// The vault's network is controlled by a network security perimeter, which this tool does not override.
        case securedByPerimeter
        /// `InternalOperationError` and its like: the cluster is usually left in state Failed.
        case internalOperationError
        /// Azure does not know the API version of the request; the newest stable one and the newest preview that it
        /// names instead.
        case apiVersionUnknown(newestStable: String?, newestPreview: String? = nil)
        /// Nothing was sent: the cluster is on the new KMS experience, which a legacy update must never reach.
        case newKMSExperience(ClusterEncryption.State)
        /// Nothing was sent: it cannot be told whether the cluster is on the new KMS experience; why.
        case unknownKMS(String)
        /// An operation that was aborted; its changes are not rolled back.
        case operationCanceled
        case invalidRequest
        case serverUnavailable
        /// Nothing was sent.
        case notSent(TransportError)
        /// A question that changes nothing was not answered.
        case noAnswer(TransportError)
        /// The request may have reached Azure, and the answer did not come back: what it did is unknown.
        case lostAnswer(TransportError)
        /// An answer came that is not what ARM documents.
        case unreadableAnswer(String)
        case noToken(AzureTokenError)
        case cancelled
        case other
    }
}

extension ARMError.Kind {
    /// Classifies an answer, or the error of an operation, by its codes first, then by words known from Azure, then
    /// by the status.
    init(status: Int?, codes: [String], texts: [String]) {
        for code in codes {
            if Self.versionCodes.contains(code.lowercased()) {
                self = .apiVersionUnknown(
                    newestStable: texts.lazy.compactMap(newestStableVersion).first,
                    newestPreview: texts.lazy.compactMap(newestPreview).first)
                return
            }
            if let kind = Self.byCode[code.lowercased()] {
                self = kind
                return
            }
        }
        let refused = codes.contains { $0.lowercased() == "operationnotallowed" }
        if refused && (status == 409 || texts.contains { $0.lowercased().contains("another") }) {
            self = .operationInProgress
            return
        }
        for text in texts {
            let lower = text.lowercased()
            if let (_, kind) = Self.byWords.first(where: { lower.contains($0.words) }) {
                self = kind
                return
            }
        }
        self = Self.byStatus(status)
    }

    private static let versionCodes: Set<String> = [
        "noregisteredproviderfound", "invalidresourcetype", "invalidapiversionparameter",
    ]

    private static let byCode: [String: ARMError.Kind] = [
        "resourcenotfound": .notFound,
        "resourcegroupnotfound": .notFound,
        "subscriptionnotfound": .notFound,
        "notfound": .notFound,
        "authorizationfailed": .authorizationFailed,
        "linkedauthorizationfailed": .linkedAuthorizationFailed,
        "invalidauthenticationtoken": .unauthenticated,
        "expiredauthenticationtoken": .unauthenticated,
        "requestdisallowedbypolicy": .policyDenied,
        "scopelocked": .scopeLocked,
        "etagmismatch": .etagMismatch,
        "preconditionfailed": .preconditionFailed,
        "throttled": .throttled,
        "toomanyrequests": .throttled,
        "azurekeyvaultkmsvalidateidentitypermissioncustomererror": .kmsIdentityPermission,
        "internaloperationerror": .internalOperationError,
        "internalservererror": .internalOperationError,
        "canceled": .operationCanceled,
    ]

    private static let byWords: [(words: String, kind: ARMError.Kind)] = [
        ("vnet integration should be enabled when keyvault network access is private", .vnetIntegrationRequired),
        ("keyvault resource id is empty", .keyVaultResourceIDMissing),
        ("keyvault network access is unspecified", .keyVaultNetworkAccessMissing),
        ("does not have keys encrypt/decrypt permission", .kmsIdentityPermission),
        ("set to disable local accounts", .localAccountsDisabled),
        ("is in progress, please wait", .operationInProgress),
    ]

    private static func byStatus(_ status: Int?) -> ARMError.Kind {
        switch status {
        case 401: .unauthenticated
        case 403: .authorizationFailed
        case 404, 410: .notFound
        case 412: .preconditionFailed
        case 429: .throttled
        case 409: .conflict
        case 400, 405, 415, 422: .invalidRequest
        case 408: .serverUnavailable
        case .some(500...): .serverUnavailable
        default: .other
        }
    }
}
