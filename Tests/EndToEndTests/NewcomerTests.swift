import SystemRig
import Testing

/// What people try who do not know the tool yet: the first line says what to do.
@Suite(.needsSandbox)
struct `A newcomer` {
    private func firstLine(_ result: Plugin.Result) -> String {
        String(result.errors.split(separator: "\n").first { !$0.contains("Z Preflight") } ?? "")
    }

    @Test func `who mistypes is told what to type`() async throws {
        try await inSandbox { sandbox, plugin in
            let wrong: [([String], String)] = [
                (["status", "-g", sandbox.resourceGroup, "-n", sandbox.cluster], "--name \(sandbox.cluster)"),
                (["switch", "--private", "--public"], "give --private or --public, not both"),
                (
                    ["rewrite-secrets", "-n", "nonesuch", "--yes"] + plugin.target,
                    "there is no namespace nonesuch"
                ),
                (
                    ["switch", "--private", "--yes", "--timeout", "1s"] + plugin.target,
                    "--timeout leaves less time than the plan takes"
                ),
            ]
            for (arguments, says) in wrong {
                let result = try await plugin.run(arguments)
                #expect(result.exitCode == 2, "\(arguments): \(result.testDescription)")
                #expect(firstLine(result).contains(says), "\(arguments): \(result.testDescription)")
            }
            for arguments in [["-oyaml", "-v0"], ["-n", "default", "--cache-dir", "/tmp/none"]] {
                let result = try await plugin.run(["status"] + plugin.target + arguments)
                #expect(result.exitCode == 0, "\(result.testDescription)")
            }
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }

    @Test func `whose disk is full is told that the result is lost`() async throws {
        try await inSandbox { _, plugin in
            var there = plugin
            there.launcher = ["/bin/sh", "-c", #"exec "$@" >/dev/full"#, "sh"]
            for command in [["status", "-o", "json"], ["version"], ["list"]] {
                let result = try await there.run(command + (command[0] == "status" ? plugin.target : []))
                #expect(result.exitCode == 1, "\(command): \(result.testDescription)")
                #expect(firstLine(result).contains("the result could not be written to standard output"))
            }
            // A reader that has seen enough is no failure.
            there.launcher = ["/bin/sh", "-c", #"exec "$@" | true"#, "sh"]
            #expect(try await there.run(["list"]).errors == "")
        }
    }

    @Test func `whose cluster never had KMS hears of no unfinished run`() async throws {
        try await inSandbox(SandboxOptions(mode: "Off")) { sandbox, plugin in
            for command in ["status", "make-safe", "resume"] {
                let yes = command == "status" ? [] : ["--yes"]
                let result = try await plugin.run([command] + plugin.target + yes)
                #expect(!result.all.contains(" again"), "\(result.testDescription)")
                #expect(!result.all.contains("unfinished run may have"), "\(result.testDescription)")
                #expect(result.all.contains("--key-id"), "\(result.testDescription)")
            }
            #expect(try await sandbox.state().operations.isEmpty)
        }
    }
}
