import FoundationEssentials
import KubeAPI
import ModeSwitch
import Report
import SecretRewrite
import Synchronization

/// Runs passes over all Secrets and turns their results into receipts.
final class SecretPasses: Sendable {
    /// What the newest pass of the run could not rewrite.
    private let newestFailures = Mutex(NamedFailures())
    private let store: any SecretStore
    private let sink: any EventSink
    private let stop: StopSignal
    private let concurrency: Int
    private let requestsPerSecond: Double?

    /// - Parameter probes: the names of the run's own, which no pass touches.
    init(
        client: KubeClient, probes: Set<String>, sink: any EventSink, stop: StopSignal, concurrency: Int,
        requestsPerSecond: Double?
    ) {
        store = ProbeFreeStore(base: KubeSecretStore(client), probes: probes)
        self.sink = sink
        self.stop = stop
        self.concurrency = concurrency
        self.requestsPerSecond = requestsPerSecond
    }

    var failures: NamedFailures { newestFailures.withLock { $0 } }

    /// A pass of the run; what an interrupted one finished is not done again.
    ///
    /// - Parameter isBracketed: whether samples of the probes show, before the pass and after it, that all API servers
    ///   write alike. A run makes no verifying pass count without them.
    func run(
        _ purpose: RewritePurpose, resuming interrupted: PassReceipt?, began: Int, isBracketed: Bool = true
    ) async -> PassReceipt {
        let kind: SecretRewrite.PassKind = purpose == .verify || purpose == .beforeKeyChange ? .verify : .rewrite
        let finished = interrupted?.finished ?? []
        let result = await run(kind, finished: finished, isBracketed: isBracketed) { [sink] progress in
            sink.take(.pass(purpose, progress))
        }
        newestFailures.withLock { $0 = result.namedFailures }
        return SecretPasses.receipt(purpose, result, began: began)
    }

    func run(
        _ kind: SecretRewrite.PassKind, namespaces: [String]? = nil, finished: [NamespaceReceipt] = [],
        isBracketed: Bool = false,
        progress: @escaping @Sendable (PassProgress) -> Void
    ) async -> PassResult {
        let options = PassOptions(
            kind, namespaces: namespaces, finished: finished, concurrency: concurrency,
            requestsPerSecond: requestsPerSecond, isBracketed: isBracketed)
        let observer = PassObserver(
            progress: progress, failure: { [sink] in sink.take(.secretFailed($0, detail: $1)) })
        return await RewritePass(store: store, clock: MonotonicClock()).run(options, observer: observer, stop: stop)
    }

    static func receipt(_ purpose: RewritePurpose, _ result: PassResult, began: Int) -> PassReceipt {
        let counts = result.counts
        var failures: [FailureClass: Int] = [:]
        failures[.denied] = counts[.denied]
        failures[.invalid] = counts[.invalid]
        failures[.undecryptable] = counts[.undecryptable]
        // A namespace whose list could not be had hides Secrets that nobody touched.
        let unlisted = result.receipts.filter { $0.isUnlisted }.count
        failures[.failed] = counts[.failed] + counts[.unsettled] + counts[.unknown] + unlisted
        let complete = result.ending == .finished && result.receipts.count == result.namespaceCount
        return PassReceipt(
            kind: purpose, total: counts.total, rewritten: counts[.rewritten], current: counts[.current],
            gone: counts[.gone], failures: failures.filter { $0.value > 0 }, complete: complete,
            finished: complete ? [] : Array(result.receipts.filter(\.isDone).prefix(PassReceipt.mostFinished)),
            startedAt: result.startedAt.timeIntervalSince1970,
            endedAt: result.endedAt.timeIntervalSince1970, began: began)
    }
}
