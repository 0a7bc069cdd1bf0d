import AzureAccount
import AzureResources
import HTTP
import KubeAPI
import Preflight
import SecretRewrite
import Synchronization

/// What the API server says.
extension PreflightScene {
    func readVersion() async -> FactChange {
        let version = await kube.thenRead { try await $0.version().gitVersion }
        return { $0.kubernetes.serverVersion = version }
    }

    /// A right about which the API server cannot tell is left out, so that the check finds it without an answer.
    func readAccessReviews() async -> FactChange {
        let reviews = await kube.thenRead { kube in
            let answers = await Self.answers(to: PreflightFacts.requiredAccess(question.strategy.engine)) {
                request throws(KubeError) in try await kube.review(request)
            }
            let reviews = answers.compactMap { request, answer -> PreflightFacts.AccessReview? in
                switch answer {
                case .success(.allowed): .init(request: request, allowed: true)
                case .success(.refused): .init(request: request, allowed: false)
                case .success(.unknown), .failure: nil
                }
            }
            if reviews.isEmpty { for (_, answer) in answers { _ = try answer.get() } }
            return reviews
        }
        return { $0.kubernetes.accessReviews = reviews }
    }

    /// Requests to the API server about rights, a few at a time, with their answers in the order of the requests.
    private static func answers(
        to requests: [AccessRequest],
        _ ask: @escaping @Sendable (AccessRequest) async throws(KubeError) -> AccessVerdict
    ) async -> [(AccessRequest, Result<AccessVerdict, KubeError>)] {
        typealias Answer = (index: Int, verdict: Result<AccessVerdict, KubeError>)
        var verdicts: [Int: Result<AccessVerdict, KubeError>] = [:]
        await withTaskGroup(of: Answer.self) { group in
            var waiting = Array(requests.enumerated())[...]
            func start() {
                guard let (index, request) = waiting.popFirst() else { return }
                group.addTask {
                    do throws(KubeError) { return (index, .success(try await ask(request))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<4 { start() }
            for await answer in group {
                verdicts[answer.index] = answer.verdict
                start()
            }
        }
        return requests.enumerated().compactMap { index, request in verdicts[index].map { (request, $0) } }
    }

    /// Asked only where it matters: a server that does not know the path is asked for nothing.
    func readMigrations() async -> FactChange {
        guard question.strategy.engine == .svm else { return { $0.kubernetes.servesMigrations = .notApplicable } }
        let served = await kube.thenRead { try await StorageMigrations($0).areServed() }
        return { $0.kubernetes.servesMigrations = served }
    }

    func readReadiness() async -> FactChange {
        let failing = await kube.thenRead { kube -> [String] in
            let report = try await kube.readiness()
            let failing = report.checks.filter { !$0.value }.keys.sorted()
            return report.isReady || !failing.isEmpty ? failing : ["readyz"]
        }
        return { $0.kubernetes.failingHealthChecks = failing }
    }

    static func readSecretCount(_ kube: Fact<KubeClient>) async -> FactChange {
        let count = await kube.thenRead { kube in
            guard let count = try await kube.secretCount() else {
                throw Unreadable("the API server does not tell how many Secrets there are")
            }
            return count
        }
        return { $0.kubernetes.secretCount = count }
    }

    /// Creates a probe without storing it: admission and quota run, nothing is written.
    func readProbe() async -> FactChange {
        let denials = await kube.thenRead { kube -> [String] in
            var request = SecretRequests.createProbe(
                ProbeSecrets.namePrefix + "preflight", in: "kube-system", labels: [:])
            request.query += KubeRequest(.post, [], query: ["dryRun": "All"]).query
            request.isRepeatable = true
            do throws(KubeError) {
                _ = try await kube.send(request)
                return []
            } catch {
                if error.isAlreadyExists { return [] }
                guard let status = error.status, status.isFromAPIServer, Self.isRefusal(status) else { throw error }
                return [status.message.isEmpty ? "\(status)" : status.message]
            }
        }
        return { $0.kubernetes.probeDenials = denials }
    }

    private static func isRefusal(_ status: KubeStatus) -> Bool {
        [400, 403, 413, 422].contains(status.code) || status.code == 500 && status.message.contains("webhook")
    }

    /// The rewrite, tried on every Secret, and then what the metrics say of the keys that it met.
    func readDryRunAndMetrics() async -> FactChange {
        let started = arm.time.wall()
        let run = await kube.thenRead { try await dryRun(KubeSecretStore($0)) }
        let finished = run.value.map { $0.undecryptable == 0 && $0.failed.isEmpty } ?? false
        let metrics = await readMetrics(afterDryRun: finished ? started : nil)
        await readings.take(metrics, of: .metrics, about)
        return {
            metrics(&$0)
            $0.kubernetes.dryRun = run
        }
    }

    private func dryRun(_ store: any SecretStore) async throws -> PreflightFacts.DryRun {
        let untestable = Tally()
        let failed = Tally()
        let observer = PassObserver(
            progress: watch.progress,
            failure: { failure, _ in
                switch failure.outcome {
                case .unknown: untestable.add(failure.cause)
                case .failed: failed.add(failure.cause)
                default: break
                }
            })
        let result = await RewritePass(store: store, clock: clock)
            .run(PassOptions(.admission, concurrency: question.concurrency), observer: observer, stop: watch.stop)
        switch result.ending {
        case .finished: break
        case .stopped: throw Unreadable("the dry run was stopped")
        case .aborted(let reason): throw Unreadable("the dry run came to no end: \(reason)")
        }
        return DryRunSummary.summary(of: result, untestable: untestable.counts, failed: failed.counts)
    }
}

enum DryRunSummary {
    /// - Parameters:
    ///   - untestable: Secrets whose webhook does not take part in dry runs, by webhook.
    ///   - failed: Secrets without a clear answer, by what came instead.
    static func summary(
        of result: PassResult, untestable: [String: Int], failed: [String: Int]
    ) -> PreflightFacts.DryRun {
        let counts = result.counts
        // A namespace whose list could not be had holds an unknown number of Secrets: at least one has no answer.
        let unlisted = result.receipts.filter { $0.isUnlisted || !$0.isComplete }
        let unanswered = unlisted.filter { $0.counts.bad == 0 }.count + result.namespaceCount - result.receipts.count
        return PreflightFacts.DryRun(
            accepted: counts[.admitted] + counts[.current] + counts[.rewritten] + counts[.gone],
            denied: complete(result.denials, to: counts[.denied], rest: "other webhooks or policies"),
            untestable: complete(untestable, to: counts[.unknown], rest: "a webhook"), invalid: counts[.invalid],
            undecryptable: counts[.undecryptable],
            failed: complete(
                failed, to: counts[.failed] + counts[.unsettled] + max(0, unanswered), rest: "the API server"))
    }

    /// By name, where names were kept: what a server names is kept up to a bound only.
    private static func complete(_ named: [String: Int], to total: Int, rest: String) -> [String: Int] {
        // A namespace's list is a failure too, so that there may be more names than Secrets.
        let unnamed = total - named.values.reduce(0, +)
        return unnamed > 0 ? named.merging([rest: unnamed], uniquingKeysWith: +) : named
    }
}

/// Counts by name, from any task; bounded, because a server chooses the names.
private final class Tally: Sendable {
    private let state = Mutex<[String: Int]>([:])

    func add(_ name: String) {
        state.withLock { if $0[name] != nil || $0.count < 200 { $0[name, default: 0] += 1 } }
    }

    var counts: [String: Int] { state.withLock { $0 } }
}
