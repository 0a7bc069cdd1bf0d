import AzureStandIn

/// How a recording is replayed against the sandbox, and in what the sandbox is known to differ from it.
struct ReplayCase: Sendable {
    /// A difference that is known, with the reason. One that no longer occurs fails the replay.
    struct Gap: Sendable {
        /// As `AnswerFacts` writes it.
        var path: String
        /// `nil` for all of the recording.
        var exchange: Int?
        var reason: String

        func explains(_ difference: Difference) -> Bool {
            path == difference.path && (exchange == nil || exchange == difference.exchange)
        }
    }

    /// What is done to the sandbox before an exchange.
    enum Preparation: Sendable {
        case fault(JSON)
        case endFaults
    }

    /// The file's name, without `.json`.
    var file: String
    /// A world with the names of the recording.
    var world: WorldDescription
    var before: [Int: [Preparation]] = [:]
    /// Texts of the recording that have to be others in the sandbox, because it derives them itself.
    var names: [(recorded: String, served: String)] = []
    /// Exchanges without a token.
    var anonymous: Set<Int> = []
    /// Stages that the sandbox goes through and the recording, being older, does not name.
    var laterStages: [String] = []
    var gaps: [Gap] = []
}

extension ReplayCase {
    static func gaps(_ reason: String, at exchange: Int? = nil, _ paths: String...) -> [Gap] {
        paths.map { Gap(path: $0, exchange: exchange, reason: reason) }
    }

    /// A world with the names that the recordings written by hand use.
    static var ownWorld: WorldDescription {
        var world = WorldDescription()
        world.subscriptionID = "00000000-0000-0000-0000-000000000000"
        world.tenantID = "11111111-1111-4111-8111-111111111111"
        world.resourceGroup = "replay-group"
        world.cluster = "replay-cluster"
        world.vaults = [
            .init(name: "replay-vault"), .init(name: "replay-closed", publicNetworkAccess: "Disabled"),
        ]
        return world
    }

    /// One of those written by hand.
    static func own(
        _ file: String, mode: String = "Public", before: [Int: [Preparation]] = [:], anonymous: Set<Int> = [],
        gaps: [Gap] = []
    ) -> ReplayCase {
        var world = ownWorld
        world.mode = mode
        return ReplayCase(
            file: file, world: world, before: before,
            names: world.derivedNames(key: "0123456789abcdef0123456789abcdef"),
            anonymous: anonymous, gaps: gaps)
    }
}

extension WorldDescription {
    /// A key's version is derived from its name, so that storage outlives the sandbox: it cannot be the recorded one.
    func derivedNames(key version: String) -> [(recorded: String, served: String)] {
        vaults.map { vault in
            let id = keyID(vault: vault.name, suffix: ".vault.azure.net")
            return ("https://\(vault.name).vault.azure.net/keys/kms/\(version)", id)
        }
            + vaults.prefix(1).map { vault in
                (version, String(keyID(vault: vault.name, suffix: ".vault.azure.net").suffix(32)))
            }
    }
}
