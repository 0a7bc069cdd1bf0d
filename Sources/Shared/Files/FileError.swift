import Platform
import Text

/// A file operation that failed; it names the file and never quotes its content.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case missing
        case permissionDenied
        /// A folder, a device, a socket or a pipe where a file with content was expected.
        case notARegularFile
        /// A part of the path is a file.
        case notAFolder
        case tooLarge(limit: Int)
        case noSpace
        case readOnlyFileSystem
        /// The path holds a NUL byte, or is empty.
        case invalidPath
        /// Any other error number of the system.
        case system(errno: Int32)
    }

    package enum Operation: String, Sendable, Hashable {
        case read, write, remove
        case createFolder = "create the folder"
        case list = "list the folder"
    }

    package let kind: Kind
    package let operation: Operation
    package let path: String

    package init(_ kind: Kind, _ operation: Operation, _ path: String) {
        self.kind = kind
        self.operation = operation
        self.path = path
    }

    init(errno code: Int32, _ operation: Operation, _ path: String) {
        let kind: Kind =
            switch code {
            case ENOENT: .missing
            case ENOTDIR: .notAFolder
            case EACCES, EPERM: .permissionDenied
            case EISDIR: .notARegularFile
            case ENOSPC, EDQUOT: .noSpace
            case EROFS: .readOnlyFileSystem
            default: .system(errno: code)
            }
        self.init(kind, operation, path)
    }

    /// Why, without the path: for texts that name the file themselves.
    package var reason: String {
        switch kind {
        case .missing: "it does not exist"
        case .permissionDenied: "permission was denied"
        case .notARegularFile: "it is not a regular file"
        case .notAFolder: "a part of its path is not a folder"
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .noSpace: "the disk or the quota is full"
        case .readOnlyFileSystem: "the file system is read-only"
        case .invalidPath: "the path is empty or holds a NUL byte"
        case .system(let code): systemText(code)
        }
    }

    package var description: String { "could not \(operation.rawValue) \(path.printable()): \(reason)" }
}

/// The system's text for an error number, lower case first, as it stands inside sentences.
package func systemText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let first = text.first else { return "error \(code)" }
    return first.lowercased() + text.dropFirst()
}
