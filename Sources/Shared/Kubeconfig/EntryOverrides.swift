extension ClusterEntry {
    /// The flags over the entry, as client-go's getCluster lays them.
    func applying(_ overrides: KubeconfigOverrides) -> ClusterEntry {
        var result = self
        if let server = overrides.server.nonEmpty { result.server = server }
        // Another server makes the entry's name for verification meaningless, unless it is given too.
        if overrides.server.nonEmpty != nil || overrides.tlsServerName.nonEmpty != nil {
            result.tlsServerName = overrides.tlsServerName ?? ""
        }
        // Either flag about trust sets aside all that the entry says of it.
        if overrides.insecureSkipTLSVerify || overrides.certificateAuthority.nonEmpty != nil {
            result.insecureSkipTLSVerify = overrides.insecureSkipTLSVerify
            result.certificateAuthority = overrides.certificateAuthority ?? ""
            result.certificateAuthorityData = []
        }
        if overrides.disableCompression { result.disableCompression = true }
        return result
    }
}

extension UserEntry {
    var hasCertificate: Bool { !clientCertificate.isEmpty || !clientCertificateData.isEmpty }
    var hasBasic: Bool { !username.isEmpty || !password.isEmpty }

    /// The flags over the entry, as client-go's getAuthInfo lays them.
    func applying(_ overrides: KubeconfigOverrides) -> UserEntry {
        var result = self
        if let token = overrides.token.nonEmpty { result.token = token }
        if let username = overrides.username.nonEmpty { result.username = username }
        if let password = overrides.password.nonEmpty { result.password = password }
        if let certificate = overrides.clientCertificate.nonEmpty {
            result.clientCertificate = certificate
            result.clientCertificateData = []
        }
        if let key = overrides.clientKey.nonEmpty {
            result.clientKey = key
            result.clientKeyData = []
        }
        result.impersonation.override(with: overrides.impersonation)
        return result
    }
}

extension KubeconfigOverrides {
    var impersonation: Impersonation {
        var result = Impersonation()
        result.user = impersonateUser ?? ""
        result.uid = impersonateUID ?? ""
        result.groups = impersonateGroups
        result.extra = impersonateExtra
        return result
    }
}
