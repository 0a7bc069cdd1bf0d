package import Azure

extension PreflightFacts {
    var job: PreflightJob { strategy.job }

    /// Whether Secrets are plaintext in the middle of the run.
    var exposesSecrets: Bool { job == .legacySwitch && !strategy.secondVault }

    /// What the run sets of the vault's network, in its order.
    var vaultSettings: [VaultSetting] {
        strategy.vaultSettings(to: target, access: vault.access.value, rules: vault.networkACLs.value)
    }
}

extension PreflightFacts.Strategy {
    /// Whether the vault is closed at the end, which turns away whoever else reaches it publicly.
    package func closesVault(_ target: NetworkMode) -> Bool {
        target == .privateAccess && !secondVault && (job == .legacySwitch || job == .newSwitch)
    }

    /// What the run sets of the vault's network, in its order. On the new experience that is only what does not hold
    /// yet; where it is not known what holds, it may be all.
    package func vaultSettings(
        to target: NetworkMode, access: VaultAccess?, rules: PreflightFacts.NetworkACLs?
    ) -> [VaultSetting] {
        switch job {
        case .legacySwitch:
            if secondVault { return [] }
            return target == .privateAccess ? [.closed] : [.open]
        case .legacyRotation, .newRotation, .toPlatformKey: return []
        case .newSwitch, .toCustomerKey: break
        }
        guard target == .privateAccess else {
            return (access == .enabled ? [] : [.open]) + (rules?.denies == false ? [] : [.allowNetworks])
        }
        let trust: [VaultSetting] = rules?.trust == .explicit ? [] : [.trustServices]
        guard closesVault(target) else { return trust }
        if closesFirewall { return trust + (access == .disabled || rules?.denies == true ? [] : [.denyNetworks]) }
        return trust + (access == .disabled ? [] : [.closed])
    }
}
