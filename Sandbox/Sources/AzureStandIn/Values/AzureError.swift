/// An error as Azure words it. ARM's gateway wraps it in `error`; the AKS resource provider does not.
public struct AzureError: Error, Sendable {
    public var status: Int
    public var body: JSON
    public var headers: [(name: String, value: String)] = []

    /// ARM's own shape: `{"error":{"code","message"}}`.
    public static func arm(_ status: Int, _ code: String, _ message: String) -> AzureError {
        AzureError(status: status, body: ["error": ["code": .string(code), "message": .string(message)]])
    }

    /// The shape of the AKS resource provider: the members at the top level.
    public static func aks(
        _ status: Int, _ code: String, _ message: String, target: String? = nil, details: JSON = .null,
        subcode: String = ""
    ) -> AzureError {
        var body: JSON = [
            "code": .string(code), "message": .string(message), "details": details, "subcode": .string(subcode),
        ]
        if let target { body["target"] = .string(target) }
        return AzureError(status: status, body: body)
    }

    public func with(_ name: String, _ value: String) -> AzureError {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }

    public var answer: Answer { Answer(status, body, headers: headers) }

    /// The code and the message, wherever the shape puts them.
    public var inner: JSON { body["error"] ?? body }
}

extension AzureError {
    static var invalidBody: AzureError {
        .arm(
            400, "InvalidRequestContent",
            "The request content was invalid and could not be deserialized: 'Unexpected character encountered while parsing value.'."
        )
    }

    /// The refusal of a member that the api-version does not know, as users of azapi have quoted it
    /// (Azure/terraform-azurerm-avm-res-containerservice-managedcluster#152).
    static func unknownMember(_ name: String) -> AzureError {
        .aks(
            400, "UnmarshalError",
            "UnmarshalEntity encountered error: json: unknown field \"\(name)\" Check that the field is in the right "
                + "location, is spelled correctly, and is supported in the API version. Visit aka.ms/aks/apiversions for "
                + "more API version information..")
    }

    static func notFound(_ id: ResourceID) -> AzureError {
        .arm(
            404, "ResourceNotFound",
            "The Resource '\(id.type)/\(id.name)' under resource group '\(id.group)' was not found. "
                + "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        ).with("x-ms-failure-cause", "gateway")
    }

    static func groupNotFound(_ group: String) -> AzureError {
        .arm(404, "ResourceGroupNotFound", "Resource group '\(group)' could not be found.")
            .with("x-ms-failure-cause", "gateway")
    }

    static func subscriptionNotFound(_ subscription: String) -> AzureError {
        .arm(404, "SubscriptionNotFound", "The subscription '\(subscription)' could not be found.")
            .with("x-ms-failure-cause", "gateway")
    }

    static func noSuchPath(_ path: String) -> AzureError {
        .arm(404, "InvalidResourceType", "The resource type could not be found for the request '\(path)'.")
    }

    static func scopeLocked(_ what: String, lock: String) -> AzureError {
        .arm(
            409, "ScopeLocked",
            "The scope '\(what)' cannot perform write operation because following scope(s) are locked: '\(lock)'. "
                + "Please remove the lock and try again.")
    }

    static func disallowedByPolicy(_ name: String, policy: String) -> AzureError {
        .arm(
            403, "RequestDisallowedByPolicy",
            "Resource '\(name)' was disallowed by policy. Policy identifiers: "
                + "'[{\"policyAssignment\":{\"name\":\"\(policy)\"},\"policyDefinition\":{\"name\":\"\(policy)\"}}]'.")
    }

    static func operationInProgress(_ what: String) -> AzureError {
        .aks(
            409, "OperationNotAllowed",
            "Operation is not allowed: Another operation (\(what)) is in progress, please wait for it to finish "
                + "before starting a new operation. See https://aka.ms/aks-pending-operation for more details")
    }

    static var etagMismatch: AzureError {
        .aks(
            409, "EtagMismatch", "Operation is not allowed: Another operation is in progress",
            details: [
                [
                    "code": "Unspecified",
                    "message": "rpc error: code = FailedPrecondition desc = Etag mismatched",
                ]
            ], subcode: "PutManagedClusterAndComponents_FailedPrecondition")
    }

    static func preconditionFailed(_ message: String) -> AzureError { .aks(412, "PreconditionFailed", message) }

    static var absentWithETag: AzureError {
        preconditionFailed(
            "Resource not found but ETag header is provided. If this is a request to create, please do not provide ETag."
        )
    }

    static func throttled(after seconds: Int) -> AzureError {
        .arm(429, "Throttled", "The request is throttled. Please try again after '\(seconds)' seconds.")
            .with("retry-after", String(seconds))
    }

    static func authorizationFailed(caller: Principal, action: String, scope: String) -> AzureError {
        .arm(
            403, "AuthorizationFailed",
            "The client '\(caller.name)' with object id '\(caller.objectID)' does not have authorization to perform "
                + "action '\(action)' over scope '\(scope)' or the scope is invalid. If access was recently granted, "
                + "please refresh your credentials.")
    }
}
