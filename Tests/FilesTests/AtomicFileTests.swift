import Files
import Glibc
import Testing

/// A new folder that goes away with its owner.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/files-tests-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        path = String(cString: made)
    }

    deinit { empty(path) }

    private func empty(_ folder: String) {
        for name in (try? listFolder(folder)) ?? [] {
            let child = folder + "/" + name
            if unlink(child) != 0 { empty(child) }
        }
        rmdir(folder)
    }
}

private func mode(of path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}

struct AtomicFileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `a file is written with its folders, for the owner alone`() throws {
        let path = scratch.path + "/a/b/c.json"
        try AtomicFile.write(Array("one".utf8), to: path)
        #expect(try readFile(path, limit: 3) == Array("one".utf8))
        #expect(mode(of: path) == 0o600)
        #expect(mode(of: scratch.path + "/a/b") == 0o700)
    }

    @Test func `a file is replaced, its mode too, and no other file stays`() throws {
        let path = scratch.path + "/f"
        try AtomicFile.write(Array("old".utf8), to: path, mode: 0o644)
        #expect(mode(of: path) == 0o644)
        try AtomicFile.write([], to: path)
        #expect(try readFile(path, limit: 0) == [])
        #expect(mode(of: path) == 0o600)
        #expect(try listFolder(scratch.path) == ["f"])
    }

    @Test func `a link is replaced, and what it pointed to is left alone`() throws {
        let target = scratch.path + "/target"
        let link = scratch.path + "/link"
        try AtomicFile.write(Array("kept".utf8), to: target)
        #expect(symlink(target, link) == 0)
        try AtomicFile.write(Array("new".utf8), to: link)
        #expect(try readFile(target, limit: 10) == Array("kept".utf8))
        #expect(try readFile(link, limit: 10) == Array("new".utf8))
    }

    /// A report to `/dev/stdout` by root would leave a file there for every program.
    @Test func `what is no file keeps its place, also behind a link`() throws {
        let scratch = try Scratch()
        let pipe = scratch.path + "/pipe"
        let link = scratch.path + "/link"
        try #require(mkfifo(pipe, 0o600) == 0 && symlink(pipe, link) == 0)
        for path in [pipe, link] {
            let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
            #expect(error?.kind == .notARegularFile)
        }
        var status = stat()
        #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(try listFolder(scratch.path) == ["link", "pipe"])
    }

    @Test func `a folder in the file's place is an error that leaves no temporary file`() throws {
        let path = scratch.path + "/d"
        try AtomicFile.createFolder(path)
        #expect(throws: FileError(.notARegularFile, .write, path)) { try AtomicFile.write([1], to: path) }
        #expect(try listFolder(scratch.path) == ["d"])
    }

    @Test func `a file where a folder has to be is an error`() throws {
        let path = scratch.path + "/f"
        try AtomicFile.write([], to: path)
        #expect(throws: FileError(.notAFolder, .createFolder, path + "/g")) {
            try AtomicFile.write([], to: path + "/g/h")
        }
        #expect(throws: FileError(.notAFolder, .createFolder, path)) { try AtomicFile.createFolder(path) }
    }

    @Test(arguments: ["", "a\0b", "/tmp/folder/"])
    func `a path that names no file is refused`(path: String) {
        #expect(throws: FileError(.invalidPath, .write, path)) { try AtomicFile.write([], to: path) }
    }

    @Test func `removing is repeatable`() throws {
        let path = scratch.path + "/f"
        try AtomicFile.write([], to: path)
        try AtomicFile.remove(path)
        try AtomicFile.remove(path)
        #expect(try listFolder(scratch.path) == [])
        #expect(throws: FileError.self) { try AtomicFile.remove(scratch.path) }
    }

    @Test(arguments: [
        ("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b/", "a"), ("/", "/"), ("//a//b//", "//a"), ("", "."),
    ])
    func `the folder of a path`(path: String, folder: String) {
        #expect(parentFolder(of: path) == folder)
    }
}
