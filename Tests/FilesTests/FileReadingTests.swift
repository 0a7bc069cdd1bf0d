import Files
import Glibc
import Testing

struct FileReadingTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `a missing file is told apart, and a path that leads through a file`() throws {
        let path = scratch.path + "/none"
        #expect(throws: FileError(.missing, .read, path)) { try readFile(path, limit: 1) }
        try AtomicFile.write([], to: path)
        #expect(throws: FileError(.notAFolder, .read, path + "/x")) { try readFile(path + "/x", limit: 1) }
    }

    @Test func `a folder is not a regular file`() {
        #expect(throws: FileError(.notARegularFile, .read, scratch.path)) { try readFile(scratch.path, limit: 1) }
        let reader = DiskFiles(readsStreams: true)
        #expect(throws: FileError(.notARegularFile, .read, scratch.path)) { try reader.read(scratch.path, limit: 1) }
    }

    @Test func `a pipe that nobody writes to is refused at once`() throws {
        let path = scratch.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: FileError(.notARegularFile, .read, path)) { try readFile(path, limit: 1) }
    }

    @Test func `a device is read only on request, and never beyond the limit`() throws {
        #expect(throws: FileError(.notARegularFile, .read, "/dev/null")) { try readFile("/dev/null", limit: 1) }
        #expect(try DiskFiles(readsStreams: true).read("/dev/null", limit: 0) == [])
        #expect(throws: FileError(.tooLarge(limit: 100), .read, "/dev/zero")) {
            try DiskFiles(readsStreams: true).read("/dev/zero", limit: 100)
        }
    }

    @Test func `a file of the limit's size is read, one byte more is refused`() throws {
        let path = scratch.path + "/big"
        try AtomicFile.write([UInt8](repeating: 7, count: 10 << 20), to: path)
        #expect(try readFile(path, limit: 10 << 20).count == 10 << 20)
        #expect(throws: FileError(.tooLarge(limit: (10 << 20) - 1), .read, path)) {
            try readFile(path, limit: (10 << 20) - 1)
        }
    }

    @Test func `a pipe is read to its end on request`() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        #expect(write(ends[1], "a: 1", 4) == 4)
        close(ends[1])
        defer { close(ends[0]) }
        #expect(try DiskFiles(readsStreams: true).read("/proc/self/fd/\(ends[0])", limit: 4) == Array("a: 1".utf8))
    }

    @Test(.enabled(if: geteuid() != 0, "root may read every file"))
    func `a file without read permission is told apart`() throws {
        let path = scratch.path + "/closed"
        try AtomicFile.write([1], to: path, mode: 0)
        #expect(throws: FileError(.permissionDenied, .read, path)) { try readFile(path, limit: 1) }
    }

    @Test func `a path with a NUL byte opens no other file`() throws {
        try AtomicFile.write([1], to: scratch.path + "/a")
        let path = scratch.path + "/a\0b"
        #expect(throws: FileError(.invalidPath, .read, path)) { try readFile(path, limit: 1) }
    }

    @Test func `listing a folder that is none is an error`() {
        #expect(throws: FileError(.missing, .list, "/nowhere/at/all")) { try listFolder("/nowhere/at/all") }
    }

    @Test func `an error shows a hostile path harmlessly`() {
        let error = FileError(.missing, .read, "/tmp/\u{1B}[2J\nx\u{202E}y")
        #expect(error.description == "could not read /tmp/\\u{1b}[2J\\u{a}x\\u{202e}y: it does not exist")
    }

    @Test func `an unknown error number still has a text`() {
        #expect(!systemText(9999).isEmpty)
        #expect(systemText(EIO) == "input/output error")
    }
}

struct SecureProcessTests {
    @Test func `core files are off and the process is not dumpable`() throws {
        try secureProcess()
        let limits = try String(decoding: DiskFiles().read("/proc/self/limits", limit: 1 << 16), as: UTF8.self)
        let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(line.split(separator: " ", omittingEmptySubsequences: true).dropFirst(4).prefix(2) == ["0", "0"])
    }
}
