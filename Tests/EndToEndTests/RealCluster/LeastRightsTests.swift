import Testing

/// What `rbac` prints is enough for a whole switch, and none of what it calls needed is too much.
extension RealCluster {
    @Suite struct `The least rights` {
        @Test(.timeLimit(.minutes(10)))
        func `a switch is done with the printed rights, and refuses without one of them`() async throws {
            try await inCluster { sandbox, plugin in
                let least = try await LeastRights(sandbox, plugin)
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
            try await inCluster { sandbox, plugin in
                let least = try await LeastRights(sandbox, plugin, "--needed-only")
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

        /// The sandbox's cluster is in a network of AKS.
        private static let elsewhere = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
}
