import Platform

/// Where Linux distributions keep the certificate authorities that the system trusts, as one PEM file.
///
/// libcurl's built-in path is that of the machine it was compiled on, which a static build carries elsewhere.
package enum CABundle {
    package static let candidates = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Alpine, Gentoo
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL, Azure Linux
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 7 and newer, where the link above is gone
        "/etc/ssl/ca-bundle.pem",  // openSUSE
        "/etc/ssl/cert.pem",  // Alpine without ca-certificates
    ]

    /// The first candidate that can be read; nil leaves libcurl its built-in choice.
    package static func find(isReadable: (String) -> Bool = { access($0, R_OK) == 0 }) -> String? {
        candidates.first(where: isReadable)
    }
}
