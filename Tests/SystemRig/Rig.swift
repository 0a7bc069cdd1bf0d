import Foundation
package import Testing

/// What the tests need on this machine: the sandbox, kubectl and the built plugin.
package enum Rig {
    /// The folder in which the build left the plugin: the one that this test program runs from.
    private static let products: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
        return URL(fileURLWithPath: own).deletingLastPathComponent().path
    }()

    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    package static let environment = ProcessInfo.processInfo.environment

    /// Under swift test the program that runs is Swift's own helper, so the build folder is looked for as well.
    package static let plugin: String? = first([
        environment["KMS_VAULT_PLUGIN_BINARY"], products + "/kubectl-kms-vault",
        root + "/.build/debug/kubectl-kms-vault",
    ])
    package static let sandbox: String? = first([
        environment["KMS_VAULT_SANDBOX_BINARY"], root + "/Sandbox/.build-release/release/kms-vault-sandbox",
    ])
    package static let kubectl: String? = tool("kubectl")
    /// The folder into which install.sh has put the plugin under the name that kubectl looks for, if one was named.
    package static let installed = environment["KMS_VAULT_INSTALLED"]

    /// Whether all cases run; else some of each long table.
    package static let isWhole = environment["KMS_VAULT_E2E"] == "whole"

    /// All cases of a table, or every fifth of them.
    package static func chosen<Case>(_ cases: [Case]) -> [Case] {
        isWhole ? cases : stride(from: 0, to: cases.count, by: 5).map { cases[$0] }
    }

    package static let isThere = plugin != nil && sandbox != nil && kubectl != nil

    package static func tool(_ name: String) -> String? {
        first((environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" })
    }

    private static func first(_ paths: [String?]) -> String? {
        paths.compactMap { $0 }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Sandboxes at a time: most of a run is waiting, so more than there are cores.
    package static let places = Places(environment["KMS_VAULT_E2E_SANDBOXES"].flatMap(Int.init) ?? 7)
}

extension Trait where Self == ConditionTrait {
    package static var needsSandbox: ConditionTrait {
        .enabled(if: Rig.isThere, "the built plugin, kms-vault-sandbox and kubectl are needed (script/test-e2e)")
    }
}

/// Lets so many in at a time.
package actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(_ count: Int) { free = count }

    package func take() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    package func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

package struct RigError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Asks again and again, for at most so many seconds.
package func eventually(
    within seconds: Double = 240, every interval: Double = 0.2, _ what: @autoclosure () -> String,
    _ isTrue: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while !(try await isTrue()) {
        guard ContinuousClock.now < end else { throw RigError("not within \(Int(seconds)) s: \(what())") }
        try await Task.sleep(for: .seconds(interval))
    }
}
