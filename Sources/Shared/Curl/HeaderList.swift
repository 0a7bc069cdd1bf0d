internal import CCurl
internal import HTTP

/// The header lines of a request as libcurl takes them.
final class HeaderList {
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    /// Refuses what could end a line, and what libcurl itself has to say about the body.
    init(_ headers: HTTPHeaders, hostHeader: String?, decodesGzip: Bool) throws(CurlSetupError) {
        var names: Set<String> = []
        for field in headers {
            guard Self.isName(field.name), Self.isValue(field.value) else {
                throw CurlSetupError(kind: .other, detail: "a request header holds a character that is not allowed")
            }
            let name = field.name.lowercased()
            guard !Self.ours.contains(name) else {
                throw CurlSetupError(kind: .other, detail: "the request header \(field.name) cannot be chosen")
            }
            names.insert(name)
            if decodesGzip && name == "accept-encoding" { continue }
            // libcurl's notation for a header without a value.
            try append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        if let hostHeader, !names.contains("host") { try append("Host: \(hostHeader)") }
        // libcurl would add form encoding to every body, Accept: */* and, for large bodies, a wait for 100 Continue.
        for name in ["Content-Type", "Accept", "Expect"] where !names.contains(name.lowercased()) {
            try append("\(name):")
        }
    }

    deinit { curl_slist_free_all(list) }

    private static let ours: Set = ["connection", "content-length", "expect", "transfer-encoding", "upgrade"]

    private func append(_ line: String) throws(CurlSetupError) {
        guard let longer = curl_slist_append(list, line) else {
            throw CurlSetupError(kind: .other, detail: "out of memory")
        }
        list = longer
    }

    /// A token (RFC 9110 §5.6.2).
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    private static func isValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { ($0 >= 0x20 || $0 == 0x09) && $0 != 0x7F }
    }
}
