import CPlatform

/// The C library's `open`, for a type that has an `open` of its own.
package func openDescriptor(_ path: String, _ flags: Int32, _ mode: UInt32 = 0) -> Int32 {
    open(path, flags, mode_t(mode))
}

/// The C library's `read`, for a type that has a `read` of its own.
package func readBytes(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int { read(descriptor, &buffer, buffer.count) }

/// Writes a file's content to the disk itself. Returns 0, or -1 with errno.
package func synchronizeDescriptor(_ descriptor: Int32) -> Int32 { cplatform_sync(descriptor) }

/// Forbids core files of this process and its children. False, with errno, where the system refuses.
package func forbidCoreFiles() -> Bool { cplatform_forbid_core_files() == 0 }

/// Keeps this process's memory away from other processes of the user. False, with errno, where the system refuses.
package func forbidDumping() -> Bool { cplatform_forbid_dumping() == 0 }

/// Has all threads allocate from one heap. To be called while there is one thread.
package func keepOneHeap() { cplatform_keep_one_heap() }

/// A descriptor that can be read from when the process has ended; -1 where the system has none.
package func descriptorOfEnd(of process: Int32) -> Int32 { cplatform_watch_end(process) }

/// Both ends of a new pipe, close-on-exec and not blocking: the one to read from, the one to write to. Nil, with errno,
/// where there is none to be had.
package func makePipe() -> (reader: Int32, writer: Int32)? {
    var ends: [Int32] = [-1, -1]
    return cplatform_pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
}

/// The columns of a terminal; nil where it does not tell.
package func terminalColumns(of descriptor: Int32) -> Int? {
    var size = winsize()
    return cplatform_window_size(descriptor, &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
}

/// The path of the program that runs, its symbolic links resolved; nil where the system does not tell.
package func programPath() -> String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard cplatform_program_path(&path) == 0 else { return nil }
    return String(decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// What opens the program that runs, also when its file was replaced meanwhile, where the system has such a name.
package func openableProgram() -> String? {
    #if os(Linux)
        "/proc/\(getpid())/exe"
    #else
        programPath()
    #endif
}

/// The system and the processor as kubectl names them: GOOS/GOARCH.
package var platformName: String {
    #if os(macOS)
        let system = "darwin"
    #else
        let system = "linux"
    #endif
    #if arch(arm64)
        return "\(system)/arm64"
    #else
        return "\(system)/amd64"
    #endif
}
