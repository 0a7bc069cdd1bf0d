import Azure
import Connections
import FoundationEssentials
import HTTP
import KubeAPI
import ModeSwitch
import Report
package import SecretRewrite
import Usage

extension LivePorts {
    /// The rewrite by the engine. Only after the proof that all API servers have the newest profile: the controller
    /// writes what the one API server of its connection writes.
    ///
    /// - Returns: nil where this program is to rewrite by itself; a person was told why.
    func engineRewrite(began: Int) async -> PassReceipt? {
        guard usesEngine, let engine else { return nil }
        let count = (try? await kube.secretCount()) ?? nil
        let start = time.wall()
        switch await engine.migrate(.secrets, objects: count) {
        case .succeeded:
            var pass = PassReceipt(
                kind: .rewrite, total: count ?? 0, complete: true, startedAt: start, endedAt: time.wall(), began: began)
            pass.engine = .svm
            return pass
        case .givenUp(let why):
            sink.take(.warning(MigrationEngine.fallBack(why)))
            return nil
        case .interrupted:
            return PassReceipt(kind: .rewrite, complete: false, startedAt: start, endedAt: time.wall(), began: began)
        }
    }

    /// What the verifying pass found that the engine should have done; nil where there is nothing.
    func movedAfterEngine(_ receipts: Receipts) -> ProofReceipt.Item? {
        guard receipts.pass(.rewrite)?.engine == .svm, let verified = receipts.pass(.verify), verified.rewritten > 0
        else { return nil }
        return .init(
            id: "rewrite-engine", verdict: .warning, detail: MigrationEngine.moved(verified.rewritten))
    }
}

extension MigrationEngine {
    static func fallBack(_ why: String) -> String {
        "the storage version migration did not do it: \(why). This program rewrites all Secrets by itself instead"
    }

    static func moved(_ count: Int) -> String {
        "after the storage version migration the verifying pass found \(count) Secrets that were written since: by it, "
            + "because they had been left in the old form, or by others"
    }
}

/// What became of an engine that was asked for a rewrite.
package struct EngineOutcome: Sendable, Codable, Hashable {
    package enum Result: String, Sendable, Codable, Hashable {
        /// It says that it did all, and a pass over all Secrets came after it.
        case succeeded
        /// This program rewrote all by itself.
        case fellBack
        /// Nothing came after it.
        case interrupted
    }

    package var name: RewriteEngine
    package var result: Result
    /// Why it came to nothing; empty where it did not.
    package var detail = ""
    /// Seconds that it took.
    package var seconds: Double
    /// Secrets that the pass after it found written since, by itself or by others; nil where there was none.
    package var movedAfter: Int?
    /// What was asked for besides Secrets, in its order. Nothing proves what the engine says of it.
    package var others: [Other] = []

    package struct Other: Sendable, Codable, Hashable {
        package var resource: String
        package var isDone: Bool
        /// Why it came to nothing; empty where it did not.
        package var detail: String
    }

    var words: String {
        let told = others.map {
            "\($0.resource): \($0.isDone ? "rewritten, as the cluster says" : "NOT rewritten: \($0.detail)")."
        }
        return ([secretWords] + told).joined(separator: "\n")
    }

    private var secretWords: String {
        switch result {
        case .succeeded where movedAfter ?? 0 > 0: MigrationEngine.moved(movedAfter ?? 0) + "."
        case .succeeded: "A storage version migration rewrote all Secrets; the verifying pass found nothing to move."
        case .fellBack: MigrationEngine.fallBack(detail) + "."
        case .interrupted: "The storage version migration was interrupted."
        }
    }
}

extension RunJob {
    /// The engine, and the pass that proves what it did; where it comes to nothing, the rewrite as without it.
    func rewrite(
        by engine: MigrationEngine, _ passes: SecretPasses, sink: any EventSink
    ) async -> (PassResult, EngineOutcome?) {
        let count = (try? await subject.kube.client.secretCount()) ?? nil
        let start = engine.now()
        let end = await engine.migrate(.secrets, objects: count)
        var outcome = EngineOutcome(name: .svm, result: .succeeded, seconds: engine.now() - start)
        switch end {
        case .succeeded: break
        case .interrupted: outcome.result = .interrupted
        case .givenUp(let why):
            (outcome.result, outcome.detail) = (.fellBack, why)
            sink.take(.warning(MigrationEngine.fallBack(why)))
        }
        // Interrupted, it ends at once: nothing was proven.
        let isVerify = outcome.result == .succeeded
        let result = await passes.run(isVerify ? .verify : .rewrite) {
            sink.take(.pass(isVerify ? .verify : .rewrite, $0))
        }
        if isVerify { outcome.movedAfter = result.counts[.rewritten] }
        for resource in options.resources where outcome.result != .interrupted {
            outcome.others.append(await migrate(resource, by: engine, sink: sink))
        }
        return (result, outcome)
    }

    private func migrate(
        _ resource: MigratedResource, by engine: MigrationEngine, sink: any EventSink
    ) async -> EngineOutcome.Other {
        let name = "\(resource)"
        switch await engine.migrate(resource, objects: nil) {
        case .succeeded: return .init(resource: name, isDone: true, detail: "")
        case .interrupted: return .init(resource: name, isDone: false, detail: "it was interrupted")
        case .givenUp(let why):
            sink.take(.warning("\(name) was not rewritten: \(why)"))
            return .init(resource: name, isDone: false, detail: why)
        }
    }

    func refuseUnless(serves engine: MigrationEngine) async throws {
        guard try await !engine.api.areServed() else { return }
        throw SubjectError(
            .refused,
            "the API server of \(subject.clusterID.name) does not have storagemigration.k8s.io/v1, which comes with "
                + "Kubernetes 1.37",
            next: "leave out --engine svm: \(ShellCommand.own(.rewriteSecrets)) rewrites all Secrets itself")
    }

    /// What is different with the engine, before anybody agrees.
    func engineNotes(_ intent: Intent) -> [String] {
        guard options.engine == .svm else { return [] }
        guard usesEngine(intent) else {
            return ["--engine svm is not used for this run: it rests on a rewrite by this program alone"]
        }
        guard intent.strategy == .inPlace else { return [] }
        return [
            "with --engine svm the rewrite begins only after every API server is proven to have KMS on again, so that "
                + "Secrets are plaintext for some minutes more than the plan says"
        ]
    }

    /// With the older order the vault is closed on the strength of the rewrite alone, and make-safe waits for nobody.
    func usesEngine(_ intent: Intent) -> Bool {
        options.engine == .svm && intent.strategy != .closeVaultFirst && intent.purpose == .switchMode
    }
}
