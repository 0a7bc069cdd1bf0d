import Platform

/// Files that are, after a crash at any moment, either as they were or as they were to be.
package enum AtomicFile {
    /// Replaces the file at `path`, or creates it, and returns when both content and name are on the disk.
    ///
    /// The content goes to a new file in the same folder, which then takes the name; a link at `path` is replaced, not
    /// followed. Folders that are missing are created with mode 0700.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws(FileError) {
        guard !path.isEmpty, !path.utf8.contains(0), path.utf8.last != UInt8(ascii: "/") else {
            throw FileError(.invalidPath, .write, path)
        }
        try refuseDevice(path)
        let folder = parentFolder(of: path)
        try createFolder(folder)
        // Opened first: a folder that cannot be synced must be known before anything changes.
        let openFolder = try openFolder(folder, for: .write)
        let temporary = try writeTemporary(bytes, beside: path, mode: mode)
        guard rename(temporary, path) == 0 else {
            let code = errno
            _ = unlink(temporary)
            throw FileError(errno: code, .write, path)
        }
        try openFolder.synchronize(path: folder)
    }

    /// A file that takes the name of a device would be there instead of it, for every program: `/dev/null`, also by way
    /// of a link such as `/dev/stdout`.
    private static func refuseDevice(_ path: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
            throw FileError(.notARegularFile, .write, path)
        }
    }

    /// Removes a file and returns when that is on the disk; a file that is not there is no error.
    package static func remove(_ path: String) throws(FileError) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw FileError(.invalidPath, .remove, path) }
        guard unlink(path) == 0 else {
            let code = errno
            if code == ENOENT { return }
            throw FileError(errno: code, .remove, path)
        }
        try synchronizeFolder(parentFolder(of: path))
    }

    /// Creates a folder and those above it, mode 0700, where they are missing.
    package static func createFolder(_ path: String) throws(FileError) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw FileError(.invalidPath, .createFolder, path) }
        if mkdir(path, 0o700) == 0 { return try synchronizeFolder(parentFolder(of: path)) }
        switch errno {
        case EEXIST:
            // Something else than a folder fails here with ENOTDIR, worded for people.
            _ = try openFolder(path, for: .createFolder)
        case ENOENT where parentFolder(of: path) != path:
            try createFolder(parentFolder(of: path))
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw FileError(errno: errno, .createFolder, path)
            }
            try synchronizeFolder(parentFolder(of: path))
        case let code: throw FileError(errno: code, .createFolder, path)
        }
    }

    private static func writeTemporary(
        _ bytes: [UInt8], beside path: String, mode: UInt32
    ) throws(FileError) -> String {
        let temporary = path + "." + String(UInt64.random(in: .min ... .max), radix: 36) + ".tmp"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        let descriptor = try Descriptor.open(temporary, flags, mode: 0o600, for: .write)
        do throws(FileError) {
            // The umask may have taken bits away, and bits of a wider mode were not asked for above.
            try descriptor.setMode(mode_t(mode), path: path)
            try descriptor.writeAll(bytes, path: path)
            try descriptor.synchronize(path: path)
        } catch {
            _ = unlink(temporary)
            throw error
        }
        return temporary
    }

    private static func synchronizeFolder(_ path: String) throws(FileError) {
        try openFolder(path, for: .write).synchronize(path: path)
    }

    private static func openFolder(
        _ path: String, for operation: FileError.Operation
    ) throws(FileError) -> Descriptor {
        try Descriptor.open(path, O_RDONLY | O_DIRECTORY, for: operation)
    }
}

/// The folder part of a path: `.` for a bare name, `/` for what lies at the root.
package func parentFolder(of path: String) -> String {
    var bytes = Array(path.utf8)
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    bytes.removeSubrange(slash...)
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    return bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
}
