import Platform
import Processes

/// The checksum of the program that runs, as `sha256sum` of GNU coreutils gives it: a report names it, so that a person
/// can tell which release made it.
enum ProgramChecksum {
    /// Nil where there is no `sha256sum`, or the system does not tell where the program is.
    static func ofThisProcess(_ environment: [String: String]) async -> String? {
        guard let tool = ChildProcess.find("sha256sum", path: environment["PATH"] ?? "/usr/bin:/bin"),
            let program = openableProgram(),
            let output = try? await ChildProcess.run(
                tool, [program], environment: [:], timeout: 10),
            output.succeeded
        else { return nil }
        let digits = String(decoding: output.standardOutput.prefix(64), as: UTF8.self)
        guard digits.utf8.count == 64, digits.allSatisfy(\.isHexDigit) else { return nil }
        return "sha256:" + digits
    }
}
