import AzureResources
import ModeSwitch
import Testing

@testable import Live

/// What an answer to the PUT of the KMS profile means for the run.
@Suite struct ChangeAnswerTests {
    private func answer(_ kind: ARMError.Kind, status: Int? = nil) -> ChangeAnswer {
        LivePorts.answer(ARMError(kind: kind, action: "PUT c", status: status, code: "Code", message: "why"))
    }

    @Test(arguments: [
        ARMError.Kind.operationInProgress, .etagMismatch, .preconditionFailed, .conflict, .throttled,
        // The right may be there, and not known everywhere yet.
        .kmsIdentityPermission,
    ])
    func `what may pass is tried again later`(_ kind: ARMError.Kind) {
        guard case .deferred(let text, let seconds) = answer(kind) else {
            Issue.record("\(kind): \(answer(kind))")
            return
        }
        #expect(text.contains("why") && seconds == 15)
    }

    @Test(arguments: [
        ARMError.Kind.policyDenied, .scopeLocked, .authorizationFailed, .linkedAuthorizationFailed,
        .vnetIntegrationRequired, .keyVaultResourceIDMissing, .invalidRequest,
    ])
    func `what a person has to mend is not tried again`(_ kind: ARMError.Kind) {
        guard case .refused(let text) = answer(kind) else {
            Issue.record("\(kind): \(answer(kind))")
            return
        }
        #expect(text.contains("why"))
    }

    @Test func `an error of the server leaves open whether the change began`() {
        guard case .lost = answer(.internalOperationError, status: 500) else {
            Issue.record("\(answer(.internalOperationError, status: 500))")
            return
        }
        guard case .lost = answer(.serverUnavailable, status: 503) else {
            Issue.record("\(answer(.serverUnavailable, status: 503))")
            return
        }
    }
}
