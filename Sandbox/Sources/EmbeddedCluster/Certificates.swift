import Foundation

/// The cluster's CA and the server's certificate, made with openssl.
struct Certificates: Sendable {
    let caPEM: String
    let certificateFile: String
    let keyFile: String

    /// Makes what is missing in the folder: the same folder keeps its CA.
    /// - Parameter host: the address that clients use.
    static func make(in folder: URL, host: String) throws -> Certificates {
        func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
        let addresses = Set(["127.0.0.1", host]).sorted().map { "IP:\($0)" }.joined(separator: ",")
        let (ca, caKey, certificate, key) = (path("ca.crt"), path("ca.key"), path("server.crt"), path("server.key"))
        if !FileManager.default.fileExists(atPath: certificate) {
            let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            try openssl(
                ["req", "-x509"] + curve + [
                    "-keyout", caKey, "-out", ca, "-days", "3650", "-subj", "/CN=kubernetes",
                    "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
                ])
            try openssl(
                ["req", "-x509"] + curve + [
                    "-keyout", key, "-out", certificate, "-days", "365", "-subj", "/CN=kube-apiserver",
                    "-CA", ca, "-CAkey", caKey, "-addext", "basicConstraints=critical,CA:FALSE",
                    "-addext", "extendedKeyUsage=serverAuth",
                    "-addext", "subjectAltName=\(addresses),DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc",
                ])
            for secret in [caKey, key] {
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
            }
        }
        return Certificates(
            caPEM: try String(contentsOfFile: ca, encoding: .utf8), certificateFile: certificate, keyFile: key)
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ClusterFailure("openssl \(arguments[0]) failed: \(String(decoding: text, as: UTF8.self))")
        }
    }
}

/// Why the embedded cluster cannot do what was asked.
public struct ClusterFailure: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
