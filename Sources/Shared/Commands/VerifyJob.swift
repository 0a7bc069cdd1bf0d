import Azure
import AzureResources
import Connections
package import Console
import FoundationEssentials
import Journal
import KubeAPI
import Kubeconfig
package import ModeSwitch
package import Report
package import Run
import SecretRewrite
import Text
package import Usage

/// What `verify` shows: evidence, item by item. What could not be read is "not available", never "passed".
package struct VerifyResult: Presentable {
    package var cluster: String
    /// Which of the five states the cluster is in, in words.
    package var encryption: String
    /// "proven", "not proven" or "failed".
    package var verdict: String
    /// Why, in one line.
    package var reason: Advice
    /// Secrets that the verifying pass had to rewrite: until then they were plaintext, or under an older key.
    package var rewritten: Int
    package var items: [ProofReceipt.Item]
    package var pass: PassReport?
    /// Where the report of the pass lies on this machine; nil without a pass.
    package var report: String?
    package var digest: String?
    /// What became of Secrets that an earlier run could not decrypt, a sentence each.
    package var afterwards: [String] = []
    /// Why the report could not be kept.
    package var troubles: [String] = []

    package var sections: [Section] {
        let rows = items.map { [$0.id, $0.verdict.rawValue, $0.detail] }
        var sections: [Section] = [
            .fields([
                .init("Cluster", cluster), .init("KMS", encryption), .init("Verdict", verdict),
                .init("Reason", reason.text(for: .kubectl)),
            ]),
            .table(Table(["EVIDENCE", "VERDICT", "DETAIL"], rows: rows, flexible: 2)),
        ]
        if let pass { sections += pass.sections }
        if !afterwards.isEmpty { sections.append(.prose(afterwards.joined(separator: "\n"))) }
        if let report, let digest { sections.append(.text("Report: \(report.printable(limit: 4096)) (\(digest))")) }
        return sections
    }
}

/// Gathers evidence about a cluster. It only reads, unless the verifying pass is asked for.
package struct VerifyJob: Sendable {
    let job: RunJob

    package init(_ job: RunJob) { self.job = job }

    package func run(
        patch: Bool, sink: any EventSink
    ) async throws -> (result: VerifyResult, exitCode: ExitCode, secretsAtRest: SecretsAtRest) {
        let view = job.subject.cluster.observation()
        let encryption = job.subject.cluster.encryption
        if encryption.state == .legacyOff, try await job.unfinished() == nil {
            throw SubjectError(
                .refused, "KMS is off for \(job.subject.clusterID.name): there is nothing encrypted to verify",
                next: "\(ShellCommand.own(.makeSafe)) turns it on again")
        }
        let evidence = KMSEvidence(subject: job.subject, view: view)
        var items = [apiServer(), evidence.profile, evidence.vault, await key()]
        items.append(await health())
        items.append(await metrics())
        items.append(await LiveKeyWitness.gather(job.subject.kube.client).judge())
        var verified: VerifiedPass?
        var isProven = false
        let begun = patch ? await job.beginning() : nil
        if patch {
            let made = try await job.verifySecrets(sink: sink)
            verified = made
            items.append(made.convergence)
            isProven = made.convergence.verdict == .passed && made.exitCode == .done
            items.append(Self.item(made.report, made.exitCode))
        }
        let failed = items.contains { $0.verdict == .failed }
        let atRest: SecretsAtRest = isProven && !failed && Self.encrypts(encryption, verified) ? .encrypted : .unknown
        if atRest == .encrypted { await job.endMigratedRun() }
        let pass = verified?.report
        var result = VerifyResult(
            cluster: job.subject.clusterID.description,
            encryption: encryption.words(mode: view.kms.mode.rawValue),
            verdict: failed ? "failed" : atRest == .encrypted ? "proven" : "not proven",
            reason: Self.reason(items, pass, atRest), rewritten: pass?.counts[.rewritten] ?? 0, items: items, pass: pass
        )
        let code: ExitCode = failed ? .failed : .done
        if let verified, let begun,
            let kept = await job.keep(verified, items, code, atRest, begun)
        {
            result.report = kept.path
            result.afterwards = kept.file.report.afterwards ?? []
            result.digest = kept.file.digest
            result.troubles = kept.troubles
        }
        return (result, code, atRest)
    }

    /// Whether what a pass stored is encrypted. Of the legacy KMS the profile tells; of the new experience no member of
    /// ARM tells how far it is, so that the API server's own count of the probes' writes is needed as well.
    private static func encrypts(_ encryption: ClusterEncryption, _ pass: VerifiedPass?) -> Bool {
        switch encryption.state {
        case .legacyOn: true
        case .platformManaged, .customerKeyPublic, .customerKeyPrivate: pass?.bursts.first?.measured == .encrypted
        case .legacyOff, .unknown: false
        }
    }

    private static func item(_ pass: PassReport, _ code: ExitCode) -> ProofReceipt.Item {
        let id = "verifying-pass"
        let detail = "\(pass.total) Secrets, \(pass.ending)"
        guard code == .done else { return .init(id: id, verdict: .failed, detail: detail) }
        let late = pass.counts[.rewritten]
        guard late > 0 else { return .init(id: id, verdict: .passed, detail: detail) }
        return .init(id: id, verdict: .warning, detail: "\(detail). \(alarm(late, of: pass.total))")
    }

    /// What it means that a pass found Secrets in another form.
    private static func alarm(_ count: Int, of total: Int) -> String {
        "ALARM: \(count) of \(total) Secrets were stored as plaintext or under an older key until now. They are "
            + "encrypted with the present key now; backups of etcd hold them as they were"
    }

    private static func reason(_ items: [ProofReceipt.Item], _ pass: PassReport?, _ atRest: SecretsAtRest) -> Advice {
        if let bad = items.first(where: { $0.verdict == .failed }) { return "\(bad.id): \(bad.detail)" }
        guard let pass else {
            return "no pass over all Secrets was made; \(ShellCommand.own(.verify, .flag(.patch))) makes one"
        }
        guard atRest == .encrypted else {
            let why = items.first { $0.id == "convergence" && $0.verdict != .passed }
            return why.map { Advice("\($0.id): \($0.detail)") }
                ?? "no API server's own count (/metrics) shows that it stores Secrets encrypted"
        }
        let late = pass.counts[.rewritten]
        return late > 0
            ? Advice(alarm(late, of: pass.total)) : "every Secret was patched and is stored in the present form"
    }

    /// Whether what the API server says is the cluster's own word.
    private func apiServer() -> ProofReceipt.Item {
        let access = job.subject.kube.access
        if job.subject.isVerified {
            let text = "its certificate is of the cluster's own authority"
            return .init(id: "api-server", verdict: .passed, detail: text)
        }
        let why = access.isTLS ? "Azure did not give the cluster's authority" : "it is not reached over TLS"
        return .init(
            id: "api-server", verdict: .notAvailable,
            detail: "\(access.server.printable()) is not verified to be this cluster: \(why)")
    }

    private func key() async -> ProofReceipt.Item {
        if job.subject.cluster.encryption.state == .platformManaged {
            return .init(id: "key-usable", verdict: .notAvailable, detail: "the key is Azure's own, which none can see")
        }
        guard let key = job.subject.key, let vault = job.subject.vault else {
            return .init(id: "key-usable", verdict: .notAvailable, detail: "no key or no vault is known")
        }
        let state = await job.observer(key: key, vaultID: vault.id).observeKey()
        let verdict: ProofReceipt.Item.Verdict =
            state == .usable ? .passed : state == .unreadable ? .notAvailable : .failed
        return .init(id: "key-usable", verdict: verdict, detail: "\(key): \(state.rawValue)")
    }

    private func health() async -> ProofReceipt.Item {
        guard let ready = try? await job.subject.kube.client.readiness() else {
            return .init(id: "kms-providers", verdict: .notAvailable, detail: "/readyz cannot be read")
        }
        let checks = ready.checks.filter { $0.key.hasPrefix("kms-provider") }
        guard !checks.isEmpty else {
            return .init(id: "kms-providers", verdict: .notAvailable, detail: "/readyz names no KMS provider")
        }
        let bad = checks.filter { !$0.value }.keys.sorted()
        return .init(
            id: "kms-providers", verdict: bad.isEmpty ? .passed : .failed,
            detail: bad.isEmpty
                ? "\(checks.count) healthy on the API server that answered" : bad.joined(separator: ", "))
    }

    private func metrics() async -> ProofReceipt.Item {
        guard let metrics = try? await job.subject.kube.client.metrics() else {
            return .init(id: "metrics", verdict: .notAvailable, detail: "/metrics cannot be read")
        }
        let encrypted = metrics.transformationCounts("to_storage").filter {
            $0.key.hasPrefix("k8s:enc:") && $0.value > 0
        }
        guard !encrypted.isEmpty else {
            return .init(id: "metrics", verdict: .notAvailable, detail: "no count of encrypted writes is shown")
        }
        let text = encrypted.map { "\($0.key) \(Int64($0.value))" }.sorted().joined(separator: ", ")
        return .init(id: "metrics", verdict: .passed, detail: "writes by provider: \(text)")
    }
}
