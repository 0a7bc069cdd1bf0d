import Foundation
import Glibc

/// A program in the background. Its output goes to files, so that nothing has to read while it runs.
final class RunningProgram: Sendable {
    struct Result: Sendable {
        var exitCode: Int32
        var output: String
        var errors: String
    }

    let identifier: pid_t
    private let ended: Task<Int32, any Error>
    private let outputFile: String
    private let errorFile: String

    /// - Parameters:
    ///   - environment: the whole environment of the child.
    ///   - folder: where the files of its output go.
    init(_ executable: String, _ arguments: [String], environment: [String: String], folder: String) throws {
        let name = UUID().uuidString
        outputFile = "\(folder)/\(name).out"
        errorFile = "\(folder)/\(name).err"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment
        for path in [outputFile, errorFile] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputFile))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorFile))
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
    var errors: String { read(errorFile) }

    /// Waits for the end.
    func result() async throws -> Result {
        let code = try await ended.value
        return Result(exitCode: code, output: read(outputFile), errors: read(errorFile))
    }

    private func read(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
