import Azure
import AzureResources
import Connections
import ModeSwitch
import Text
import Usage

/// What `rotate` and `migrate` find before they change anything.
extension RunJob {
    /// The intent and plan of a rotation.
    package func prepareRotate() async throws -> Prepared {
        try maker.refuseUnknown()
        let found = try await records()
        try refuseUnfinished(found)
        let key = try await keyToRotateTo()
        return try await prepared(try maker.rotateIntent(to: key), Receipts(), found)
    }

    /// The intent and plan of a migration.
    package func prepareMigrate() async throws -> Prepared {
        let intent = try maker.migrateIntent()
        let found = try await records()
        try refuseUnfinished(found)
        return try await prepared(intent, Receipts(), found)
    }

    private func keyToRotateTo() async throws(SubjectError) -> KeyIdentifier {
        let profile = subject.cluster.kmsProfile
        let present = try presentKey(profile)
        if options.makesKeyVersion { return present.versionless }
        if profile.isNew { throw await takenByAzure(present) }
        if let named = subject.namedKey {
            guard named.vaultAuthority == present.vaultAuthority else {
                throw SubjectError(
                    .refused, "--key-id names a key in another vault",
                    next: """
                        \(ShellCommand.own(.switchMode, .target(profile.mode), .value(.newKeyID, named.description))) \
                        moves KMS to it
                        """)
            }
            if profile.names(named) { throw alreadyUsed(named) }
            return named
        }
        let newest = try await newestVersion(of: present)
        if profile.names(newest) { throw alreadyUsed(newest) }
        return newest
    }

    private func presentKey(_ profile: KMSProfile) throws(SubjectError) -> KeyIdentifier {
        if profile.isPlatformManaged {
            throw SubjectError(
                .refused, "Azure's own key encrypts the Secrets of \(subject.clusterID.name), and Azure rotates it",
                next:
                    "nothing: \(ShellCommand.own(.verify, .flag(.patch))) shows that every Secret is on the newest version"
            )
        }
        guard profile.enabled else {
            throw SubjectError(
                .refused, "KMS is off: there is no key in use to rotate",
                next: "\(ShellCommand.own(.makeSafe)) turns KMS on again; it takes --key-id")
        }
        guard let key = try? KeyIdentifier(parsing: profile.keyID), subject.vault != nil else {
            throw SubjectError(
                .refused, "no vault that you can read owns the key \(profile.keyID.printable(limit: 200))",
                next: "name it with --key-vault-resource-id, if you may read it")
        }
        return key
    }

    /// Azure looks for new versions by itself, so that all there is to do is to make one.
    private func takenByAzure(_ key: KeyIdentifier) async -> SubjectError {
        var age = ""
        if let vault = subject.vault, let newest = try? await Vaults(arm: azure.arm).key(key.versionless, in: vault.id),
            let created = newest.created
        {
            age = "; the newest is \(duration(max(0, surroundings.now - Double(created)))) old"
        }
        return SubjectError(
            .refused,
            "on the new KMS experience Azure takes a new version of the key by itself, within six hours\(age)",
            next: """
                \(ShellCommand.own(.rotate, .flag(.newVersion))) makes a version and waits until it is taken; \
                \(ShellCommand.own(.verify, .flag(.patch))) shows whether every Secret is on the newest
                """)
    }

    private func newestVersion(of key: KeyIdentifier) async throws(SubjectError) -> KeyIdentifier {
        let advice: Advice =
            "name the version with --key-id: az keyvault key list-versions --vault-name \(key.vaultName) --name \(key.name)"
        guard let vault = subject.vault else { throw SubjectError(.refused, "no vault was found", next: advice) }
        let newest: VaultKey
        do { newest = try await Vaults(arm: azure.arm).key(key.versionless, in: vault.id) } catch {
            throw SubjectError(.refused, "the newest version of \(key.name) could not be read: \(error)", next: advice)
        }
        guard let id = newest.id, id.isSameKey(as: key) else {
            throw SubjectError(.refused, "Azure does not tell the newest version of \(key.name)", next: advice)
        }
        let isExpired = newest.expires.map { Double($0) <= surroundings.now } ?? false
        guard newest.isEnabled != false, !isExpired else {
            throw SubjectError(
                .refused, "the newest version of \(key.name) is \(isExpired ? "expired" : "disabled")", next: advice)
        }
        return id
    }

    private func alreadyUsed(_ key: KeyIdentifier) -> SubjectError {
        SubjectError(
            .refused, "KMS uses \(key) already",
            next: "\(ShellCommand.own(.rotate, .flag(.newVersion))) makes a new version and rotates to it")
    }
}
