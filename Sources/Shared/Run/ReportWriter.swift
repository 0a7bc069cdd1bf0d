package import Console
package import Files

/// Writes a report where a person wants it.
package enum ReportWriter {
    /// - Parameter path: relative to `folder`; a name that ends with `.html` gets a page, any other JSON.
    package static func write(_ file: ReportFile, to path: String, in folder: String) throws(FileError) {
        let whole = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        try AtomicFile.write(file.bytes(as: ReportFile.Form(fileName: path)), to: whole)
    }
}
