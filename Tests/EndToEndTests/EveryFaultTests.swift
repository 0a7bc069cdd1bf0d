import Foundation
import SystemRig
import Testing

@Suite(.needsSandbox)
struct `Every fault of the sandbox` {
    private static let tables = [
        `Faults of an update`.passing, `Faults of an update`.early, `Faults of an update`.late,
        `Faults of reads and of sign-in`.polls, `Faults of reads and of sign-in`.signIn,
        `Faults of the vault and its key`.passing, `Faults of the vault and its key`.policies,
        `Faults of the vault and its key`.keys, `Faults of the vault and its key`.keysInMidRun,
        `Faults of the vault and its key`.expired, `Changes by others`.cases, `API servers that lag`.cases,
    ]

    /// Those that have a test of their own beside the tables.
    private static let alone: Set = [
        "get-drops-key-id-after-disable", "get-keeps-key-id-after-disable", "token-expires-soon",
        "private-endpoint-pending", "cluster-recreated", "cluster-order",
        // Of the new KMS experience: `A job on the new KMS experience`.
        "refuse-new-mode-change", "refuse-direct-customer-key", "controller-off", "migration-keeps-stored-form",
    ]

    @Test func `is run through by a switch`() async throws {
        let folder = NSTemporaryDirectory() + "/kms-vault-faults-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let list = try RunningProgram(
            try #require(Rig.sandbox), ["faults"], environment: ProcessInfo.processInfo.environment, folder: folder)
        let names = try await list.result().output.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init)
        #expect(names.count > 50)
        let tested = Set(Self.tables.joined().flatMap { $0.scripts.map(\.name) }).union(Self.alone)
            .union(`What is inferred of the new experience`.switches)
        #expect(Set(names).subtracting(tested).isEmpty)
        #expect(tested.subtracting(names).isEmpty)
    }
}
