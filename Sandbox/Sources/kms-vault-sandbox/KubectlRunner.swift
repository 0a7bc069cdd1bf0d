import AzureStandIn
import Foundation

/// Runs kubectl on this machine for `az aks command invoke`.
struct KubectlRunner: CommandRunner {
    /// Where each command gets a folder of its own.
    let folder: SandboxFolder

    func run(_ arguments: [String], kubeconfig: String, archive: [UInt8]) async -> CommandOutcome {
        do {
            let home = folder.path("commands/" + UUID().uuidString)
            try FileManager.default.createDirectory(
                atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            defer { try? FileManager.default.removeItem(atPath: home) }
            try Data(kubeconfig.utf8).write(to: URL(fileURLWithPath: home + "/kubeconfig"))
            let files = home + "/files"
            try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: false)
            if !archive.isEmpty {
                try Data(archive).write(to: URL(fileURLWithPath: home + "/context.zip"))
                let unpacked = try await finish(
                    ["python3", "-m", "zipfile", "-e", home + "/context.zip", files], home: home, in: files)
                guard unpacked.exitCode == 0 else { return unpacked }
            }
            return try await finish(arguments, home: home, in: files)
        } catch {
            return CommandOutcome(exitCode: 126, logs: "\(error)\n")
        }
    }

    /// Both outputs in one, as a pod's log has them. `timeout` ends what Azure would not wait for.
    private func finish(_ arguments: [String], home: String, in directory: String) async throws -> CommandOutcome {
        let output = home + "/output"
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let file = FileHandle(forWritingAtPath: output)
        else { throw SandboxError("\(output) cannot be written.") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["timeout", "300"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": home,
            "KUBECONFIG": home + "/kubeconfig",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        let status = try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { ended.resume(throwing: error) }
        }
        try? file.close()
        let logs = String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
        return CommandOutcome(exitCode: Int(status), logs: logs)
    }
}
