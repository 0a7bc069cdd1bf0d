package import Azure
package import HTTP
package import JSON
import Text

/// Where ARM is, and for which audience its tokens are.
package struct ARMEndpoint: Sendable, Hashable {
    /// Without a slash at the end.
    package let base: String
    /// The resource to ask tokens for, such as `https://management.core.windows.net/`.
    package let audience: String
    /// The only place to which tokens for it are sent.
    package let origin: Origin

    /// Nil if the base is no https URL.
    package init?(base: String, audience: String) {
        var trimmed = base
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let origin = Origin(ofHTTPS: trimmed), !trimmed.contains("?"), !trimmed.contains("#") else { return nil }
        self.base = trimmed
        self.audience = audience
        self.origin = origin
    }
}

/// One call to ARM, before it has a token.
package struct ARMCall: Sendable {
    /// GET, PUT, PATCH or POST.
    package var method: HTTPMethod
    /// What follows the endpoint, escaped, with a leading slash; or a whole URL that ARM gave, sent as it is.
    package var address: Address
    /// Sent as JSON; nil sends no body.
    package var body: JSONValue?
    /// Beyond those that the client sets, such as If-Match.
    package var headers: HTTPHeaders
    /// Whether sending it again does no harm, so that the client may.
    package var repeatable: Bool
    /// Seconds; a PUT of a managed cluster is answered after up to 10.
    package var timeout: Double

    /// What is called.
    package enum Address: Sendable {
        case path(String, apiVersion: String, query: [(name: String, value: String)])
        /// A next link or the URL of an operation; shown nowhere.
        case verbatim(String, shownAs: String)
    }

    package init(
        _ method: HTTPMethod, _ address: Address, body: JSONValue? = nil, headers: HTTPHeaders = [:],
        repeatable: Bool? = nil, timeout: Double? = nil
    ) {
        self.method = method
        self.address = address
        self.body = body
        self.headers = headers
        self.repeatable = repeatable ?? (method == .get)
        self.timeout = timeout ?? (method == .get ? 60 : 120)
    }

    /// Whether it only asks.
    var changesNothing: Bool { method == .get || repeatable }

    /// The call as it is named in errors: method and path, without a query.
    package var action: String {
        switch address {
        case .path(let path, _, _):
            let words = path.split(separator: "/")
            let provider = words.lastIndex { $0.lowercased() == "providers" }
            let shown = provider.map { words[($0 + 1)...] } ?? words[...]
            return "\(method.rawValue) \(shown.joined(separator: "/").onOneLine(limit: 256))"
        case .verbatim(_, let name): return "\(method.rawValue) \(name)"
        }
    }

    func url(at endpoint: ARMEndpoint) -> String {
        switch address {
        case .path(let path, let apiVersion, let query):
            let extra = query.map { "&\(percentEncoded($0.name))=\(percentEncoded($0.value))" }.joined()
            return "\(endpoint.base)\(path)?api-version=\(percentEncoded(apiVersion))\(extra)"
        case .verbatim(let url, _): return url
        }
    }

    var urlIsSecret: Bool { if case .verbatim = address { true } else { false } }
}
