import HTTP
import JSON
import Processes
import Text
import YAML

/// What a plugin is told and what it answers
/// (kubernetes.io "client-go credential plugins"; k8s.io/client-go/pkg/apis/clientauthentication).
enum ExecCredential {
    struct Reply: Sendable {
        let token: String?
        let identity: ClientIdentity?
        /// Seconds since 1970; nil for as long as the process lives.
        let expiresAt: Double?
    }

    /// The value of KUBERNETES_EXEC_INFO.
    static func request(_ plugin: ExecPlugin, isInteractive: Bool) -> String {
        var spec: [String: JSONValue] = ["interactive": .bool(isInteractive)]
        if plugin.provideClusterInfo { spec["cluster"] = plugin.clusterInfo }
        let document: JSONValue = .object([
            "kind": .string("ExecCredential"), "apiVersion": .string(plugin.apiVersion), "spec": .object(spec),
        ])
        return String(decoding: document.bytes(), as: UTF8.self)
    }

    /// Runs the plugin once. Its errors go to ours, where it may ask the person to sign in.
    static func fetch(
        _ plugin: ExecPlugin, _ environment: KubeEnvironment, isTerminal: Bool, timeout: Double
    ) async -> Result<Reply, CredentialError> {
        if plugin.mode == .always, !isTerminal { return .failure(CredentialError(.noTerminal, plugin.command)) }
        let isInteractive = isTerminal && plugin.mode != .never
        guard let executable = ChildProcess.find(plugin.command, path: environment.variables["PATH"] ?? "") else {
            return .failure(CredentialError(.pluginNotFound(hint: plugin.installHint), plugin.command))
        }
        var variables = environment.variables.merging(plugin.environment) { _, own in own }
        variables["KUBERNETES_EXEC_INFO"] = request(plugin, isInteractive: isInteractive)
        do throws(ProcessError) {
            let output = try await ChildProcess.run(
                executable, plugin.arguments, environment: variables,
                standardInput: isInteractive ? .inherited : .empty, timeout: timeout, outputLimit: 1 << 20,
                inheritStandardError: true)
            guard output.succeeded else {
                return .failure(CredentialError(.pluginFailed(output.termination), plugin.command))
            }
            return parse(output.standardOutput, for: plugin)
        } catch {
            let kind: CredentialError.Kind = error.kind == .cancelled ? .cancelled : .pluginNotRun(error)
            return .failure(CredentialError(kind, plugin.command))
        }
    }

    /// JSON where the answer begins with a brace, else YAML, as client-go tells them apart
    /// (k8s.io/apimachinery/pkg/runtime/serializer/recognizer). Of equal members the last counts, as in Go.
    private static func document(_ bytes: [UInt8]) -> JSONValue? {
        guard bytes.first(where: { !isWhitespace($0) }) == UInt8(ascii: "{") else {
            return (try? YAMLNode.parse(bytes)).flatMap { $0 }.map { JSONValue($0) }
        }
        guard let first = try? JSONValue(parsing: bytes) else { return nil }
        // The decoder of JSON keeps the first of equal members. libyaml reads all of JSON but characters that are
        // written as two escapes of UTF-16.
        return (try? YAMLNode.parse(bytes)).flatMap { $0 }.map { JSONValue($0) } ?? first
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    static func parse(_ bytes: [UInt8], for plugin: ExecPlugin) -> Result<Reply, CredentialError> {
        func bad(_ what: String) -> Result<Reply, CredentialError> {
            .failure(CredentialError(.badReply(what), plugin.command))
        }
        guard let reply = document(bytes), reply.object != nil else {
            return bad("printed neither a JSON object nor a YAML mapping on its standard output")
        }
        guard reply["kind"] == nil || reply["kind"] == .string("ExecCredential") else {
            return bad("answered with another kind than ExecCredential")
        }
        guard reply["apiVersion"]?.string == plugin.apiVersion else {
            return bad("answered with another apiVersion than \(plugin.apiVersion), which the kubeconfig asks for")
        }
        guard let status = reply["status"], status.object != nil else { return bad("answered without a status") }
        let names = ["token", "clientCertificateData", "clientKeyData", "expirationTimestamp"]
        guard names.allSatisfy({ status[$0] == nil || status[$0]?.string != nil }) else {
            return bad("answered with a status whose values are not strings")
        }
        let values = names.dropLast().map { status[$0]?.string.nonEmpty }
        let (token, certificate, key) = (values[0], values[1], values[2])
        guard token != nil || certificate != nil || key != nil else {
            return bad("answered with neither a token nor a certificate")
        }
        guard (certificate == nil) == (key == nil) else {
            return bad("answered with only one of certificate and key")
        }
        guard token?.isSafeHeaderValue != false else {
            return bad("answered with a token that holds control characters")
        }
        let expiresAt = (status[names[3]]?.string).flatMap(parseRFC3339)
        guard (expiresAt == nil) == (status[names[3]] == nil) else {
            return bad("answered with an expirationTimestamp that is no RFC 3339 time")
        }
        var identity: ClientIdentity?
        if let certificate, let key {
            identity = ClientIdentity(certificatePEM: Array(certificate.utf8), keyPEM: Array(key.utf8))
            guard looksLikePEM(Array(certificate.utf8)), looksLikePEM(Array(key.utf8)) else {
                return bad("answered with a certificate or key that is not in PEM form")
            }
        }
        return .success(Reply(token: token, identity: identity, expiresAt: expiresAt))
    }
}
