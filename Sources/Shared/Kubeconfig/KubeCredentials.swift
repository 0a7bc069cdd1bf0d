import Files
import FoundationEssentials
package import HTTP

/// What one request carries to say who sends it.
package struct KubeAuthorization: Sendable, Hashable, CustomStringConvertible {
    /// The value of the `Authorization` field; nil for none.
    package let header: String?
    /// A client certificate; when it differs from the one before, open connections must not be used again.
    package let identity: ClientIdentity?
    /// Tells renewed credentials from the ones before, even if their values are the same.
    fileprivate let generation: Int

    package var description: String {
        "authorization \(generation) (\(header == nil ? "no header" : "header not shown"))"
    }
}

/// The credentials of one user, renewed when they expire or are refused.
package actor KubeCredentials {
    private let access: ClusterAccess
    private let environment: KubeEnvironment
    private let isTerminal: Bool
    private let pluginTimeout: Double
    private let entra: EntraToken?
    private let now: @Sendable () -> Double

    private var cached: KubeAuthorization?
    /// Seconds since 1970; nil for no end.
    private var expiresAt: Double?
    private var generation = 0
    private var expiredAnswer: ExpiredAnswer?
    private var refresh: Refresh?

    /// A run of the plugin that all who wait share: it may ask the person to sign in, once.
    private struct Refresh {
        let task: Task<Result<KubeAuthorization, CredentialError>, Never>
        var waiting: Int
    }

    /// Seconds for which a plugin's answer that was expired when it came is used, unless the API server refuses it
    /// before. client-go runs the plugin for every request then, which asks somebody to sign in each time.
    private static let expiredAnswerLasts: Double = 300

    /// A token for an application, and the seconds since 1970 at which it ends.
    ///
    /// `forceRefresh` says that the one at hand was refused.
    package typealias EntraToken =
        @Sendable (
            _ serverID: String, _ forceRefresh: Bool
        ) async throws(CredentialError) -> (secret: String, expiresAt: Double)

    /// - Parameters:
    ///   - isTerminal: whether standard input is one, so that a plugin may talk with the person.
    ///   - pluginTimeout: seconds after which a plugin is ended; signing in with a device code takes minutes.
    ///   - entra: gets tokens for access whose credential is one of Entra.
    ///   - now: seconds since 1970.
    package init(
        _ access: ClusterAccess, _ environment: KubeEnvironment, isTerminal: Bool, pluginTimeout: Double = 900,
        entra: EntraToken? = nil, now: @escaping @Sendable () -> Double
    ) {
        self.access = access
        self.environment = environment
        self.isTerminal = isTerminal
        self.pluginTimeout = pluginTimeout
        self.entra = entra
        self.now = now
    }

    /// What to send now.
    ///
    /// - Parameter rejected: what a server has just answered 401 to. It is renewed unless that has happened already;
    ///   when there is nothing to renew, the same comes back, and sending again is of no use.
    package func authorization(
        rejected: KubeAuthorization? = nil
    ) async throws(CredentialError) -> KubeAuthorization {
        if let cached, cached != rejected, expiresAt.map({ now() <= $0 }) ?? true { return cached }
        switch access.credential {
        case .none: return keep(header: nil, identity: access.identity, until: nil)
        case .token(let token): return keep(header: "Bearer " + token, identity: access.identity, until: nil)
        case .basic(let username, let password):
            let text = Data((username + ":" + password).utf8).base64EncodedString()
            return keep(header: "Basic " + text, identity: access.identity, until: nil)
        case .tokenFile(let path, let fallback): return try readToken(path, fallback: fallback)
        case .exec(let plugin): return try await renewed(by: plugin)
        case .entra(let server): return try await entraToken(server, forceRefresh: cached != nil && cached == rejected)
        }
    }

    /// What to send now, renewed in any case if `forceRefresh`.
    package func authorization(forceRefresh: Bool) async throws(CredentialError) -> KubeAuthorization {
        try await authorization(rejected: forceRefresh ? cached : nil)
    }

    /// Keeps what is the same under its old generation, so that a caller can see that nothing has changed.
    private func keep(header: String?, identity: ClientIdentity?, until end: Double?) -> KubeAuthorization {
        expiresAt = end
        if let cached, cached.header == header, cached.identity == identity { return cached }
        generation += 1
        let result = KubeAuthorization(header: header, identity: identity, generation: generation)
        cached = result
        return result
    }

    /// The file counts for a minute, less ten seconds for what is under way (client-go transport/token_source.go).
    /// While it cannot be read, the token before it goes on counting.
    private func readToken(_ path: String, fallback: String?) throws(CredentialError) -> KubeAuthorization {
        let end = now() + 50
        do throws(CredentialError) {
            let token = try token(in: path)
            return keep(header: "Bearer " + token, identity: access.identity, until: end)
        } catch {
            if let cached {
                expiresAt = end
                return cached
            }
            guard let fallback else { throw error }
            return keep(header: "Bearer " + fallback, identity: access.identity, until: end)
        }
    }

    private func token(in path: String) throws(CredentialError) -> String {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try environment.files.read(path, limit: 1 << 20)
        } catch {
            throw CredentialError(.unreadableTokenFile(error), path)
        }
        let token = trimmed(bytes)
        guard !token.isEmpty else { throw CredentialError(.badTokenFile("is empty"), path) }
        guard token.isSafeHeaderValue else { throw CredentialError(.badTokenFile("holds control characters"), path) }
        return token
    }

    /// It is asked for again a minute before its end: whoever gives it out keeps it, and renews it in time.
    private func entraToken(
        _ server: String, forceRefresh: Bool
    ) async throws(CredentialError) -> KubeAuthorization {
        guard let entra else { throw CredentialError(.noEntraToken("nobody here gives tokens of Entra"), server) }
        let token = try await entra(server, forceRefresh)
        return keep(header: "Bearer " + token.secret, identity: access.identity, until: token.expiresAt - 60)
    }

    private func renewed(by plugin: ExecPlugin) async throws(CredentialError) -> KubeAuthorization {
        let task = refresh?.task ?? start(plugin)
        refresh?.waiting += 1
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            Task { await self.leave(task) }
        }
        return try result.get()
    }

    private func start(
        _ plugin: ExecPlugin
    ) -> Task<Result<KubeAuthorization, CredentialError>, Never> {
        let (environment, isTerminal, timeout) = (environment, isTerminal, pluginTimeout)
        let task = Task {
            let reply = await ExecCredential.fetch(plugin, environment, isTerminal: isTerminal, timeout: timeout)
            return self.finish(reply)
        }
        refresh = Refresh(task: task, waiting: 0)
        return task
    }

    private func finish(
        _ reply: Result<ExecCredential.Reply, CredentialError>
    ) -> Result<KubeAuthorization, CredentialError> {
        // A run that everyone has left was cancelled, and another may be under way.
        if !Task.isCancelled { refresh = nil }
        return reply.map { reply in
            generation += 1
            let result = KubeAuthorization(
                header: reply.token.map { "Bearer " + $0 }, identity: reply.identity, generation: generation)
            cached = result
            expiresAt = end(of: reply)
            return result
        }
    }

    /// Until when an answer is used, in seconds since 1970; nil for no end.
    private func end(of reply: ExecCredential.Reply) -> Double? {
        expiredAnswer = nil
        guard let end = reply.expiresAt, case .exec(let plugin) = access.credential else { return reply.expiresAt }
        let present = now()
        guard end < present else { return end }
        expiredAnswer = ExpiredAnswer(command: plugin.command, expiresAt: end, time: present)
        return present + Self.expiredAnswerLasts
    }

    /// What to tell about the plugin's last answer; nil when it was in order.
    package var note: String? { expiredAnswer?.description }

    /// One who waited was cancelled; with the last of them the plugin ends too.
    private func leave(_ task: Task<Result<KubeAuthorization, CredentialError>, Never>) {
        guard refresh?.task == task else { return }
        refresh?.waiting -= 1
        guard let waiting = refresh?.waiting, waiting <= 0 else { return }
        refresh = nil
        task.cancel()
    }
}
