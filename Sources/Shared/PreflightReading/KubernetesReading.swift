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
            let answers = await Self.answers(to: PreflightFacts.requiredAccess(question.strategy.engine), kube)
            let reviews = answers.compactMap(\.review)
            if reviews.isEmpty, let trouble = answers.compactMap(\.trouble).first { throw trouble }
            return reviews
        }
        return { $0.kubernetes.accessReviews = reviews }
    }

    /// What came of a question about a right.
    private struct Answer: Sendable {
        let place: Int
        /// Nil where the API server cannot tell, or did not answer.
        var review: PreflightFacts.AccessReview?
        var trouble: KubeError?
    }

    /// Asks about rights, a few at a time; the answers are in the order of the requests.
    private static func answers(to requests: [AccessRequest], _ kube: KubeClient) async -> [Answer] {
        var answers: [Answer] = []
        var waiting = Array(requests.enumerated())[...]
        await withTaskGroup(of: Answer.self) { group in
            func start() {
                guard let (place, request) = waiting.popFirst() else { return }
                group.addTask { await answer(to: request, at: place, kube) }
            }
            for _ in 0..<4 { start() }
            for await answer in group {
                answers.append(answer)
                start()
            }
        }
        return answers.sorted { $0.place < $1.place }
    }

    private static func answer(to request: AccessRequest, at place: Int, _ kube: KubeClient) async -> Answer {
        var answer = Answer(place: place)
        do throws(KubeError) {
            let verdict = try await kube.review(request)
            switch verdict {
            case .allowed: answer.review = .init(request: request, allowed: true)
            case .refused: answer.review = .init(request: request, allowed: false)
            case .unknown: break
            }
        } catch {
            answer.trouble = error
        }
        return answer
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
        let began = readings.now()
        let metrics = await readMetrics(afterDryRun: finished ? started : nil)
        await readings.take(metrics, of: .metrics, about, at: began)
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
