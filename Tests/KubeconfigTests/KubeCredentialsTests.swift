// The cases of plugins are those of k8s.io/client-go/plugin/pkg/client/auth/exec/exec_test.go, those of token files of
// transport/token_source_test.go (Apache-2.0), in our words.
import Files
import Glibc
import HTTP
import JSON
import Processes
import Synchronization
import Testing

@testable import Kubeconfig

/// A clock that stands until it is set.
private final class Clock: Sendable {
    private let seconds = Mutex(0.0)

    func set(_ value: Double) { seconds.withLock { $0 = value } }
    var now: @Sendable () -> Double { { self.seconds.withLock { $0 } } }
}

/// A plugin that is a shell script in a folder of its own.
private final class Script {
    let folder: String

    init(_ text: String) throws {
        var template = Array("/tmp/plugin-tests-XXXXXX".utf8CString)
        folder = String(cString: try #require(mkdtemp(&template)))
        try AtomicFile.write(Array(("#!/bin/sh\n" + text).utf8), to: folder + "/plugin", mode: 0o700)
    }

    deinit {
        for name in (try? listFolder(folder)) ?? [] { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    /// How often it ran: each run appends a line to `runs`.
    var runs: Int { ((try? readFile(folder + "/runs", limit: 1 << 20)) ?? []).count { $0 == 10 } }

    func credentials(
        mode: String = "Never", version: String = "client.authentication.k8s.io/v1", isTerminal: Bool = false,
        clock: Clock = Clock(), hint: String = "", timeout: Double = 60
    ) throws -> KubeCredentials {
        let user = """
            exec: {command: plugin, args: [one, "$HOME"], env: [{name: DIR, value: "\(folder)"}], installHint: "\(hint)",
            apiVersion: \(version), interactiveMode: \(mode)}
            """
        let variables = ["PATH": folder + ":/usr/bin:/bin", "INHERITED": "yes"]
        let environment = environment(["/home/a/.kube/config": kubeconfig(user: user)], variables)
        let access = try ClusterAccess.load(KubeconfigOverrides(), environment)
        return KubeCredentials(
            access, environment, isTerminal: isTerminal, pluginTimeout: timeout, now: clock.now)
    }
}

private let count = "echo run >> \"$DIR/runs\"; n=$(wc -l < \"$DIR/runs\")\n"

private func reply(_ status: String, version: String = "v1") -> String {
    """
    cat <<EOF
    {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/\(version)", "status": \(status)}
    EOF
    """
}

private func failure(_ credentials: KubeCredentials) async -> CredentialError.Kind? {
    do {
        _ = try await credentials.authorization()
        return nil
    } catch {
        return error.kind
    }
}

struct ExecPluginTests {
    @Test func `a plugin's token is sent, and the plugin runs once`() async throws {
        let script = try Script(count + reply(#"{"token": "foo-bar"}"#))
        let credentials = try script.credentials()
        let first = try await credentials.authorization()
        #expect(first.header == "Bearer foo-bar" && first.identity == nil)
        #expect(try await credentials.authorization() == first)
        #expect(script.runs == 1)
    }

    @Test func `a plugin gets its arguments, its variables over ours, and what it is asked`() async throws {
        let script = try Script(
            #"printf '%s\n' "$@" "$INHERITED" "$KUBERNETES_EXEC_INFO" > "$DIR/seen""# + "\n"
                + reply(#"{"token": "t"}"#))
        _ = try await script.credentials().authorization()
        let seen = String(decoding: try readFile(script.folder + "/seen", limit: 1 << 20), as: UTF8.self)
        #expect(
            seen == """
                one
                $HOME
                yes
                {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}

                """)
    }

    @Test func `a certificate and its key come together`() async throws {
        let escaped = pem.replacing("\n", with: "\\\\n")
        let script = try Script(
            reply(#"{"clientCertificateData": "\#(escaped)", "clientKeyData": "\#(escaped)"}"#))
        let authorization = try await script.credentials().authorization()
        #expect(authorization.header == nil)
        #expect(
            authorization.identity == ClientIdentity(certificatePEM: Array(pem.utf8), keyPEM: Array(pem.utf8)))
    }

    @Test func `an expired token is renewed`() async throws {
        let clock = Clock()
        let status = #"{"token": "t$n", "expirationTimestamp": "1970-01-01T00:01:40Z"}"#
        let script = try Script(count + reply(status))
        let credentials = try script.credentials(clock: clock)
        clock.set(99)
        #expect(try await credentials.authorization().header == "Bearer t1")
        clock.set(100)
        #expect(try await credentials.authorization().header == "Bearer t1")
        clock.set(101)
        #expect(try await credentials.authorization().header == "Bearer t2")
    }

    @Test func `an answer that is expired when it comes is used until it is refused, and the clock is named`()
        async throws
    {
        let clock = Clock()
        clock.set(7200)
        let script = try Script(count + reply(#"{"token": "t$n", "expirationTimestamp": "1970-01-01T01:00:00Z"}"#))
        let credentials = try script.credentials(clock: clock)
        let first = try await credentials.authorization()
        for seconds in 7201..<7300 {
            clock.set(Double(seconds))
            #expect(try await credentials.authorization() == first)
        }
        let note = try #require(await credentials.note)
        #expect(note.contains("ended at 1970-01-01T01:00:00Z") && note.contains("clock says 1970-01-01T02:00:00Z"))
        #expect(try await credentials.authorization(rejected: first).header == "Bearer t2")
        #expect(script.runs == 2)
        clock.set(7299 + 301)
        #expect(try await credentials.authorization().header == "Bearer t3")
    }

    @Test func `an answer in order leaves no note`() async throws {
        let script = try Script(reply(#"{"token": "t"}"#))
        let credentials = try script.credentials()
        _ = try await credentials.authorization()
        #expect(await credentials.note == nil)
    }

    @Test func `a refused token is renewed once, however many were refused with it`() async throws {
        let script = try Script(count + reply(#"{"token": "t$n"}"#))
        let credentials = try script.credentials()
        let old = try await credentials.authorization()
        let new = try await credentials.authorization(rejected: old)
        #expect(new.header == "Bearer t2")
        #expect(try await credentials.authorization(rejected: old) == new)
        #expect(script.runs == 2)
        #expect(try await credentials.authorization(forceRefresh: true).header == "Bearer t3")
        #expect(try await credentials.authorization(forceRefresh: false).header == "Bearer t3")
    }

    @Test func `all who ask at the same time share one run`() async throws {
        let script = try Script(count + "sleep 0.2\n" + reply(#"{"token": "t$n"}"#))
        let credentials = try script.credentials()
        let headers = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<20 { group.addTask { try await credentials.authorization().header } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(headers == ["Bearer t1"])
        #expect(script.runs == 1)
    }

    @Test func `a failed run is not remembered`() async throws {
        let script = try Script(count + "[ $n -gt 1 ] || exit 73\n" + reply(#"{"token": "t"}"#))
        let credentials = try script.credentials()
        #expect(await failure(credentials) == .pluginFailed(.exited(status: 73)))
        #expect(try await credentials.authorization().header == "Bearer t")
    }

    @Test func `when all who waited are cancelled the plugin ends, and the next one starts anew`() async throws {
        let script = try Script(count + "[ $n -gt 1 ] || sleep 1000\n" + reply(#"{"token": "t$n"}"#))
        let credentials = try script.credentials()
        let task = Task { try await credentials.authorization() }
        while script.runs == 0 { await Task.yield() }
        task.cancel()
        let result = await task.result
        #expect(throws: CredentialError(.cancelled, "plugin")) { try result.get() }
        #expect(try await credentials.authorization().header == "Bearer t2")
    }

    @Test func `a plugin that does not end is ended`() async throws {
        let script = try Script("sleep 1000")
        let kind = await failure(try script.credentials(timeout: 0.1))
        #expect(kind == .pluginNotRun(ProcessError(.timedOut(seconds: 0.1), script.folder + "/plugin")))
    }

    @Test func `a plugin that is not installed is told with the kubeconfig's hint, harmlessly`() async throws {
        let script = try Script("")
        unlink(script.folder + "/plugin")
        let credentials = try script.credentials(hint: "get it\\nfrom \\e[1mhere")
        do {
            _ = try await credentials.authorization()
            Issue.record("ran")
        } catch {
            #expect(error.kind == .pluginNotFound(hint: "get it\nfrom \u{1B}[1mhere"))
            #expect(error.description.hasSuffix("is not installed\n\nget it\nfrom \\u{1b}[1mhere"))
        }
    }

    @Test func `a plugin that must talk with the person needs a terminal`() async throws {
        let script = try Script(count + reply(#"{"token": "t"}"#))
        #expect(await failure(try script.credentials(mode: "Always")) == .noTerminal)
        #expect(script.runs == 0)
        #expect(try await script.credentials(mode: "IfAvailable").authorization().header == "Bearer t")
    }

    @Test(arguments: [
        ("Never", true, false), ("IfAvailable", false, false), ("IfAvailable", true, true), ("Always", true, true),
    ])
    func `a plugin is told whether it may talk`(mode: String, isTerminal: Bool, expected: Bool) async throws {
        let script = try Script(#"echo "$KUBERNETES_EXEC_INFO" > "$DIR/seen""# + "\n" + reply(#"{"token": "t"}"#))
        _ = try await script.credentials(mode: mode, isTerminal: isTerminal).authorization()
        let seen = try JSONValue(parsing: readFile(script.folder + "/seen", limit: 1 << 20))
        #expect(seen[path: "spec", "interactive"] == .bool(expected))
    }
}

struct OtherCredentialsTests {
    private func credentials(
        _ user: String, files: MemoryFiles = MemoryFiles([String: String]()), clock: Clock = Clock()
    ) throws -> KubeCredentials {
        var environment = environment(["/home/a/.kube/config": kubeconfig(user: user)])
        let access = try ClusterAccess.load(KubeconfigOverrides(), environment)
        environment.files = files
        return KubeCredentials(access, environment, isTerminal: false, now: clock.now)
    }

    @Test func `tokens, passwords and certificates are sent as they are, refused or not`() async throws {
        let token = try credentials("token: t, client-certificate-data: \(pemData), client-key-data: \(pemData)")
        let first = try await token.authorization()
        #expect(first.header == "Bearer t" && first.identity?.keyPEM == Array(pem.utf8))
        #expect(try await token.authorization(rejected: first) == first)
        #expect(
            try await credentials("username: Aladdin, password: open sesame").authorization().header
                == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(try await credentials("").authorization().header == nil)
        #expect(!"\(first)".contains("Bearer"))
    }

    @Test func `a token file is read again after fifty seconds`() async throws {
        let files = ChangingFile("  one\n")
        let clock = Clock()
        let environment = KubeEnvironment(
            variables: [:], homeDirectory: nil, workingDirectory: "/", files: files)
        var access = try access(kubeconfig())
        access.credential = .tokenFile(path: "/t", fallback: nil)
        let credentials = KubeCredentials(access, environment, isTerminal: false, now: clock.now)
        let first = try await credentials.authorization()
        #expect(first.header == "Bearer one")
        files.set("two")
        clock.set(50)
        #expect(try await credentials.authorization() == first)
        clock.set(51)
        let second = try await credentials.authorization()
        #expect(second.header == "Bearer two")
        // Unreadable or empty for a while: the token before goes on counting.
        files.set(nil)
        clock.set(200)
        #expect(try await credentials.authorization() == second)
        files.set("")
        #expect(try await credentials.authorization(forceRefresh: true) == second)
        files.set("three")
        #expect(try await credentials.authorization(rejected: second).header == "Bearer three")
    }

    @Test func `a token file that cannot be used is told, unless there is a token besides`() async throws {
        #expect(
            await failure(try credentials("tokenFile: /t"))
                == .unreadableTokenFile(FileError(.missing, .read, "/t")))
        #expect(
            await failure(try credentials("tokenFile: /t", files: MemoryFiles(["/t": " \n"])))
                == .badTokenFile("is empty"))
        #expect(
            await failure(try credentials("tokenFile: /t", files: MemoryFiles(["/t": "a\nb"])))
                == .badTokenFile("holds control characters"))
        #expect(try await credentials("tokenFile: /t, token: besides").authorization().header == "Bearer besides")
        let both = try credentials("tokenFile: /t, token: besides", files: MemoryFiles(["/t": "file"]))
        #expect(try await both.authorization().header == "Bearer file")
    }
}

/// One file whose content changes; missing while it has none.
private final class ChangingFile: FileReading {
    private let content: Mutex<String?>

    init(_ text: String) { content = Mutex(text) }

    func set(_ text: String?) { content.withLock { $0 = text } }

    func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        guard let text = content.withLock({ $0 }) else { throw FileError(.missing, .read, path) }
        return Array(text.utf8)
    }
}
