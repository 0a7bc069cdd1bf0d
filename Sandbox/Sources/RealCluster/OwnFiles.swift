import Foundation
import Glibc

private let folderPrefix = "kms-vault-cluster-"

/// Makes a new folder that only we can read, and removes those of processes that died without removing theirs.
///
/// What a killed process leaves in /dev/shm is memory that nobody gets back.
func makeOwnFolder(in parent: String) throws -> String {
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(folderPrefix) {
        let owner = name.dropFirst(folderPrefix.count).prefix { $0 != "-" }
        guard let pid = pid_t(owner), kill(pid, 0) == -1, errno == ESRCH else { continue }
        try? files.removeItem(atPath: "\(parent)/\(name)")
    }
    let folder = "\(parent)/\(folderPrefix)\(getpid())-\(randomToken().prefix(8))"
    try files.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return folder
}

/// Writes a file that only we can read, whole or not at all.
func writePrivately(_ data: Data, to file: String) throws {
    let new = file + ".new"
    try? FileManager.default.removeItem(atPath: new)
    guard FileManager.default.createFile(atPath: new, contents: data, attributes: [.posixPermissions: 0o600]) else {
        throw CocoaError(.fileWriteUnknown)
    }
    try? FileManager.default.removeItem(atPath: file)
    try FileManager.default.moveItem(atPath: new, toPath: file)
}

/// 128 random bits in hexadecimal.
func randomToken() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
        let digits = String(generator.next() as UInt64, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
}
