/// A failure as the API server words it: the code, and what its `metav1.Status` says.
public struct APIStatus: Error, Sendable, Hashable, CustomStringConvertible {
    public var code: Int
    public var reason: String
    public var message: String
    public var details: [String: JSON] = [:]
    public var headers: [String: String] = [:]
    /// `metadata.continue`, which only a 410 carries.
    public var continueToken: String?
    /// A body of plain text in place of the `metav1.Status`, as API Priority and Fairness answers.
    public var isPlainText = false

    public var description: String { "\(code) \(reason): \(message)" }

    var body: JSON {
        var metadata: [String: JSON] = [:]
        if let continueToken { metadata["continue"] = .string(continueToken) }
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": .object(metadata), "status": "Failure",
            "message": .string(message), "code": .number(String(code)),
        ]
        if !reason.isEmpty { status["reason"] = .string(reason) }
        if !details.isEmpty { status["details"] = .object(details) }
        return status
    }
}

extension APIStatus {
    static func details(_ resource: ResourceKind, _ name: String) -> [String: JSON] {
        var details: [String: JSON] = ["kind": .string(resource.plural)]
        if !resource.group.isEmpty { details["group"] = .string(resource.group) }
        if !name.isEmpty { details["name"] = .string(name) }
        return details
    }

    static func notFound(_ resource: ResourceKind, _ name: String) -> APIStatus {
        APIStatus(
            code: 404, reason: "NotFound", message: "\(resource.qualified) \"\(name)\" not found",
            details: details(resource, name))
    }

    /// The answer for a path that no handler serves.
    static let noSuchPath = APIStatus(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: [:])

    static func alreadyExists(_ resource: ResourceKind, _ name: String) -> APIStatus {
        APIStatus(
            code: 409, reason: "AlreadyExists", message: "\(resource.qualified) \"\(name)\" already exists",
            details: details(resource, name))
    }

    static func conflict(_ resource: ResourceKind, _ name: String, _ why: String) -> APIStatus {
        APIStatus(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(resource.qualified) \"\(name)\": \(why)",
            details: details(resource, name))
    }

    static func modified(_ resource: ResourceKind, _ name: String) -> APIStatus {
        conflict(
            resource, name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    static func invalid(
        _ resource: ResourceKind, _ name: String, field: String, reason: String, message: String
    ) -> APIStatus {
        var details: [String: JSON] = ["kind": .string(resource.kind), "name": .string(name)]
        if !resource.group.isEmpty { details["group"] = .string(resource.group) }
        details["causes"] = [
            ["reason": .string(reason), "message": .string(message), "field": .string(field)]
        ]
        return APIStatus(
            code: 422, reason: "Invalid", message: "\(resource.kind) \"\(name)\" is invalid: \(field): \(message)",
            details: details)
    }

    static func badRequest(_ message: String) -> APIStatus {
        APIStatus(code: 400, reason: "BadRequest", message: message)
    }

    static func internalError(_ cause: String) -> APIStatus {
        APIStatus(
            code: 500, reason: "InternalError", message: "Internal error occurred: \(cause)",
            details: ["causes": [["message": .string(cause)]]])
    }

    static let unauthorized = APIStatus(code: 401, reason: "Unauthorized", message: "Unauthorized")

    static func forbidden(
        _ resource: ResourceKind, _ name: String, user: String, verb: String, namespace: String?
    ) -> APIStatus {
        let scope = namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        let subject = name.isEmpty ? "" : " \"\(name)\""
        return APIStatus(
            code: 403, reason: "Forbidden",
            message: "\(resource.qualified)\(subject) is forbidden: User \"\(user)\" cannot \(verb) resource "
                + "\"\(resource.plural)\" in API group \"\(resource.group)\" \(scope)",
            details: details(resource, name))
    }

    static func methodNotAllowed(_ message: String) -> APIStatus {
        APIStatus(code: 405, reason: "MethodNotAllowed", message: message)
    }

    static let notAcceptable = APIStatus(
        code: 406, reason: "NotAcceptable",
        message: "only the following media types are accepted: application/json")

    static func unsupportedMediaType(_ accepted: [String]) -> APIStatus {
        APIStatus(
            code: 415, reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", "))
    }

    /// What API Priority and Fairness and the in-flight limits answer.
    static func tooManyRequests(retryAfter: Int) -> APIStatus {
        APIStatus(
            code: 429, reason: "TooManyRequests", message: "Too many requests, please try again later.\n",
            headers: ["retry-after": String(retryAfter)], isPlainText: true)
    }

    static func unavailable(_ message: String, retryAfter: Int?) -> APIStatus {
        var status = APIStatus(code: 503, reason: "ServiceUnavailable", message: message)
        if let retryAfter {
            status.headers["retry-after"] = String(retryAfter)
            status.details["retryAfterSeconds"] = .number(String(retryAfter))
        }
        return status
    }

    /// A continue token whose snapshot is compacted away (etcd3/errors.go, handleCompactedErrorForPaging).
    static func expired(continuing token: String?) -> APIStatus {
        if let token {
            return APIStatus(
                code: 410, reason: "Expired",
                message: "The provided continue parameter is too old to display a consistent list result. You can "
                    + "start a new list without the continue parameter, or use the continue token in this response to "
                    + "retrieve the remainder of the results. Continuing with the provided token results in an "
                    + "inconsistent list - objects that were created, modified, or deleted between the time the first "
                    + "chunk was returned and now may show up in the list.",
                continueToken: token)
        }
        return APIStatus(
            code: 410, reason: "Expired",
            message: "The provided continue parameter is too old to display a consistent list result. You must start "
                + "a new list without the continue parameter.")
    }
}
