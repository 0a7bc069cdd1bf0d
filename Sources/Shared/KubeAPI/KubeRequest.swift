package import HTTP
import Text

/// A request to the API server, before it has an address and a credential.
package struct KubeRequest: Sendable, Hashable {
    /// One `name=value` of the query.
    package struct Parameter: Sendable, Hashable {
        package let name: String
        package let value: String
    }

    package var method: HTTPMethod
    /// The path's segments, as they are: they are percent-encoded when the address is made.
    package var path: [String]
    package var query: [Parameter] = []
    package var accept = MediaType.json
    package var contentType: String?
    package var body: [UInt8] = []
    /// Whether sending it twice does the same as sending it once.
    package var isRepeatable: Bool
    /// Seconds for the whole exchange. A PATCH ends after 34 s at the API server.
    package var timeout: Double = 40
    package var maximumBodyBytes = 4 << 20

    package init(_ method: HTTPMethod, _ path: [String], query: KeyValuePairs<String, String> = [:]) {
        self.method = method
        self.path = path
        self.query = query.map(Parameter.init)
        isRepeatable = method == .get
    }

    /// The path and the query, percent-encoded.
    package var target: String {
        var target = ""
        for segment in path { target += "/" + percentEncoded(segment) }
        for (index, item) in query.enumerated() {
            target += (index == 0 ? "?" : "&") + percentEncoded(item.name) + "=" + percentEncoded(item.value)
        }
        return target
    }
}

/// The forms that are asked for and sent.
package enum MediaType {
    package static let json = "application/json"
    /// Names and versions only. Never followed by a plain `application/json`: a 406 is better than a Secret's data
    /// (kubernetes/apiserver, pkg/endpoints/handlers/negotiation).
    package static let table = "application/json;as=Table;g=meta.k8s.io;v=v1"
    /// An object without what it holds. Asked for of our own probes alone: the annotations of others' Secrets may hold
    /// the data.
    package static let partialMetadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    package static let mergePatch = "application/merge-patch+json"
    package static let strategicMergePatch = "application/strategic-merge-patch+json"
}

/// Whether a name is a DNS subdomain as Kubernetes wants it (RFC 1123; apimachinery `IsDNS1123Subdomain`): what a
/// server sends is believed to be a name only if it is one.
package func isDNSSubdomain(_ name: String) -> Bool {
    guard !name.isEmpty, name.utf8.count <= 253 else { return false }
    var previous = UInt8(ascii: ".")
    for byte in name.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
        case UInt8(ascii: "-"): if previous == UInt8(ascii: ".") { return false }
        case UInt8(ascii: "."):
            if previous == UInt8(ascii: ".") || previous == UInt8(ascii: "-") { return false }
        default: return false
        }
        previous = byte
    }
    return previous != UInt8(ascii: ".") && previous != UInt8(ascii: "-")
}
