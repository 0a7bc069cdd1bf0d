import Connections
package import Console
import Files
import Report
import Text
package import Usage

/// Whether a report's file is as it was written.
package struct ReportCheck: Presentable {
    package enum Verdict: String, Sendable, Codable, Hashable {
        case asWritten = "as written"
        case altered
        /// The content is as written; the bytes around it are not those of this version.
        case otherBytes = "content as written"
        case otherReport = "another report"
        case unreadable
    }

    package let file: String
    package let verdict: Verdict
    package let detail: Advice
    package let runID: String?
    package let digest: String?

    /// - Parameter expected: the digest that another place names; nil where none was given.
    package init(_ path: String, expecting expected: String?) {
        file = path
        let bytes: [UInt8]
        do { bytes = try readFile(path, limit: 64 << 20) } catch {
            (verdict, detail, runID, digest) = (.unreadable, Advice("\(error)"), nil, nil)
            return
        }
        let report: ReportFile
        do throws(ReportFile.Damage) { report = try ReportFile(checking: bytes) } catch {
            (runID, digest) = (nil, nil)
            switch error {
            case .unreadable: (verdict, detail) = (.unreadable, "it is no report of a run")
            case .altered: (verdict, detail) = (.altered, "its content does not fit the digest that it names")
            case .otherBytes(let version):
                verdict = version == productVersion ? .altered : .otherBytes
                detail =
                    version == productVersion
                    ? "its content fits its digest, but something around it was changed"
                    : "its content fits its digest; the rest was written by version \(version.printable(limit: 64)), which "
                        + "this version \(productVersion) cannot check"
            }
            return
        }
        (runID, digest) = (report.report.runID, report.digest)
        if let expected, expected != report.digest {
            (verdict, detail) = (.otherReport, "its digest is \(report.digest), not \(expected.printable(limit: 128))")
        } else if expected != nil {
            (verdict, detail) = (.asWritten, "it fits the digest that you gave")
        } else {
            verdict = .asWritten
            detail = """
                it fits its own digest. Whoever wrote it anew could make one too: compare the digest with the last \
                line of the run, or with \(ShellCommand.own(.history))
                """
        }
    }

    package var sections: [Section] {
        [
            .fields([
                .init("File", file), .init("Verdict", verdict.rawValue), .init("Detail", detail.text(for: .kubectl)),
                .init("Run", runID ?? "not known"), .init("Digest", digest ?? "not known"),
            ])
        ]
    }
}
