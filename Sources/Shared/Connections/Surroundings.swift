import AzureAccount
package import Files
import FoundationEssentials
package import HTTP
package import Kubeconfig
import Platform

/// What the process finds around it. Read once, at the start, and passed to whoever needs it.
package struct Surroundings: Sendable {
    package var environment: [String: String]
    package var home: String?
    package var workingDirectory: String
    package var files: any FileReading
    package var process: ProcessIdentity
    /// Whether a person can be asked.
    package var isInteractive: Bool
    package var observer: (any HTTPObserver)?
    /// Opens every connection to Azure and to the API server.
    package var transports: any TransportOpener
    /// The clocks, and the waits of everything about Azure.
    package var time: Clocks
    /// The factor of every wait, 1 against Azure; a sandbox whose minutes are shorter sets
    /// KUBECTL_KMS_VAULT_TIME_SCALE.
    package var timeScale: Double

    /// `sha256:` and the hash of this program's file; nil where it cannot be told.
    package var programChecksum: @Sendable () async -> String? = { nil }

    package static let timeScaleVariable = "KUBECTL_KMS_VAULT_TIME_SCALE"

    package init(
        environment: [String: String], home: String?, workingDirectory: String, files: any FileReading = DiskFiles(),
        process: ProcessIdentity, isInteractive: Bool, observer: (any HTTPObserver)? = nil,
        transports: any TransportOpener, time: Clocks = .system()
    ) {
        self.environment = environment
        self.home = home
        self.workingDirectory = workingDirectory
        self.files = files
        self.process = process
        self.isInteractive = isInteractive
        self.observer = observer
        self.transports = transports
        self.time = time
        let scale = environment[Self.timeScaleVariable].flatMap(Double.init) ?? 1
        timeScale = scale > 0 && scale <= 1 ? scale : 1
    }

    /// Those of this process.
    package static func ofThisProcess(observer: (any HTTPObserver)? = nil) -> Surroundings {
        let environment = ProcessInfo.processInfo.environment
        var surroundings = Surroundings(
            environment: environment, home: environment["HOME"].flatMap { $0.isEmpty ? nil : $0 },
            workingDirectory: FileManager.default.currentDirectoryPath,
            files: DiskFiles(readsStreams: true),
            process: ProcessIdentity.ofThisProcess(
                host: ProcessInfo.processInfo.hostName, processID: getpid(), files: DiskFiles()),
            isInteractive: isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
            observer: observer, transports: CurlOpener())
        surroundings.programChecksum = { await ProgramChecksum.ofThisProcess(environment) }
        return surroundings
    }

    package var kubeEnvironment: KubeEnvironment {
        KubeEnvironment(
            variables: environment, homeDirectory: home, workingDirectory: workingDirectory, files: files)
    }

    var azureSurroundings: AzureSurroundings {
        AzureSurroundings(environment: environment, home: home, files: files)
    }

    /// The bundle of certificate authorities that the environment names; nil for the system's own.
    var caBundle: String? {
        ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"].lazy
            .compactMap { environment[$0] }.first { !$0.isEmpty }
    }

    /// Seconds since 1970.
    package var now: Double { time.wall() }
}
