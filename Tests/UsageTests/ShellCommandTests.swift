import Foundation
import Testing

@testable import Usage

@Test(arguments: ["", "plain", "-n", "a b", "it's", "$HOME", "`id`", "a\\b", "!x", "ü", "*", "a=b", "~root"])
func `a shell reads a quoted value back as it was`(_ value: String) throws {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "printf %s \(ShellCommand.quoted(value))"]
    let output = Pipe()
    shell.standardOutput = output
    try shell.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    shell.waitUntilExit()
    #expect(String(decoding: bytes, as: UTF8.self) == value)
}

@Test func `a value that begins with a dash cannot be taken for an option`() {
    #expect(ShellCommand("az x", ["--name": "-rf"]).line(for: .kubectl) == "az x --name=-rf")
    #expect(ShellCommand("kubectl x", operands: ["-rf"]).line(for: .kubectl) == "kubectl x -- -rf")
    #expect(
        ShellCommand("kubectl x --flag", operands: ["a b"], ["--n": "c"]).line(for: .kubectl)
            == "kubectl x --flag --n c 'a b'")
}

@Test func `a name that drives terminals stands harmless within its quotes`() {
    #expect(ShellCommand.quoted("a\u{1b}[2J\n") == "'a?[2J?'")
}
