import Platform

/// An open file descriptor that is closed exactly once, when its owner goes.
///
/// Each call reads errno at once, before anything else can change it, and repeats after EINTR.
package struct Descriptor: ~Copyable, Sendable {
    package let raw: Int32

    /// Takes over a descriptor that is open and that nobody else closes.
    package init(owning raw: Int32) { self.raw = raw }

    deinit { _ = close(raw) }

    static func open(
        _ path: String, _ flags: Int32, mode: mode_t = 0, for operation: FileError.Operation
    ) throws(FileError) -> Descriptor {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw FileError(.invalidPath, operation, path) }
        while true {
            let raw = openDescriptor(path, flags | O_CLOEXEC, UInt32(mode))
            let code = errno
            if raw >= 0 { return Descriptor(owning: raw) }
            if code != EINTR { throw FileError(errno: code, operation, path) }
        }
    }

    func fileType(for operation: FileError.Operation, path: String) throws(FileError) -> mode_t {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw FileError(errno: errno, operation, path) }
        return status.st_mode & S_IFMT
    }

    /// Reads up to the end, or fails when there are more than `limit` bytes.
    func readAll(limit: Int, path: String) throws(FileError) -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(raw, &buffer, buffer.count)
            let code = errno
            if count == 0 { return content }
            if count < 0 {
                if code == EINTR { continue }
                throw FileError(errno: code, .read, path)
            }
            guard content.count + count <= limit else { throw FileError(.tooLarge(limit: limit), .read, path) }
            content.append(contentsOf: buffer[..<count])
        }
    }

    func writeAll(_ bytes: [UInt8], path: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(raw, $0.baseAddress, $0.count) }
            let code = errno
            if count < 0 {
                if code == EINTR { continue }
                throw FileError(errno: code, .write, path)
            }
            written += count
        }
    }

    /// Returns when the content is on the disk.
    func synchronize(path: String) throws(FileError) {
        while synchronizeDescriptor(raw) != 0 {
            let code = errno
            if code == EINTR { continue }
            // Some file systems cannot sync a folder; those that can report real trouble as EIO, ENOSPC or EDQUOT.
            if code == EINVAL || code == ENOTSUP { return }
            throw FileError(errno: code, .write, path)
        }
    }

    func setMode(_ mode: mode_t, path: String) throws(FileError) {
        guard fchmod(raw, mode) == 0 else { throw FileError(errno: errno, .write, path) }
    }
}
