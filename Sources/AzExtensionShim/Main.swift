import AzureAccount
import Connections
import Console
import Files
import HTTP
import JSON
import ModeSwitch
import Platform
import Processes
import Run

/// `az-kms-vault-shim`: does for `az aks kms-vault-mode` what kubectl-kms-vault does for kubectl. docs/shim-protocol.md
@main
enum Main {
    static func main() async {
        keepOneHeap()
        Interruption.install()
        // Tokens come over the pipe, and must not reach a core file.
        try? secureProcess()
        if CommandLine.arguments.dropFirst().contains(where: { $0 == "--version" || $0 == "version" }) {
            TextWriter.standardOutput.write("az-kms-vault-shim \(productVersion)\n")
            _exit(0)
        }
        let (lines, continuation) = AsyncStream.makeStream(of: InputLine.self)
        let code = await withTaskGroup(of: Int32?.self) { group in
            group.addTask {
                await onOwnThread {
                    LineReader.read(STDIN_FILENO, limit: ShimProtocol.longestLine, into: continuation)
                }
                return nil
            }
            group.addTask { await Shim(writer: .standardOutput()).serve(lines) }
            while let next = await group.next() {
                // The reader may be waiting for az still; everything was written with write(2), so nothing is lost.
                if let next { _exit(next) }
            }
            return ModeSwitch.ExitCode.failed.rawValue
        }
        _exit(code)
    }
}
