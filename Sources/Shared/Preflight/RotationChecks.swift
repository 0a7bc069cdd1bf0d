import Azure
import Text
import Usage

/// What another version of the key needs: two that can be used at the same time, and, where the run makes the new one,
/// the way to Key Vault's own endpoint.
enum RotationChecks {
    static let versionOne = PreflightCheck(
        "kms-v1-rotation", "A rewrite takes up the new key",
        why: """
            KMS v1, before Kubernetes 1.27, does not tell by which key a Secret was stored: a rewrite changes nothing \
            then, and every Secret would stay on the old key unseen.
            """,
        mend: """
            Turn KMS off and on again with the new key, with a rewrite after each: in between, Secrets are plaintext. \
            Versions of Kubernetes that Azure supports have KMS v2.
            """,
        source: "https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/", ifUnknown: .refuses,
        for: [.legacyRotation], before: [.disable], look: { [$0.showCluster] }
    ) { facts in
        facts.kubernetesVersion.judge { text in
            guard let version = MinorVersion(text) else { return .unknown("\(text) is not a Kubernetes version") }
            if version >= MinorVersion(1, 27) { return .ok("Kubernetes \(text) has KMS v2") }
            let key = facts.key.id.value.flatMap { try? KeyIdentifier(parsingVersioned: $0) }
            let turnOn =
                key.map { facts.ours(.makeSafe, .value(.knownKeyID, $0.description)) } ?? facts.ours(.makeSafe)
            return .refuse(
                "Kubernetes \(text) has KMS v1",
                [
                    facts.onCluster("az aks update --disable-azure-keyvault-kms"), facts.ours(.rewriteSecrets), turnOn,
                ])
        }
    }

    static let presentKey = PreflightCheck(
        "present-key", "The key in use can still decrypt",
        why: """
            Each Secret is read with the key that encrypted it until it has been rewritten. The legacy KMS uses two keys \
            at the same time, so the older version must stay until the next rotation. An expired key still decrypts.
            """,
        mend: "Enable the key or recover it. If it was purged, no one can.",
        source: "https://learn.microsoft.com/azure/key-vault/keys/about-keys-details", ifUnknown: .warns,
        for: Set.migrations.union([.legacyRotation]), before: [.disable], look: { [$0.showPresentKey] }
    ) { facts in
        let key = facts.presentKey
        return key.presence.and(key.id).judge { presence, id in
            guard presence == .present else { return .refuse("the key \(id) does not exist", [facts.showPresentKey]) }
            return key.enabled.and(key.expires).judge { enabled, expires in
                guard enabled else {
                    return .refuse(
                        "the key \(id) is disabled",
                        [ShellCommand("az keyvault key set-attributes --enabled true", ["--id": id])])
                }
                guard let expires, expires <= facts.now else { return .ok("the key \(id) can decrypt") }
                return .warn(
                    "the key \(id) has expired \(duration(Double(facts.now - expires))) ago",
                    [
                        ShellCommand(
                            "az keyvault key set-attributes",
                            ["--id": id, "--expires": utcTime(facts.now + 365 * 86400)])
                    ])
            }
        }
    }

    static let door = PreflightCheck(
        "vault-lets-you-in", "The vault lets this machine in",
        why: "Only Key Vault's own endpoint makes a version of a key, and a closed vault turns this machine away.",
        mend: """
            Run it on a machine that the vault lets in, through its private endpoint or an address of its firewall. Or \
            make the version there (the command is given): on the legacy KMS, rotate to it without --new-version; on the \
            new KMS experience, Azure takes it by itself.
            """,
        source: "https://learn.microsoft.com/azure/key-vault/general/network-security", ifUnknown: .warns,
        for: [.legacyRotation, .newRotation], look: { [makeVersion($0)] }
    ) { facts in
        guard facts.strategy.makesKeyVersion else { return .notApplicable("the run makes no version") }
        return facts.vault.door.judge { door in
            door == .open
                ? .ok("vault \(facts.names.vault) lets this machine in")
                : .refuse("vault \(facts.names.vault) turns this machine's network away", [makeVersion(facts)])
        }
    }

    static let makesVersion = PreflightCheck(
        "rights-make-version", "You may make a version of the key",
        why: "Without keys/rotate on the key, Key Vault refuses; nothing has been changed then.",
        mend: """
            Ask for a role that gives it on the key, such as Key Vault Crypto Officer, or for an access policy with \
            rotate; or have the version made with the command that is given.
            """,
        source: "https://learn.microsoft.com/azure/role-based-access-control/permissions/security", ifUnknown: .warns,
        for: [.legacyRotation, .newRotation], look: { [$0.showVault, makeVersion($0)] }
    ) { facts in
        guard facts.strategy.makesKeyVersion else { return .notApplicable("the run makes no version") }
        return facts.vault.rbacAuthorization.judge { byRole in
            byRole ? byRoles(facts) : byPolicies(facts)
        }
    }

    /// A role at the key itself does not show at the vault.
    private static func byRoles(_ facts: PreflightFacts) -> Finding {
        facts.rights.onVault.judge { permissions in
            if permissions.allowData(AzureRight.rotateKey) { return .ok("you have \(AzureRight.rotateKey)") }
            return .warn(
                "no role of yours at vault \(facts.names.vault) gives \(AzureRight.rotateKey); one at the key may",
                [
                    ShellCommand(
                        "kubectl kms-vault rbac --azure --for rotate",
                        ["--subscription": facts.names.vaultSubscription]), makeVersion(facts),
                ])
        }
    }

    private static func byPolicies(_ facts: PreflightFacts) -> Finding {
        facts.identity.accessPolicies.judge { policies in
            let giving = policies.filter { $0.allows("rotate") }.map(\.objectID)
            if giving.isEmpty {
                return .warn(
                    "no access policy of vault \(facts.names.vault) gives rotate",
                    [facts.showVault, makeVersion(facts)])
            }
            return .unknown(
                "access policies of vault \(facts.names.vault) give rotate to \(listed(giving)); who you are there does "
                    + "not show")
        }
    }

    private static func makeVersion(_ facts: PreflightFacts) -> ShellCommand {
        let name = facts.key.id.value.flatMap { try? KeyIdentifier(parsing: $0) }?.name ?? "KEY"
        return ShellCommand("az keyvault key rotate", ["--vault-name": facts.names.vault, "--name": name])
    }
}

extension PreflightFacts {
    /// Without a key id, the cluster shows it first.
    var showPresentKey: ShellCommand {
        guard let id = presentKey.id.value else { return showCluster }
        return ShellCommand("az keyvault key show", ["--id": id])
    }
}
