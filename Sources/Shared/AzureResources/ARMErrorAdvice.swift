package import Azure
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
        case .unknownKMS(let why): "nothing was changed: \(why)"
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
        switch kind {
        case .throttled:
            retryAfter.map { "Azure asks to wait \(Int64(clamping: $0.rounded(.up))) s" }
                ?? kind.refusal.advice ?? ""
        case .serverUnavailable: "Azure has trouble at the moment: try again later"
        case .lostAnswer: "the resource has to be read again before anything is decided"
        case .noToken(let error) where error.kind != .unreachable: error.advice
        case .invalidRequest, .other, .unreadableAnswer:
            "run the same command again with -v=6 to see the requests, and report Azure's words with the request id"
        case .noToken: AzureRefusal.Kind.unreachable.advice ?? ""
        default: kind.refusal.advice ?? ""
        }
    }
}

extension ARMError.Kind {
    /// What it means for a change that was not taken.
    package var refusal: AzureRefusal.Kind {
        switch self {
        case .notFound: .notFound
        case .authorizationFailed: .right
        case .linkedAuthorizationFailed: .identityRight
        case .unauthenticated: .signIn
        case .noToken: .noToken
        case .policyDenied: .policy
        case .scopeLocked: .lock
        case .operationInProgress: .busy
        case .etagMismatch, .preconditionFailed: .outdated
        case .conflict: .conflict
        case .throttled: .throttled
        case .kmsIdentityPermission: .keyRight
        case .vnetIntegrationRequired: .vnetIntegration
        case .keyVaultResourceIDMissing: .vaultIDMissing
        case .keyVaultNetworkAccessMissing: .networkAccessMissing
        case .localAccountsDisabled: .localAccounts
        case .securedByPerimeter: .perimeter
        case .newKMSExperience: .newExperience
        case .unknownKMS: .unknownKMS
        case .apiVersionUnknown: .apiVersion
        case .internalOperationError: .failed
        case .operationCanceled: .canceled
        case .notSent, .noAnswer: .unreachable
        case .invalidRequest: .invalid
        case .serverUnavailable, .lostAnswer, .unreadableAnswer, .cancelled, .other: .other
        }
    }
}

extension AzureRefusal {
    /// - Parameter correlationID: that of the client whose request it was.
    package init(_ error: ARMError, correlationID: String = "") {
        let kind = error.kind.refusal
        let advice = error.advice
        self.init(
            kind, what: error.what, ownAdvice: advice.isEmpty || advice == kind.advice ? nil : advice,
            retryAfter: error.retryAfter, correlationID: correlationID)
    }
}
