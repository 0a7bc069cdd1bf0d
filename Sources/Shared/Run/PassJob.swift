import Azure
import AzureResources
import Connections
package import Console
import FoundationEssentials
import Journal
import KubeAPI
package import ModeSwitch
package import Report
package import SecretRewrite
import Text
import Usage

/// What `rewrite-secrets` and `verify --patch` show.
package struct PassReport: Presentable {
    package var command: String
    package var verdict: String
    package var ending: String
    package var total: Int
    package var counts: OutcomeCounts
    package var denials: [String: Int]
    package var failures: [SecretFailure]
    package var failuresOmitted: Int
    package var startedAt: Double
    package var endedAt: Double
    package var seconds: Double
    /// What became of the engine that was asked first; nil where this program alone rewrote.
    package var engine: EngineOutcome?

    init(_ result: PassResult, command: String, engine: EngineOutcome? = nil) {
        self.command = command
        self.engine = engine
        verdict = result.isClean ? "done" : "not done"
        switch result.ending {
        case .finished: ending = "finished"
        case .stopped: ending = "stopped"
        case .aborted(let reason): ending = reason.description
        }
        total = result.counts.total
        counts = result.counts
        denials = result.denials
        failures = result.failures
        failuresOmitted = result.failuresOmitted
        startedAt = result.startedAt.timeIntervalSince1970
        endedAt = result.endedAt.timeIntervalSince1970
        seconds = endedAt - startedAt
    }

    var namedFailures: NamedFailures { NamedFailures(named: failures, omitted: failuresOmitted) }

    private static let undecryptable =
        "What cannot be decrypted needs the key version that encrypted it, or is lost: docs/undecryptable.md has both ways."

    package var sections: [Section] {
        let shown = Outcome.allCases.filter { counts[$0] > 0 }.map { "\(counts[$0]) \($0.rawValue)" }
        var sections: [Section] = [
            .fields([
                .init("Verdict", verdict), .init("Ending", ending), .init("Secrets", "\(total)"),
                .init("Outcomes", shown.isEmpty ? "none" : shown.joined(separator: ", ")),
                .init("Time", duration(seconds)),
            ])
        ]
        if !failures.isEmpty {
            let rows = failures.map { [$0.namespace, $0.name ?? "(list)", $0.outcome.rawValue, $0.cause] }
            sections.append(.table(Table(["NAMESPACE", "NAME", "OUTCOME", "CAUSE"], rows: rows, flexible: 3)))
        }
        if let more = andMore(failuresOmitted) { sections.append(.text(more)) }
        if let engine { sections.append(.text(engine.words)) }
        if counts[.undecryptable] > 0 { sections.append(.text(Self.undecryptable)) }
        return sections
    }
}

/// A verifying pass, and the samples on both sides of it.
package struct VerifiedPass: Sendable {
    package let report: PassReport
    package let exitCode: ExitCode
    let pass: PassReceipt
    package let bursts: [ConvergenceReceipt]
    /// What the bursts show.
    package let convergence: ProofReceipt.Item
}

extension RunJob {
    /// The rewrite alone, or its dry run through admission. Refuses while KMS is off: that would write plaintext.
    package func rewriteSecrets(
        namespaces: [String]?, dryRun: Bool, command: String, sink: any EventSink
    ) async throws -> (report: PassReport, exitCode: ExitCode) {
        try await refuseUnfinished(dryRun: dryRun)
        for namespace in namespaces ?? [] { try await refuseUnless(exists: namespace) }
        let engine = options.engine == .svm && !dryRun ? makeEngine(runID: runID, sink: sink) : nil
        if let engine { try await refuseUnless(serves: engine) }
        let passes = makePasses(probes: [], sink: sink)
        let kind: SecretRewrite.PassKind = dryRun ? .admission : .rewrite
        let (result, outcome) = try await locked(dryRun: dryRun, sink: sink) {
            if let engine { return await rewrite(by: engine, passes, sink: sink) }
            let result = await passes.run(kind, namespaces: namespaces) { sink.take(.pass(.rewrite, $0)) }
            return (result, nil)
        }
        var code = RunJob.exitCode(result)
        if code == .done, outcome?.others.contains(where: { !$0.isDone }) == true { code = .doneWithFailures }
        return (PassReport(result, command: command, engine: outcome), code)
    }

    /// The verifying pass between two bursts of samples, which show that all API servers store alike meanwhile: a pass
    /// through one of another configuration changes nothing and proves nothing.
    package func verifySecrets(sink: any EventSink) async throws -> VerifiedPass {
        try await refuseUnfinished(dryRun: false)
        let names = ConvergenceSampler.names(runID: runID)
        let passes = makePasses(probes: Set(names), sink: sink)
        let sampler = makeSampler(sink)
        let (result, before, after) = try await locked(dryRun: false, sink: sink) {
            let before = await sampler.baseline(names)
            let isAlike = before.state == .converged
            let result = await passes.run(.verify, isBracketed: isAlike) { sink.take(.pass(.verify, $0)) }
            let after =
                isAlike
                ? await sampler.converge(
                    .burst, before.probes, expected: .asAtBaseline, replicas: before.replicas
                ).receipt : nil
            for name in names { try? await sampler.probes.delete(name) }
            return (result, before, after)
        }
        return VerifiedPass(
            report: PassReport(result, command: CommandName.verify.rawValue), exitCode: RunJob.exitCode(result),
            pass: SecretPasses.receipt(.verify, result, began: 0), bursts: [before, after].compactMap(\.self),
            convergence: RunJob.agreement(before, after))
    }

    private static func agreement(
        _ before: ConvergenceReceipt, _ after: ConvergenceReceipt?
    ) -> ProofReceipt.Item {
        let id = "convergence"
        if before.measured == .plaintext {
            return .init(id: id, verdict: .failed, detail: "an API server counts its writes as plaintext")
        }
        guard before.state == .converged, after?.state == .converged else {
            let why = [before, after].compactMap { $0 }.first { $0.state != .converged }
            return .init(
                id: id, verdict: .notAvailable,
                detail: "not seen that all API servers store alike: \(why?.detail.printable() ?? "no samples")")
        }
        return .init(
            id: id, verdict: .passed, detail: "before and after the pass all API servers stored alike")
    }

    private func makePasses(probes: Set<String>, sink: any EventSink) -> SecretPasses {
        SecretPasses(
            client: subject.kube.client, probes: probes, sink: sink, stop: interruptions.stop,
            concurrency: options.concurrency, requestsPerSecond: options.requestsPerSecond)
    }

    /// A mistyped namespace holds no Secret, so that a pass over it would be done at once.
    private func refuseUnless(exists namespace: String) async throws {
        do throws(KubeError) {
            guard try await subject.kube.client.get(.namespaces, namespace) == nil else { return }
        } catch {
            // Whoever may not read it may still patch its Secrets.
            return
        }
        throw SubjectError(
            .usage, "there is no namespace \(namespace.printable(limit: 100))", next: "kubectl get namespaces")
    }

    private func refuseUnfinished(dryRun: Bool) async throws {
        if dryRun { return }
        let encryption = subject.cluster.encryption
        if encryption.isNewExperience {
            // A run of the legacy KMS has nothing left to do there but this.
            guard let record = try await unfinished(), record.intent.newKey != nil else { return }
            throw unfinished(record)
        }
        guard subject.cluster.kmsProfile.enabled else {
            if let refusal = encryption.refusal(of: subject.cluster) { throw refusal }
            throw SubjectError(
                .refused, "KMS is off for \(subject.clusterID.name): a rewrite would store every Secret as plaintext",
                next: "\(ShellCommand.own(.resume)), or \(ShellCommand.own(.makeSafe))")
        }
        if let record = try await unfinished() { throw unfinished(record) }
    }

    private func unfinished(_ record: SwitchRecord) -> SubjectError {
        SubjectError(
            .refused, "run \(record.intent.runID.printable(limit: 64)) is not finished",
            next: "\(ShellCommand.own(.resume)), or \(ShellCommand.own(.makeSafe))")
    }

    /// Holds the Lease while the work runs; a dry run needs none.
    private func locked<Value: Sendable>(
        dryRun: Bool, sink: any EventSink, _ work: () async -> Value
    ) async throws -> Value {
        guard !dryRun else { return await keeping(nil, work) }
        let lock = makeLock(runID: runID, sink: sink)
        try await acquire(lock)
        let result = await keeping(lock, work)
        await lock.release()
        return result
    }

    private static func exitCode(_ result: PassResult) -> ExitCode {
        switch result.ending {
        case .stopped: return .interrupted
        case .aborted: return .failed
        case .finished: return result.isClean ? .done : .doneWithFailures
        }
    }
}
