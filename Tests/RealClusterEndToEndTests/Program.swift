import Foundation
import Glibc

/// A program in the background, whose output goes to files.
final class Program: Sendable {
    struct Result: Sendable {
        var exitCode: Int32
        var output: String
        var errors: String
    }

    let identifier: pid_t
    private let ended: Task<Int32, any Error>
    private let files: (output: String, errors: String)

    /// - Parameter folder: where the files of its output go.
    init(_ executable: String, _ arguments: [String], environment: [String: String], folder: String) throws {
        let name = "\(folder)/\(UUID().uuidString)"
        files = (name + ".out", name + ".err")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment
        for path in [files.output, files.errors] {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: files.output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: files.errors))
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            // As a shell says it: 128 and the signal's number.
            continuation.yield(process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0))
            continuation.finish()
        }
        try process.run()
        identifier = process.processIdentifier
        ended = Task {
            for await code in stream { return code }
            throw RigError("\(executable) ended without a status")
        }
    }

    func signal(_ number: Int32) { kill(identifier, number) }

    /// What it has said on its standard error up to now.
    var errors: String { Self.read(files.errors) }

    /// Waits for the end.
    func result() async throws -> Result {
        let code = try await ended.value
        return Result(exitCode: code, output: Self.read(files.output), errors: Self.read(files.errors))
    }

    private static func read(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
