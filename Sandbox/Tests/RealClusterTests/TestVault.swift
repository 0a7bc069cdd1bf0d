import ClusterModel
import Foundation
import Synchronization

/// A vault whose network paths and keys a test opens and closes.
final class TestVault: KeyAccess {
    struct State {
        var openPaths: Set<NetworkPath> = [.publicEndpoint]
        var disabledKeys: Set<String> = []
        var calls = 0
    }

    let state = Mutex(State())

    func open(_ paths: Set<NetworkPath>) {
        state.withLock { $0.openPaths = paths }
    }

    func keyMaterial(keyID: String, over path: NetworkPath) async throws -> [UInt8] {
        try state.withLock { state in
            state.calls += 1
            guard state.openPaths.contains(path) else {
                throw VaultRefusal(code: "ForbiddenByConnection", message: "Public network access is disabled")
            }
            guard !state.disabledKeys.contains(keyID) else {
                throw VaultRefusal(code: "KeyDisabled", message: "the key is disabled")
            }
        }
        return Array(keyID.utf8.reversed())
    }
}
