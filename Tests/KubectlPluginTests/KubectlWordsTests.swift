import ArgumentParser
import Testing

@testable import KubectlPlugin

/// Command lines as kubectl's users type them.
@Suite
struct `Words for kubectl` {
    private func normalized(_ line: String) throws -> String {
        try KubectlWords.normalized(line.split(separator: " ").map(String.init), .ofPlugin).joined(separator: " ")
    }

    @Test(arguments: [
        ("status -oyaml", "status -o yaml"), ("status -ojson", "status -o json"), ("status -o=json", "status -o json"),
        ("status -v6", "status -v 6"), ("status -v=6", "status -v 6"), ("status --v=6", "status --v=6"),
        ("status -wojson", "status -w -o json"), ("status -qw", "status -q -w"), ("status -w=false", "status"),
        ("status --watch=true", "status --watch"), ("status --watch=F", "status"),
        ("status --insecure-skip-tls-verify=false", "status"),
        ("status --insecure-skip-tls-verify=1", "status --insecure-skip-tls-verify"),
        ("status -grg --name c", "status -g rg --name c"), ("status -shttps://h", "status -s https://h"),
    ])
    func `are taken in every spelling that pflag takes`(_ typed: String, _ taken: String) throws {
        #expect(try normalized(typed) == taken)
        _ = try KubectlKMSVault.parseAsRoot(taken.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        "-n default", "-ndefault", "-n=default", "--namespace default", "--namespace=default", "--cache-dir /tmp/c",
        "--kuberc=/tmp/k", "--warnings-as-errors", "--match-server-version=false", "--profile none",
        "--log-flush-frequency 5s",
    ])
    func `that mean nothing here are taken as kubectl takes them`(_ flags: String) throws {
        #expect(try normalized("status \(flags) -o json") == "status -o json")
    }

    @Test(arguments: ["", "--help", "--version", "version", "status", "help status", "status --help", "switch -h"])
    func `that nothing can change are taken without a look at all commands`(_ typed: String) throws {
        let words = typed.split(separator: " ").map(String.init)
        var looks = 0
        func tree() -> CommandTree {
            looks += 1
            return .ofPlugin
        }
        #expect(try KubectlWords.normalized(words, tree()) == words)
        #expect(looks == 0)
        _ = try KubectlWords.normalized(["status", "-oyaml"], tree())
        #expect(looks == 1)
    }

    @Test func `keep values that look like flags, and what stands after two dashes`() throws {
        #expect(try normalized("status --token -oyaml") == "status --token -oyaml")
        #expect(try normalized("report -- -oyaml") == "report -- -oyaml")
        #expect(try normalized("status -o -v6") == "status -o -v6")
        #expect(try normalized("status --bogus-flag-of-nobody -x -") == "status --bogus-flag-of-nobody -x -")
        #expect(try normalized("status -o") == "status -o" && normalized("--context c status") == "--context c status")
    }

    @Test func `keep -n where it is a namespace`() throws {
        #expect(try normalized("rewrite-secrets -nteam-a -n team-b") == "rewrite-secrets -n team-a -n team-b")
    }

    @Test(arguments: ["status -g rg -n demo", "switch --private -n demo --resource-group=rg", "status -grg -ndemo"])
    func `-n beside a resource group is a mistake for --name`(_ line: String) {
        let error = #expect(throws: ValidationError.self) { try normalized(line) }
        #expect(error?.message.contains("name the cluster with --name demo") == true)
    }

    @Test func `a flag takes true or false`() {
        let error = #expect(throws: ValidationError.self) { try normalized("status --watch=maybe") }
        #expect(error?.message == "--watch takes true or false, not 'maybe'")
    }
}

@Suite
struct `Help for one command` {
    @Test(arguments: ["verify", "preflight"])
    func `lists no option that only a change needs`(_ name: String) throws {
        let help = try help(name)
        #expect(!help.contains("--yes") && !help.contains("--soak") && !help.contains("--operation-timeout"))
        #expect(help.contains("--timeout") && help.contains("--resource-group"))
        // Scripts may give them all the same.
        _ = try KubectlKMSVault.parseAsRoot([name, "--yes", "--soak", "5m"] + (name == "verify" ? [] : ["--private"]))
    }

    @Test(arguments: ["status", "switch", "verify", "history"])
    func `leaves the connection's options to the command options`(_ name: String) throws {
        let help = try help(name)
        #expect(!help.contains("--certificate-authority") && !help.contains("--as-group"))
        #expect(help.contains("kubectl kms-vault options"))
        // The Tab key offers them all the same.
        #expect(CommandTree.ofPlugin.command(name)?.option("--certificate-authority") != nil)
    }

    private func help(_ name: String) throws -> String {
        let type = try #require(
            KubectlKMSVault.configuration.subcommands.first { $0.configuration.commandName == name })
        return KubectlKMSVault.helpMessage(for: type, columns: 80)
    }
}
