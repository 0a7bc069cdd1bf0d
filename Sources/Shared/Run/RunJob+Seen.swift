import Azure
import AzureResources
import Connections
import ModeSwitch
import Preflight
import PreflightReading

extension RunJob {
    /// Vault and key as preflight read them, which the first look of a run does not read again while they are young.
    /// Right before the first change both are read anew.
    ///
    /// - Returns: nil where the key is not known to be usable, or is of another vault.
    func seenByPreflight(_ intent: Intent) async -> ClusterLooks.Rest? {
        guard let vault = subject.vault, let view = subject.vaultView, vault.id == intent.vaultID,
            let key = await reader.recentKey, let wanted = intent.keyID,
            key.id == .known(wanted.description), key.isUsable(at: Int64(surroundings.now))
        else { return nil }
        return ClusterLooks.Rest(vault: view, found: vault, key: .usable)
    }
}

extension PreflightFacts.Key {
    /// - Parameter now: seconds since 1970.
    fileprivate func isUsable(at now: Int64) -> Bool {
        guard presence == .known(.present), enabled == .known(true), case .known(let end) = expires else {
            return false
        }
        return end.map { $0 > now } ?? true
    }
}
