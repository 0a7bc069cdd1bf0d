import JSON
import SystemRig
import Testing

/// What `rbac` prints is enough for a whole switch, and none of what it calls needed is too much.
extension RealCluster {
    @Suite struct `The least rights` {
        @Test(.timeLimit(.minutes(10)))
        func `a switch is done with the printed rights, and refuses without one of them`() async throws {
            try await inCluster(secrets: Self.secrets) { sandbox, plugin in
                let least = try await LeastRights(sandbox, plugin)
                #expect(least.groups == [LeastRights.others, LeastRights.others])
                let patch = try #require(least.verbs.first { $0.verb == "patch" && $0.resource == "configmaps" })
                try await least.takeAway(patch)
                try await least.expectRefusal(without: "\(patch)", naming: ["\(patch)"])
                try await least.giveBack()
                let write = "Microsoft.KeyVault/vaults/write"
                try await least.takeAway(write)
                try await least.expectRefusal(without: write, naming: [write])
                try await least.giveBack()
                try await expectWholePrivate(try await least.switchToPrivate(), sandbox)
            }
        }

        @Test(.isLong, .timeLimit(.minutes(20)))
        func `without any one of the needed rights a switch refuses by its name, and with them all it is done`()
            async throws
        {
            try await inCluster(secrets: Self.secrets) { sandbox, plugin in
                let least = try await LeastRights(sandbox, plugin, ["--needed-only"])
                #expect(least.verbs.count == 13 && least.actions.count == 15)
                for verb in least.verbs {
                    try await least.takeAway(verb)
                    // Preflight's words, or the API server's own.
                    try await least.expectRefusal(
                        without: "\(verb)", naming: ["\(verb)", "cannot \(verb.verb) resource \"\(verb.resource)\""])
                }
                try await least.giveBack()
                for action in least.actions where !Self.elsewhere.contains(action) {
                    try await least.takeAway(action)
                    let asked = action.replacing("*", with: "operations")
                    try await least.expectRefusal(without: action, naming: [asked])
                }
                try await least.giveBack()
                try await expectWholePrivate(try await least.switchToPrivate(), sandbox)
            }
        }

        @Test(.isLong, .timeLimit(.minutes(10)), arguments: [["--needed-only"], []])
        func `each other command is done with its own`(_ more: [String]) async throws {
            try await inCluster(secrets: Self.secrets) { sandbox, plugin in
                for command in [["status"], ["verify"], ["rewrite-secrets", "--yes"]] {
                    let least = try await LeastRights(sandbox, plugin, for: command[0], more)
                    let result = try await least.run(command)
                    #expect(result.exitCode == 0, "\(command): \(result.testDescription)")
                }
                let least = try await LeastRights(sandbox, plugin, for: "rewrite-secrets", more)
                let verified = try await least.run(["verify", "--patch", "--yes"])
                #expect(verified.exitCode == 0, "\(verified.testDescription)")
                try await expectPreflight(try await LeastRights(sandbox, plugin, for: "preflight", more), more)
            }
        }

        /// It reads everything, and finds that its caller could not switch.
        private func expectPreflight(_ least: LeastRights, _ more: [String]) async throws {
            let result = try await least.run(["preflight", "--private"])
            let checks = result.json?["checks"]?.array ?? []
            func ids(_ verdict: String) -> Set<String> {
                Set(checks.filter { $0["verdict"]?.string == verdict }.compactMap { $0["id"]?.string })
            }
            #expect(result.exitCode == 3)
            let rights: Set = ["rights-on-cluster", "rights-on-vault", "rights-linked"]
            #expect(
                ids("refuse") == (more.isEmpty ? rights.union(["kubernetes-rights"]) : ["kubernetes-rights"]),
                "\(result.testDescription)")
            let unread = rights.union([
                "cluster-operations", "maintenance-window", "identity-not-denied", "replicas-told-apart", "rights-last",
                "locks", "policy-restrictions", "other-consumers", "clock-skew",
            ])
            // What the metrics of Kubernetes 1.20 do not tell stays unknown with every right, as does a token's end.
            let unknown = ids("unknown").subtracting([
                "previous-key-released", "other-encrypted-resources", "kubernetes-credential-lasts",
            ])
            #expect(unknown == (more.isEmpty ? [] : unread), "\(result.testDescription)")
        }

        /// Each refusal tries them all first.
        private static let secrets = 100

        /// The sandbox's cluster is in a network of AKS.
        private static let elsewhere = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
}
