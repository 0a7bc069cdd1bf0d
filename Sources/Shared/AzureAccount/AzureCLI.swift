import JSON
package import Processes

/// Asks az for a token, with what it knows and this tool does not: certificates, encrypted caches, brokers.
package struct AzureCLI: Sendable {
    /// What a run of az left. Its output is secret.
    package struct Result: Sendable, CustomStringConvertible {
        /// Whether az ended with status 0.
        package let succeeded: Bool
        /// Its standard output.
        package let output: [UInt8]
        /// Its standard error, or the end of it.
        package let errors: [UInt8]

        package init(succeeded: Bool, output: [UInt8], errors: [UInt8]) {
            self.succeeded = succeeded
            self.output = output
            self.errors = errors
        }

        package var description: String { succeeded ? "az succeeded" : "az failed" }
    }

    /// Why az did not run to its end.
    package typealias RunError = ProcessError

    /// Runs az with arguments.
    package let run: @Sendable ([String]) async throws(RunError) -> Result

    package init(run: @escaping @Sendable ([String]) async throws(RunError) -> Result) { self.run = run }

    /// The az that the environment's PATH names.
    package static func installed(environment: [String: String]) -> AzureCLI {
        AzureCLI { arguments throws(ProcessError) in
            guard let az = ChildProcess.find("az", path: environment["PATH"] ?? "") else {
                throw ProcessError(.notFound, "az")
            }
            var environment = environment
            environment["AZURE_CORE_ONLY_SHOW_ERRORS"] = "true"
            environment["AZURE_CORE_NO_COLOR"] = "true"
            let output = try await ChildProcess.run(
                az, arguments, environment: environment, timeout: 120, outputLimit: 1 << 20)
            return Result(
                succeeded: output.succeeded, output: output.standardOutput, errors: output.standardError)
        }
    }

    static let source = "az account get-access-token"

    /// - Parameters:
    ///   - tenant: given when it differs from the subscription's own; az takes one of the two only.
    func token(
        resource: String, subscription: String?, tenant: String?, now: Double
    ) async throws(AzureTokenError) -> AzureToken {
        var arguments = ["account", "get-access-token", "--output", "json", "--resource", resource]
        if let tenant {
            arguments += ["--tenant", tenant]
        } else if let subscription {
            arguments += ["--subscription", subscription]
        }
        let result: Result
        do {
            result = try await run(arguments)
        } catch {
            throw AzureTokenError(
                error.kind == .cancelled ? .cancelled : .azFailed, source: Self.source, detail: error.description,
                advice: error.kind == .notFound ? "install az: this sign-in is one that only az can use" : "")
        }
        guard result.succeeded else { throw Self.failure(result.errors) }
        guard let document = try? JSONValue(parsing: result.output), let secret = document["accessToken"]?.string,
            isTokenText(secret), let expiry = MSALCache.seconds(document["expires_on"]), expiry > now
        else {
            throw AzureTokenError(
                .azFailed, source: Self.source, detail: "what it printed holds no token that can be used",
                advice: "az 2.54 or newer is needed")
        }
        return AzureToken(secret: secret, expiresAt: expiry)
    }
}
