package import Files
import JSON

/// What an account is read from: the environment, the home folder and files. Read only, never written.
package struct AzureSurroundings: Sendable {
    /// The process environment.
    package let environment: [String: String]
    /// The home folder's path; nil if there is none.
    package let home: String?
    /// Where files are read from.
    package let files: any FileReading

    package init(environment: [String: String], home: String?, files: any FileReading) {
        self.environment = environment
        self.home = home
        self.files = files
    }

    /// A variable that is set and not empty.
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// az's folder: AZURE_CONFIG_DIR, else ~/.azure.
    package var configFolder: String? { variable("AZURE_CONFIG_DIR") ?? home.map { $0 + "/.azure" } }

    /// A file of az's folder; nil when it is missing.
    func read(_ name: String, limit: Int = 16 << 20) throws(AzureTokenError) -> [UInt8]? {
        guard let configFolder else { return nil }
        do {
            return try files.read("\(configFolder)/\(name)", limit: limit)
        } catch  where error.kind == .missing {
            return nil
        } catch {
            throw AzureTokenError(.misconfigured, source: "the az profile", detail: error.description)
        }
    }

    func readJSON(_ name: String) throws(AzureTokenError) -> JSONValue? {
        guard var bytes = try read(name) else { return nil }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw AzureTokenError(.misconfigured, source: "the az profile", detail: "\(name): \(error)")
        }
    }

    func readINI(_ name: String) throws(AzureTokenError) -> INIDocument? {
        guard let bytes = try read(name, limit: 1 << 20) else { return nil }
        do {
            return try INIDocument(parsing: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw AzureTokenError(.misconfigured, source: "the az profile", detail: "\(name): \(error)")
        }
    }
}
