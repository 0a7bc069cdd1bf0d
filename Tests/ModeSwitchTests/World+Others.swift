import Azure
import ModeSwitch

/// What Azure and other people do between two steps of a run.
extension World {
    /// An API server goes back to the configuration before. It still reads with the newest key: AKS gives every API
    /// server a new key to read with before any writes with it.
    func slips(_ intent: Intent) -> [(String, World)] {
        // Once the public path is closed a slip is no step of ours (after an early close: the risk that
        // `--close-vault-first` warns of).
        let atRisk = intent.original.mode == .publicAccess && (vault == .disabled || firewallDenies)
        if evidenceIsFresh || atRisk { return [] }
        return faulty("replica 0 rolls back") { $0.rollBack(0) }
    }

    func movesOfOthers(_ intent: Intent) -> [(String, World)] {
        var moves: [(String, World)] = []
        // Restoring Public behind a closed vault breaks the cluster by itself, and nothing leads back to the legacy KMS
        // (AKS documentation, concepts: "No downgrade").
        if !kms.means(intent.original), !firewallDenies, vault == intent.originalVaultAccess || vault == .enabled,
            intent.original.isNew || !kms.isNew
        {
            moves += others("another admin restores the original profile") { $0.restore(intent.original) }
        }
        if !kms.isNew { moves += others("a colleague migrates the cluster") { $0.restore(.platformManaged) } }
        if kms.enabled, !kms.isNew {
            moves += off(intent)
            moves += faulty("a colleague turns KMS off and on again") { world in
                world.secrets[1] = .plaintext
                world.eTag += 2
            }
        }
        return moves
    }

    /// Where a run turns KMS off itself, what it finds off is explored as a lost journal, and at the end of one job.
    private func off(_ intent: Intent) -> [(String, World)] {
        let isAtEnd = intent.target == .publicAccess && kms.means(intent.targetProfile)
        guard !intent.keepsStoredKey || isAtEnd else { return [] }
        return others("a colleague turns KMS off") { world in
            var off = world.kms
            off.enabled = false
            world.restore(off)
        }
    }

    fileprivate mutating func rollBack(_ index: Int) {
        guard replicas[index] != previous[index], !rolledBack.contains(index) else { return }
        behind[index] = configured(kms, previous[index])
        rolledBack.insert(index)
        let newest = replicas[index]
        replicas[index] = previous[index]
        if newest.keyID != previous[index].keyID {
            replicas[index].previousKeyID = newest.keyID
            replicas[index].previousPath = newest.path
        }
    }

    private mutating func restore(_ profile: KMSProfile) {
        eTag += 1
        previous = replicas
        kms = profile
        replicas = replicas.map { configured(profile, $0) }
        behind = [:]
        settle()
    }
}
