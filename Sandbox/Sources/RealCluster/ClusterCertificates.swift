import Foundation

/// The files with which the API servers prove who they are.
struct ClusterCertificates: Sendable {
    let folder: String
    /// The CA that clients trust.
    let authority: String
    let authorityKey: String

    var server: String { folder + "/server.crt" }
    var serverKey: String { folder + "/server.key" }
    var serviceAccountKey: String { folder + "/service-account.key" }

    /// Makes a server certificate for the loopback address and `names`, signed by `authority` or by a new CA.
    static func make(
        in folder: String, authority given: CertificateAuthorityFiles?, names: [String], openssl: String
    ) async throws -> ClusterCertificates {
        let files = ClusterCertificates(
            folder: folder,
            authority: given?.certificate ?? folder + "/ca.crt",
            authorityKey: given?.key ?? folder + "/ca.key")
        let log = folder + "/openssl.log"
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        if given == nil {
            try await ChildProcess.run(
                openssl,
                ["req", "-x509"] + newKey + [
                    "-keyout", files.authorityKey, "-out", files.authority, "-days", "2", "-subj", "/CN=sandbox-ca",
                    "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                ], log: log)
        }
        let alternatives = (["IP:127.0.0.1"] + (["localhost"] + names).map { "DNS:\($0)" }).joined(separator: ",")
        try await ChildProcess.run(
            openssl,
            ["req", "-x509"] + newKey + [
                "-keyout", files.serverKey, "-out", files.server, "-days", "2", "-subj", "/CN=kube-apiserver",
                "-CA", files.authority, "-CAkey", files.authorityKey,
                "-addext", "subjectAltName=\(alternatives)", "-addext", "basicConstraints=critical,CA:FALSE",
                "-addext", "extendedKeyUsage=serverAuth",
            ], log: log)
        // 1.20 insists on a key for service account tokens, and reads EC keys in the older form only, which ecparam
        // writes.
        try await ChildProcess.run(
            openssl, ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", files.serviceAccountKey], log: log)
        return files
    }
}
