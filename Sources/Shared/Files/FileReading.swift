import Platform

/// Reads whole files; passed in wherever a decision depends on files, so that tests need no disk.
package protocol FileReading: Sendable {
    /// The content of a file, at most `limit` bytes; a larger file is an error, never cut.
    func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]
}

/// The real file system.
package struct DiskFiles: FileReading {
    /// Whether pipes and devices are read too (`--kubeconfig <(command)`, `/dev/null`); reading them may wait.
    package var readsStreams: Bool

    package init(readsStreams: Bool = false) { self.readsStreams = readsStreams }

    package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        // Without O_NONBLOCK, opening a named pipe that nobody writes to would never return.
        let descriptor = try Descriptor.open(path, readsStreams ? O_RDONLY : O_RDONLY | O_NONBLOCK, for: .read)
        switch try descriptor.fileType(for: .read, path: path) {
        case S_IFREG: break
        case S_IFIFO where readsStreams, S_IFCHR where readsStreams: break
        default: throw FileError(.notARegularFile, .read, path)
        }
        return try descriptor.readAll(limit: limit, path: path)
    }
}

/// Files that exist in memory only: a kubeconfig that came over the network, and those of tests.
package struct MemoryFiles: FileReading {
    package var files: [String: [UInt8]]

    package init(_ files: [String: [UInt8]]) { self.files = files }

    /// Files of text.
    package init(_ texts: [String: String]) { files = texts.mapValues { Array($0.utf8) } }

    package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        guard let bytes = files[path] else { throw FileError(.missing, .read, path) }
        guard bytes.count <= limit else { throw FileError(.tooLarge(limit: limit), .read, path) }
        return bytes
    }
}

/// The content of a regular file of at most `limit` bytes.
package func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    try DiskFiles().read(path, limit: limit)
}

/// The names in a folder, without `.` and `..`, in byte order.
package func listFolder(_ path: String) throws(FileError) -> [String] {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw FileError(.invalidPath, .list, path) }
    guard let folder = opendir(path) else { throw FileError(errno: errno, .list, path) }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
        errno = 0
        guard let entry = readdir(folder) else {
            let code = errno
            if code != 0 { throw FileError(errno: code, .list, path) }
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { names.append(name) }
    }
}
