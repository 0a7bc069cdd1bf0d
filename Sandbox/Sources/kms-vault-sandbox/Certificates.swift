import Foundation
import NIOSSL

/// A CA made for this sandbox and a certificate for its names, by the openssl command.
enum Certificates {
    static func make(in folder: SandboxFolder) throws -> TLSConfiguration {
        let extensions = folder.path("tls/extensions.cnf")
        try folder.write(
            "tls/extensions.cnf",
            """
            [ca]
            basicConstraints = critical,CA:TRUE
            keyUsage = critical,keyCertSign,cRLSign
            subjectKeyIdentifier = hash
            [server]
            basicConstraints = critical,CA:FALSE
            keyUsage = critical,digitalSignature
            extendedKeyUsage = serverAuth
            subjectKeyIdentifier = hash
            authorityKeyIdentifier = keyid
            subjectAltName = DNS:localhost,DNS:*.localhost,DNS:*.vault.localhost,IP:127.0.0.1
            [req]
            distinguished_name = name
            [name]

            """)
        let (ca, caKey) = (folder.path("ca.pem"), folder.path("tls/ca.key"))
        let (certificate, key) = (folder.path("tls/server.pem"), folder.path("tls/server.key"))
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        try openssl(
            ["req", "-x509", "-days", "30", "-subj", "/CN=kms-vault-sandbox CA", "-extensions", "ca"]
                + curve + ["-config", extensions, "-keyout", caKey, "-out", ca])
        let request = folder.path("tls/server.csr")
        try openssl(
            ["req", "-subj", "/CN=localhost", "-config", extensions] + curve + ["-keyout", key, "-out", request])
        try openssl([
            "x509", "-req", "-days", "30", "-in", request, "-CA", ca, "-CAkey", caKey, "-CAcreateserial",
            "-extfile", extensions, "-extensions", "server", "-out", certificate,
        ])
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }

    /// A certificate for the service principal, which `az login --certificate` takes with its key from
    /// `service-principal.pem`.
    /// - Returns: PEM of the certificate and of its public key.
    static func makeClient(in folder: SandboxFolder) throws -> String {
        let (key, certificate) = (folder.path("tls/client.key"), folder.path("tls/client.pem"))
        try openssl([
            "req", "-x509", "-days", "30", "-subj", "/CN=kms-vault-sandbox client", "-newkey", "rsa:2048", "-nodes",
            "-keyout", key, "-out", certificate,
        ])
        let publicKey = folder.path("tls/client-public.pem")
        try openssl(["x509", "-in", certificate, "-pubkey", "-noout", "-out", publicKey])
        let texts = try [key, certificate, publicKey].map { try String(contentsOfFile: $0, encoding: .utf8) }
        try folder.write("service-principal.pem", texts[0] + texts[1])
        return texts[1] + texts[2]
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw SandboxError("openssl \(arguments[0]) failed: \(String(decoding: text, as: UTF8.self))")
        }
    }
}

struct SandboxError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
