import FoundationEssentials
package import JSON
package import Report
import Text

/// A report as it is kept and handed on, with a digest of its content.
///
/// The digest is SHA-256 over the document without it, as compact JSON with sorted members. It is printed at the end of
/// a run and kept in the cluster's ConfigMap, so that a file can be compared with what another place says.
package struct ReportFile: Sendable {
    package enum Form: Sendable, Hashable {
        case json
        case html

        /// The form that a file's name asks for.
        package init(fileName: String) {
            let name = fileName.lowercased()
            self = name.hasSuffix(".html") || name.hasSuffix(".htm") ? .html : .json
        }
    }

    /// Why a file is not as it was written.
    package enum Damage: Error, Sendable, Hashable {
        case unreadable
        /// The content does not fit the digest that the file names.
        case altered
        /// The content fits its digest, and the bytes around it are not as this version writes them.
        case otherBytes(writtenBy: String)
    }

    package let report: RunReport
    /// Without the digest.
    private let content: JSONValue
    /// `sha256:` and 64 hexadecimal digits.
    package let digest: String

    private static let member = "digest"

    package init(_ report: RunReport) throws(JSONError) {
        var report = report
        report.digest = nil
        // Read back, so that numbers are what any reader makes of them.
        try self.init(content: JSONValue(parsing: Console.document(report).bytes()))
    }

    private init(content: JSONValue) throws(JSONError) {
        self.content = content
        digest = "sha256:" + sha256Hex(content.bytes())
        var report = try RunReport(content)
        report.digest = digest
        self.report = report
    }

    /// Reads a file that may have been altered.
    package init(checking bytes: [UInt8]) throws(Damage) {
        let isPage = bytes.starts(with: Array("<!doctype html".utf8))
        guard var document = try? JSONValue(parsing: isPage ? ReportPage.document(in: bytes) : bytes),
            let claimed = document[Self.member]?.string
        else { throw .unreadable }
        document[Self.member] = nil
        let file: ReportFile
        do { file = try ReportFile(content: document) } catch { throw .unreadable }
        guard file.digest == claimed else { throw .altered }
        guard file.bytes(as: isPage ? .html : .json) == bytes else {
            throw .otherBytes(writtenBy: file.report.context?.toolVersion ?? "unknown")
        }
        self = file
    }

    /// The document with its digest.
    package var document: JSONValue {
        var document = content
        document[Self.member] = .string(digest)
        return document
    }

    package func bytes(as form: Form) -> [UInt8] {
        switch form {
        case .json: Array(text(of: document, pretty: true).utf8)
        case .html: Array(ReportPage(self).text.utf8)
        }
    }
}

extension RunReport {
    /// Reads the document that `document` makes of a report.
    fileprivate init(_ document: JSONValue) throws(JSONError) {
        do {
            self = try JSONDecoder().decode(RunReport.self, from: Data(document.withNumericTimes().bytes()))
        } catch {
            throw JSONError("it is no report of a run")
        }
    }
}
