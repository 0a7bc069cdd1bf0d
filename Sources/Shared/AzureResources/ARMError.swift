import AzureAccount
package import HTTP
package import JSON
import Text

/// A call to ARM that brought no result, whatever the reason; worded once, in `description`.
///
/// Texts of the server are cut to 512 bytes; no header, body, token or query is kept.
package struct ARMError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One of the parts that an answer lists under `details`.
    package struct Detail: Sendable, Hashable {
        package let code: String
        package let message: String
        package let target: String
    }

    /// What it means for what to do next.
    package let kind: Kind
    /// What was asked, such as `PUT Microsoft.ContainerService/managedClusters/c`.
    package let action: String
    /// The HTTP status; nil when no answer came, or when the error is that of an asynchronous operation.
    package let status: Int?
    /// The main code, such as `BadRequest`; empty where there is none.
    package let code: String
    /// AKS's finer code; empty where there is none.
    package let subcode: String
    /// The member of the request that is at fault, if Azure tells.
    package let target: String
    /// The text for people.
    package let message: String
    /// At most eight parts of the error.
    package let details: [Detail]
    /// Seconds that the server asks to wait.
    package let retryAfter: Double?
    /// ARM's id of the request, which Azure support asks for.
    package let requestID: String

    package init(
        kind: Kind, action: String, status: Int? = nil, code: String = "", subcode: String = "", target: String = "",
        message: String = "", details: [Detail] = [], retryAfter: Double? = nil, requestID: String = ""
    ) {
        self.kind = kind
        self.action = action
        self.status = status
        self.code = code.onOneLine(limit: 128)
        self.subcode = subcode.onOneLine(limit: 128)
        self.target = target.onOneLine(limit: 256)
        self.message = message.onOneLine()
        self.details = details
        self.retryAfter = retryAfter
        self.requestID = requestID.onOneLine(limit: 64)
    }

    package var description: String {
        advice.isEmpty ? "\(action): \(what)" : "\(action): \(what); \(advice)"
    }
}

extension ARMError {
    /// Reads the error of an answer. AKS puts code and message at the top; ARM's own gateway wraps them in `error`.
    package init(answer: HTTPResponse, action: String) {
        let body = try? JSONValue(parsing: answer.body)
        self.init(
            errorObject: body.flatMap { $0["error"]?.object == nil ? $0 : $0["error"] }, action: action,
            status: answer.status, retryAfter: answer.retryAfter ?? Self.delayInWords(body),
            requestID: answer.headers["x-ms-request-id"] ?? answer.headers["x-ms-correlation-request-id"] ?? "")
    }

    /// Reads an error object, as answers, operations and `provisioningError` have it.
    package init(
        errorObject: JSONValue?, action: String, status: Int? = nil, retryAfter: Double? = nil, requestID: String = ""
    ) {
        let code = Self.text(errorObject?["code"])
        let subcode = Self.text(errorObject?["subcode"])
        let message = Self.text(errorObject?["message"])
        let details = (errorObject?["details"]?.array ?? []).prefix(8).map {
            Detail(
                code: Self.text($0["code"]).onOneLine(limit: 128), message: Self.text($0["message"]).onOneLine(),
                target: Self.text($0["target"]).onOneLine(limit: 256))
        }
        let kind = Kind(
            status: status, codes: [code, subcode] + details.map(\.code), texts: [message] + details.map(\.message))
        self.init(
            kind: kind, action: action, status: status, code: code, subcode: subcode,
            target: Self.text(errorObject?["target"]), message: message, details: details, retryAfter: retryAfter,
            requestID: requestID)
    }

    /// The delay that the identity service gives in its text only: `Retry after 2 seconds.`
    private static func delayInWords(_ body: JSONValue?) -> Double? {
        let message = text(body?[path: "error", "message"] ?? body?["message"]).lowercased()
        guard let words = message.firstRange(of: "retry after ") else { return nil }
        let digits = message[words.upperBound...].prefix { $0.isASCII && $0.isNumber }
        return digits.utf8.count <= 4 ? Double(digits) : nil
    }

    /// Codes are texts, but some services send numbers.
    private static func text(_ value: JSONValue?) -> String {
        value?.string ?? value?.integer.map(String.init) ?? ""
    }

    /// The error of a transfer. Only when no byte can have reached the server is it certain that nothing was done.
    ///
    /// - Parameter changesNothing: whether the call only asked, so that it does not matter whether it arrived.
    package init(_ error: TransportError, action: String, changesNothing: Bool) {
        let kind: Kind
        if !error.mayHaveBeenSent {
            kind = error.kind == .cancelled ? .cancelled : .notSent(error)
        } else if changesNothing {
            kind = error.kind == .cancelled ? .cancelled : .noAnswer(error)
        } else {
            kind = .lostAnswer(error)
        }
        self.init(kind: kind, action: action)
    }
}
