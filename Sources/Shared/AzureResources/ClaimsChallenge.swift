import FoundationEssentials
package import HTTP

/// The claims that a resource asks for in its 401 answer (continuous access evaluation), decoded from base64.
///
/// `WWW-Authenticate: Bearer realm="", error="insufficient_claims", claims="eyJ…"`; nil where there are none.
package func claimsChallenge(in answer: HTTPResponse) -> String? {
    guard answer.status == 401 else { return nil }
    for value in answer.headers.all("WWW-Authenticate") where value.utf8.count <= 16_384 {
        let parameters = challengeParameters(value)
        guard let encoded = parameters["claims"], let claims = decodeBase64(encoded),
            claims.first == UInt8(ascii: "{"), let text = String(validating: claims, as: UTF8.self)
        else { continue }
        return text
    }
    return nil
}

/// The parameters of a challenge, names in lower case: `name="quoted"` or `name=token`, separated by commas.
func challengeParameters(_ value: String) -> [String: String] {
    var result: [String: String] = [:]
    var rest = value[...]
    while let equals = rest.firstIndex(of: "=") {
        let name = rest[..<equals].reversed().prefix { $0.isLetter || $0 == "_" || $0 == "-" }.reversed()
        rest = rest[rest.index(after: equals)...]
        let text: Substring
        if rest.first == "\"" {
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: "\"") else { return result }
            text = rest[..<end]
            rest = rest[rest.index(after: end)...]
        } else {
            text = rest.prefix { $0 != "," && $0 != " " }
            rest = rest[text.endIndex...]
        }
        if !name.isEmpty, result[String(name).lowercased()] == nil { result[String(name).lowercased()] = String(text) }
    }
    return result
}

/// Decodes base64 in its usual or its URL alphabet, with or without padding.
func decodeBase64(_ text: String) -> [UInt8]? {
    var usual = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    while usual.hasSuffix("=") { usual.removeLast() }
    usual += String(repeating: "=", count: (4 - usual.utf8.count % 4) % 4)
    return Data(base64Encoded: usual).map(Array.init)
}
