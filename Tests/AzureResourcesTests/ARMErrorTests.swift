import AzureAccount
import HTTP
import Testing

@testable import AzureResources

private func error(_ status: Int, _ body: String, headers: HTTPHeaders = [:]) -> ARMError {
    ARMError(answer: HTTPResponse(status: status, headers: headers, body: Array(body.utf8)), action: "PUT x")
}

@Test(arguments: [
    (404, #"{"error":{"code":"ResourceNotFound","message":"was not found"}}"#, ARMError.Kind.notFound),
    (403, #"{"error":{"code":"AuthorizationFailed","message":"no"}}"#, .authorizationFailed),
    (403, #"{"error":{"code":"LinkedAuthorizationFailed","message":"no"}}"#, .linkedAuthorizationFailed),
    (403, #"{"error":{"code":"RequestDisallowedByPolicy","message":"no"}}"#, .policyDenied),
    (409, #"{"error":{"code":"ScopeLocked","message":"no"}}"#, .scopeLocked),
    (
        409,
        #"{"code":"OperationNotAllowed","message":"Operation is not allowed: Another operation (Updating) is in progress, please wait"}"#,
        .operationInProgress
    ),
    (
        409,
        #"{"code":"EtagMismatch","details":[{"code":"Unspecified","message":"rpc error"}],"message":"Operation is not allowed: Another operation is in progress","subcode":"PutManagedClusterAndComponents_Fa"}"#,
        .etagMismatch
    ),
    (412, #"{"code":"PreconditionFailed","message":"x"}"#, .preconditionFailed),
    (412, "", .preconditionFailed),
    (429, #"{"error":{"code":"FailedIdentityOperation","message":"Retry after 2 seconds."}}"#, .throttled),
    (
        400,
        #"{"code":"BadRequest","details":null,"message":"KeyVault network access is unspecified for Azure Key Vault KMS.","subcode":""}"#,
        .keyVaultNetworkAccessMissing
    ),
    (
        400,
        #"{"code":"BadRequest","message":"KeyVault resource ID is empty when KeyVault network access is Private."}"#,
        .keyVaultResourceIDMissing
    ),
    (
        400,
        #"{"code":"BadRequest","message":"Vnet integration should be enabled when KeyVault network access is Private."}"#,
        .vnetIntegrationRequired
    ),
    (400, #"{"code":"AzureKeyVaultKmsValidateIdentityPermissionCustomerError","message":"x"}"#, .kmsIdentityPermission),
    (
        400,
        #"{"code":"BadRequest","subcode":"AzureKeyVaultKmsValidateIdentityPermissionCustomerError","message":"x"}"#,
        .kmsIdentityPermission
    ),
    (
        400,
        #"{"code":"BadRequest","message":"Getting static credential is not allowed because this cluster is set to disable local accounts."}"#,
        .localAccountsDisabled
    ),
    (400, #"{"code":"InvalidParameter","message":"x","target":"agentPoolProfile.mode"}"#, .invalidRequest),
    (400, #"{"code":"OperationNotAllowed","message":"the cluster is stopped"}"#, .invalidRequest),
    (409, #"{"error":{"code":"ConflictError","message":"x"}}"#, .conflict),
    (500, #"{"code":"InternalOperationError","message":"Internal server error"}"#, .internalOperationError),
    (502, #"{"error":{"code":"BadGatewayConnection","message":"x"}}"#, .serverUnavailable),
    (401, "<html>", .unauthenticated),
    (418, #"{"error":"text"}"#, .other),
])
func `errors of both shapes are told apart`(status: Int, body: String, kind: ARMError.Kind) {
    #expect(error(status, body).kind == kind)
}

@Test func `an error keeps what Azure said, cut and without control characters`() {
    let long = String(repeating: "ü", count: 2000)
    let found = error(
        400, #"{"code":"BadRequest","message":"\u001b[31mred\u202e\#(long)","target":"t","subcode":"s"}"#,
        headers: ["x-ms-request-id": "r-1", "Retry-After": "7"])
    #expect(found.message.hasPrefix(" [31mredü") && found.message.utf8.count <= 515)
    #expect(found.retryAfter == 7)
    #expect(found.description.contains("(BadRequest/s)") && found.description.contains("r-1"))
}

@Test func `a delay that is only in the text is read`() {
    #expect(
        error(429, #"{"error":{"code":"FailedIdentityOperation","message":"… Retry after 2 seconds."}}"#).retryAfter
            == 2)
}

@Test func `a lost answer says that Azure may have acted, an unsent one that it did not`() {
    let unsent = TransportError(kind: .couldNotConnect, origin: "o", detail: "", mayHaveBeenSent: false)
    let cancelled = TransportError(kind: .cancelled, origin: "o", detail: "", mayHaveBeenSent: true)
    func error(_ error: TransportError, changesNothing: Bool = false) -> ARMError {
        ARMError(error, action: "PUT x", changesNothing: changesNothing)
    }
    #expect(error(lost).description.contains("may have acted"))
    #expect(error(cancelled).kind == .lostAnswer(cancelled))
    #expect(error(unsent).kind == .notSent(unsent))
    #expect(error(lost, changesNothing: true).kind == .noAnswer(lost))
    #expect(error(cancelled, changesNothing: true).kind == .cancelled)
}

@Test func `details give the kind when the code does not`() {
    let found = error(
        400, #"{"error":{"code":"Failed","message":"m","details":[{"code":"ScopeLocked","message":"locked by x"}]}}"#)
    #expect(found.kind == .scopeLocked)
    #expect(found.description.contains("locked by x"))
}
