import Azure
import Text
import Usage

/// Whether the key can encrypt and decrypt now and for as long as it is needed.
enum KeyChecks {
    static let all = [presence, versioned, enabled, lifetime, operations, type, RotationChecks.presentKey]

    static let presence = PreflightCheck(
        "key-present", "The key is there",
        why: "With the key deleted, what it encrypted cannot be read, and KMS cannot use it.",
        mend: "Recover the key. If it was purged, no one can.",
        source: "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption", ifUnknown: .refusesWhileVaultIsOpen,
        for: .endingOnVault, before: [.disable, .enable], look: { [$0.showKey] }
    ) { facts in
        facts.key.presence.and(facts.key.id).judge { presence, id in
            switch presence {
            case .present: .ok("the key \(id) is there")
            case .softDeleted:
                .refuse(
                    "the key \(id) is deleted, but can be recovered",
                    [
                        ShellCommand(
                            "az keyvault key recover",
                            [
                                "--vault-name": facts.names.vault,
                                "--name": (try? KeyIdentifier(parsing: id))?.name ?? id,
                            ])
                    ])
            case .gone: .refuse("the key \(id) does not exist", [facts.showKey])
            }
        }
    }

    static let versioned = PreflightCheck(
        "key-versioned", "The key id names a version",
        why: "The legacy KMS takes only a versioned key id, and journal and proof need the exact key.",
        mend: "Give the key id with its version.", source: "hashicorp/terraform-provider-azurerm#32947",
        ifUnknown: .refuses, for: .legacy, before: [.disable, .enable], look: { [$0.showCluster] }
    ) { facts in
        facts.key.id.judge { id in
            guard let key = try? KeyIdentifier(parsing: id) else {
                return .refuse(
                    "\(id) is not a key id: https://VAULT/keys/NAME/VERSION is expected", [facts.showCluster])
            }
            if facts.strategy.makesKeyVersion { return .ok("the run makes a version of the key \(key.name)") }
            if let version = key.version { return .ok("version \(version) of the key \(key.name)") }
            let versions = ShellCommand(
                "az keyvault key list-versions", ["--vault-name": facts.names.vault, "--name": key.name])
            return .refuse("the key id \(id) has no version", [versions])
        }
    }

    static let enabled = PreflightCheck(
        "key-enabled", "The key is enabled",
        why: "A disabled key neither encrypts nor decrypts; KMS cannot use it.",
        mend: "Enable the key.", source: "https://learn.microsoft.com/azure/aks/kms-observability",
        ifUnknown: .refusesWhileVaultIsOpen, for: .endingOnVault, before: [.disable, .enable], look: { [$0.showKey] }
    ) { facts in
        if facts.strategy.makesKeyVersion { return .notApplicable("the run makes the version") }
        return facts.key.enabled.and(facts.key.id).judge { enabled, id in
            enabled
                ? .ok("the key is enabled")
                : .refuse(
                    "the key \(id) is disabled",
                    [ShellCommand("az keyvault key set-attributes --enabled true", ["--id": id])])
        }
    }

    static let lifetime = PreflightCheck(
        "key-lifetime", "The key is valid, and will be for long",
        why: "An expired key encrypts no more, so KMS cannot be turned on with it; KMS fails the day when it expires.",
        mend: "Set a later expiry (an example is given), or rotate to a key that lasts.",
        source: "https://learn.microsoft.com/azure/aks/kms-observability", ifUnknown: .refusesWhileVaultIsOpen,
        for: .endingOnVault, before: [.disable, .enable], look: { [$0.showKey] }
    ) { facts in
        if facts.strategy.makesKeyVersion { return .notApplicable("the run makes the version") }
        return facts.key.expires.and(facts.key.notBefore).and(facts.key.id).judge { times, id in
            let (expires, notBefore) = times
            if let notBefore, notBefore > facts.now {
                return .refuse(
                    "the key \(id) is valid only \(duration(Double(notBefore - facts.now))) from now",
                    [
                        ShellCommand(
                            "az keyvault key set-attributes",
                            ["--id": id, "--not-before": utcTime(facts.now - 3600)])
                    ])
            }
            guard let expires else { return .ok("the key never expires") }
            let left = expires - facts.now
            let extend = ShellCommand(
                "az keyvault key set-attributes",
                ["--id": id, "--expires": utcTime(facts.now + 365 * 86400)])
            if left <= 0 { return .refuse("the key \(id) has expired", [extend]) }
            if left < 86400 { return .refuse("the key \(id) expires in \(duration(Double(left)))", [extend]) }
            if left < 30 * 86400 { return .warn("the key \(id) expires in \(duration(Double(left)))", [extend]) }
            return .ok("the key expires in \(duration(Double(left)))")
        }
    }

    static let operations = PreflightCheck(
        "key-operations", "The key may encrypt and decrypt",
        why: "A key without these operations makes ARM say that the identity has no permission.",
        mend: "Allow the key both operations.", source: "Azure/AKS#3575", ifUnknown: .refusesWhileVaultIsOpen,
        for: .endingOnVault,
        before: [.disable, .enable], look: { [$0.showKey] }
    ) { facts in
        facts.key.operations.and(facts.key.id).judge { operations, id in
            let missing = ["encrypt", "decrypt"].filter { wanted in
                !operations.contains { $0.lowercased() == wanted }
            }
            if missing.isEmpty { return .ok("the key may encrypt and decrypt") }
            return .refuse(
                "the key \(id) may not \(missing.joined(separator: " or "))",
                [
                    ShellCommand(
                        "az keyvault key set-attributes --ops encrypt decrypt sign verify wrapKey unwrapKey",
                        ["--id": id])
                ])
        }
    }

    static let type = PreflightCheck(
        "key-type", "The key is an RSA key",
        why: "KMS encrypts with RSA; a key of another type cannot.", mend: "Create an RSA key and rotate to it.",
        source: "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption", ifUnknown: .warns,
        for: .endingOnVault, before: [.disable], look: { [$0.showKey] }
    ) { facts in
        facts.key.type.judge { type in
            if ["rsa", "rsa-hsm"].contains(type.lowercased()) { return .ok("the key is of type \(type)") }
            let create = ShellCommand(
                "az keyvault key create --kty RSA --name kms-etcd", ["--vault-name": facts.names.vault])
            return .refuse("the key is of type \(type)", [create])
        }
    }
}
