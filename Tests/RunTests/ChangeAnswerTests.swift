import Azure
import AzureAccount
import AzureResources
import Connections
import ModeSwitch
import TestDoubles
import Testing

@testable import Run

/// What an answer to the PUT of the KMS profile means for the run.
@Suite struct ChangeAnswerTests {
    private func error(_ kind: ARMError.Kind, status: Int? = nil, retryAfter: Double? = nil) -> ARMError {
        ARMError(
            kind: kind, action: "PUT c", status: status, code: "Code", message: "why", retryAfter: retryAfter,
            requestID: "r")
    }

    @Test(arguments: [
        ARMError.Kind.operationInProgress, .etagMismatch, .preconditionFailed, .conflict, .throttled,
        // The right may be there, and not known everywhere yet.
        .kmsIdentityPermission, .apiVersionUnknown(newestStable: nil),
    ])
    func `what may pass is tried again later`(_ kind: ARMError.Kind) {
        #expect(!LivePorts.mayHaveBegun(error(kind)))
        let refusal = AzureRefusal(error(kind), correlationID: "c")
        #expect(refusal.what.contains("why") && refusal.pause == 15 && refusal.correlationID == "c")
        #expect(AzureRefusal(error(kind, retryAfter: 60)).pause == 60)
        #expect(AzureRefusal(error(kind, retryAfter: 1e9)).pause == 300)
    }

    @Test(arguments: [
        (ARMError.Kind.policyDenied, AzureRefusal.Kind.policy), (.scopeLocked, .lock), (.authorizationFailed, .right),
        (.linkedAuthorizationFailed, .identityRight), (.vnetIntegrationRequired, .vnetIntegration),
        (.keyVaultResourceIDMissing, .vaultIDMissing), (.invalidRequest, .invalid), (.unauthenticated, .signIn),
        (.internalOperationError, .failed), (.operationCanceled, .canceled),
    ])
    func `what a person has to mend keeps its kind, and is not tried again`(
        _ kind: ARMError.Kind, _ expected: AzureRefusal.Kind
    ) {
        #expect(!LivePorts.mayHaveBegun(error(kind)))
        let refusal = AzureRefusal(error(kind, retryAfter: 60))
        #expect(refusal.kind == expected && refusal.what.contains("why") && refusal.pause == nil)
    }

    @Test func `an update that failed for a reason that is not known keeps the advice for a failed update`() throws {
        let text = #"{"code":"Novel","message":"boo"}"#
        let cluster = try managedCluster(
            clusterText().replacing(
                #""provisioningState":"Succeeded""#,
                with: #""provisioningState":"Failed","status":{"provisioningError":\#(text)}"#))
        let earlier = AzureRefusal(.busy, what: "x", correlationID: "c")
        guard case .failed(let why) = cluster.observation(lastRefusal: earlier).provisioning else {
            Issue.record("\(cluster.provisioningState ?? "")")
            return
        }
        #expect(why.kind == .failed && why.what.contains("boo") && why.correlationID == "c")
        #expect(why.advice == AzureRefusal.Kind.failed.advice)
    }

    @Test func `what the vault refuses for good is told from what may pass`() {
        #expect(
            [AzureRefusal.Kind.policy, .lock, .right, .perimeter, .invalid, .notFound, .apiVersion].allSatisfy {
                $0.isFinal
            })
        #expect(![AzureRefusal.Kind.busy, .conflict, .throttled, .signIn, .noToken, .other].contains { $0.isFinal })
    }

    @Test func `a token that could not be had keeps the credential's own advice`() {
        let unreachable = AzureTokenError(.unreachable, source: "az", detail: "no way")
        let refusal = AzureRefusal(ARMError(kind: .noToken(unreachable), action: "PUT c"))
        #expect(refusal.kind == .noToken && refusal.pause == nil && refusal.advice?.contains("the network") == true)
        #expect(AzureRefusal(error(.throttled, retryAfter: 3600)).advice == "Azure asks to wait 3600 s")
    }

    @Test func `an error of the server leaves open whether the change began`() {
        #expect(LivePorts.mayHaveBegun(error(.internalOperationError, status: 500)))
        #expect(LivePorts.mayHaveBegun(error(.serverUnavailable, status: 503)))
    }
}
