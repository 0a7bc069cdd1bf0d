import Foundation

/// How the sandbox's Azure behaves in time, and where it says that it is.
public struct Configuration: Sendable {
    /// The address of Entra and ARM, such as `https://localhost:4711`, without a slash at its end.
    public var baseURL: String
    /// What follows a vault's name in its host, with the leading dot.
    public var vaultSuffix: String
    /// All of Azure's own durations are multiplied by this.
    public var timeScale: Double
    /// How long an update of a managed cluster takes, in Azure's seconds (recorded: 80 to 298).
    public var operationSeconds: ClosedRange<Double>
    /// How long the PUT itself takes to answer, in Azure's seconds (recorded: 2 to 9).
    public var putSeconds: ClosedRange<Double>
    /// After how many of Azure's seconds the newer experience of KMS notices a new version of a key: it looks "every 6
    /// hours" (AKS documentation, kms-data-encryption).
    public var noticeSeconds: ClosedRange<Double> = 0...21_600
    /// How long a token lives, in real seconds.
    public var tokenSeconds: Int
    public var throttles: Bool
    /// What time it is.
    public var now: @Sendable () -> Date
    /// Waits for real seconds.
    public var sleep: @Sendable (Double) async throws -> Void

    public init(
        baseURL: String, vaultSuffix: String = ".vault.azure.net", timeScale: Double = 1,
        operationSeconds: ClosedRange<Double> = 100...220, putSeconds: ClosedRange<Double> = 2...9,
        tokenSeconds: Int = 3599, throttles: Bool = true, now: @escaping @Sendable () -> Date = { Date() },
        sleep: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    ) {
        self.baseURL = baseURL
        self.vaultSuffix = vaultSuffix
        self.timeScale = timeScale
        self.operationSeconds = operationSeconds
        self.putSeconds = putSeconds
        self.tokenSeconds = tokenSeconds
        self.throttles = throttles
        self.now = now
        self.sleep = sleep
    }

    /// Waits for Azure's seconds, scaled.
    func pace(_ seconds: Double) async throws {
        guard seconds * timeScale > 0 else { return }
        try await sleep(seconds * timeScale)
    }
}
