import Files
import Glibc
import Processes
import Testing

@testable import AzureAccount

/// A folder with an executable `az` that prints how it was called.
private func folderWithAz(_ script: String) throws -> String {
    let folder = "/tmp/azure-cli-test-" + String(UInt64.random(in: .min ... .max), radix: 36)
    try AtomicFile.write(Array("#!/bin/sh\n\(script)\n".utf8), to: folder + "/az", mode: 0o755)
    return folder
}

@Test func `the az on the PATH is run with its arguments, without a shell`() async throws {
    let folder = try folderWithAz(#"printf '%s|' "$@" "$AZURE_CORE_NO_COLOR"; echo 'ERROR: x' >&2; exit 3"#)
    defer {
        try? AtomicFile.remove(folder + "/az")
        _ = rmdir(folder)
    }
    let result = try await AzureCLI.installed(environment: ["PATH": folder]).run(["a b", "$HOME;true"])
    #expect(String(decoding: result.output, as: UTF8.self) == "a b|$HOME;true|true|")
    #expect(String(decoding: result.errors, as: UTF8.self) == "ERROR: x\n" && !result.succeeded)
    #expect(!"\(result)".contains("a b"))
}

@Test func `an az that is not there is a typed failure`() async {
    let error = await #expect(throws: ProcessError.self) {
        try await AzureCLI.installed(environment: ["PATH": "/nowhere"]).run([])
    }
    #expect(error?.kind == .notFound)
}
