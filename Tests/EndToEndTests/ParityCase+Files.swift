/// How a file is written: its encoding, its documents, its YAML.
extension MirrorKubeconfigs {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    func lists() -> [ParityCase] {
        let text = text()
        let plain = Array(text.utf8)
        let without = Array(text.replacing("current-context: x\n", with: "").utf8)
        let (head, tail) = (text.firstRange(of: "users:").map { text[..<$0.lowerBound] } ?? "", "users:\n- name: x\n")
        let later = Array(self.text(server: server("B"), user: "token: later").utf8)
        return [
            ParityCase("home", [plain], list: ""),
            ParityCase("no file at all", [], list: "/nowhere"),
            ParityCase("a file that is not there, then one that is", [plain], list: "/nowhere:{0}"),
            ParityCase("empty parts and a file twice", [plain], list: "::{0}:{0}:"),
            ParityCase("a tilde", [plain], list: "~/.kube/config"),
            ParityCase("a folder among the files", [plain], list: "\(mirror.folder):{0}"),
            ParityCase("/dev/null among the files", [plain], list: "/dev/null:{0}"),
            ParityCase("equal names in two files", [plain, later]),
            ParityCase("current context of the second file", [without, other]),
            ParityCase("user of the second file", [Array(head.utf8), Array("\(tail)  user: {token: second}\n".utf8)]),
            ParityCase("--kubeconfig that is not there", [plain], flags: ["kubeconfig": "/nowhere"]),
            ParityCase("--kubeconfig and KUBECONFIG", [plain], flags: ["kubeconfig": "/dev/null"]),
        ]
    }

    private func utf16(_ text: String, littleEndian: Bool, marked: Bool = true) -> [UInt8] {
        ((marked ? [0xFEFF] : []) + Array(text.utf16)).flatMap {
            littleEndian ? [UInt8($0 & 0xFF), UInt8($0 >> 8)] : [UInt8($0 >> 8), UInt8($0 & 0xFF)]
        }
    }

    func encodings() -> [ParityCase] {
        let text = text()
        let (plain, mark) = (Array(text.utf8), Self.mark)
        return [
            ParityCase("UTF-8", [plain, other]),
            ParityCase("byte-order mark", [mark + plain, other]),
            ParityCase("UTF-16, little-endian", [utf16(text, littleEndian: true), other]),
            ParityCase("UTF-16, big-endian", [utf16(text, littleEndian: false), other]),
            ParityCase("UTF-16 without a mark", [utf16(text, littleEndian: true, marked: false), other]),
            ParityCase("half a character of UTF-16", [utf16(text, littleEndian: true) + [0x0A], other]),
            ParityCase("byte-order mark and CRLF", [mark + Array(text.replacing("\n", with: "\r\n").utf8), other]),
            ParityCase("byte-order mark and ---", [mark + Array("---\n\(text)".utf8), other]),
            ParityCase("--- and byte-order mark", [Array("---\n".utf8) + mark + plain, other]),
            ParityCase("comment and byte-order mark", [Array("# c\n".utf8) + mark + plain, other]),
            ParityCase("two byte-order marks", [mark + mark + plain, other], ours: .fails(.file)),
            ParityCase("byte-order mark alone", [mark, other]),
            ParityCase("CR", [Array(text.replacing("\n", with: "\r").utf8), other]),
            ParityCase("no UTF-8", [[0xFF] + plain, other]),
            ParityCase("Latin-1 in a comment", [[0x23, 0xE9, 0x0A] + plain, other]),
            ParityCase("NUL", [[0] + plain, other]),
            ParityCase("JSON after a byte-order mark", [mark + Array(json().utf8), other]),
            ParityCase("JSON in UTF-16", [utf16(json(), littleEndian: true), other]),
        ]
    }

    private func json(token: String = #""token": "tok""#) -> String {
        """
        {"apiVersion": "v1", "kind": "Config", "current-context": "x",
        "clusters": [{"name": "x", "cluster": {"server": "\(server("A"))",
        "certificate-authority-data": "\(authority)"}}],
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "users": [{"name": "x", "user": {\(token)}}]}
        """
    }

    func documents() -> [ParityCase] {
        let text = text()
        func before(_ first: String) -> [[UInt8]] { [Array(first.utf8), other] }
        return [
            ParityCase("empty", before("")), ParityCase("comment alone", before("# nothing\n")),
            ParityCase("null", before("null")), ParityCase("--- alone", before("---\n")),
            ParityCase("a string", before("hello")), ParityCase("a list", before("- a")),
            ParityCase("a number", before("5")),
            ParityCase("an empty document before", before("---\n---\n\(text)")),
            ParityCase("a broken document after", before("\(text)---\n]]]")),
            ParityCase("another document after", [Array("\(text)---\n".utf8) + other]),
            ParityCase("JSON", json()),
            ParityCase("of equal members of JSON the last", json(token: #""token": "a", "token": "b""#)),
            ParityCase("text after JSON", before(json() + "\ntrailing: 5\n")),
            ParityCase("tab", text.replacing("  user:", with: "\tuser:")),
            ParityCase("unknown member", text + "zork: 1\n"),
            ParityCase("another kind", text.replacing("kind: Config", with: "kind: Secret")),
            ParityCase("two users of a name", text + "- name: x\n  user: {token: z}\n"),
            ParityCase("members in another case", text.replacing("current-context", with: "Current-Context")),
            ParityCase("merge key", "y: &y {token: merged}\n" + self.text(user: "<<: *y")),
            ParityCase("alias", self.text(user: "token: &t tok, username: \"\"")),
        ]
    }

    func values() -> [ParityCase] {
        let tokens: [(String, String)] = [
            ("!!binary", "!!binary dG9rZW4="), ("!!binary that is none", "!!binary '%'"),
            ("!!binary with a blank", "!!binary \"dG9r ZW4=\""), ("!!str of a number", "!!str 123"),
            ("!!int that is none", "!!int abc"), ("!!bool that is none", "!!bool abc"),
            ("!!null that is none", "!!null abc"), ("!!float", "!!float 1"), ("own tag", "!own tok"),
            ("!!timestamp", "!!timestamp 2001-01-01"), ("number", "123"), ("boolean", "yes"), ("date", "2001-01-01"),
            ("sexagesimal", "1:30"), ("octal", "0o7"), ("grouped digits", "1_000"), ("exponent", "1e3"),
            ("equals sign", "="), ("null value", "~"), ("last of equal keys", "a, token: b"),
            ("line break in a token", "\"a\\nb\""),
        ]
        let base64 = Array(authority)
        let lines = stride(from: 0, to: base64.count, by: 64).map { String(base64[$0..<min($0 + 64, base64.count)]) }
        return tokens.map { ParityCase("token: \($0.0)", text(user: "token: \($0.1)")) } + [
            ParityCase(
                "authority in lines",
                text(trust: "certificate-authority-data: \"\(lines.joined(separator: "\\n"))\"")),
            ParityCase(
                "authority with a blank",
                text(trust: "certificate-authority-data: \"\(lines.joined(separator: " "))\"")),
            ParityCase("authority that is no base64", text(trust: "certificate-authority-data: $$$")),
            ParityCase("flag in quotes", text(trust: "insecure-skip-tls-verify: \"true\"")),
            ParityCase("flag as yes", text(trust: "insecure-skip-tls-verify: yes")),
        ]
    }
}
