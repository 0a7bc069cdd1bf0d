import Azure
import AzureResources
import HTTP
import KubeAPI
import ModeSwitch
import Report
import SecretRewrite

extension LivePorts {
    /// Writes a probe's annotation over fresh connections until the plan ends.
    func soak(_ intent: Intent) async -> SoakReceipt {
        guard let probe = probeNames.last else { return SoakReceipt(result: .failed, detail: "there is no probe") }
        _ = try? await sampler.probes.create(probe)
        await observer.looks.forgetRest()
        let start = time.monotonic()
        let watch = SoakWatch(
            write: { [sampler, time] number throws(StoreFailure) in
                let value = "\(number)-\(Int64(time.wall() * 1000))"
                _ = try await sampler.probes.withNewConnection().annotate(
                    probe, key: "kms-vault.azure/soak", value: value)
            },
            isSeenClosed: { [door, observer] in await Self.closedSeen(door, observer.key) },
            pause: { [interruptions, timeScale] in await interruptions.sleep($0 * timeScale) },
            interrupted: { self.interruption() },
            elapsed: { [time] in time.monotonic() - start },
            progress: { [sink] in sink.take(.soaking(elapsed: $0, wanted: $1, writes: $2)) })
        return await watch.run(SoakPlan(wanted: intent.options.soakSeconds, scale: timeScale))
    }

    private static func closedSeen(_ door: VaultDoor, _ key: KeyIdentifier?) async -> Bool {
        guard let key else { return false }
        return await door.look(key) == .closed
    }

    /// Evidence, read anew. What cannot be read is "not available", never "passed".
    func prove(_ intent: Intent, _ receipts: Receipts) async -> ProofReceipt {
        let seen = await observe(intent, receipts)
        var items = [provenProfile(intent, seen), provenVault(intent, seen), provenPasses(receipts)]
        if let moved = movedAfterEngine(receipts) { items.append(moved) }
        items.append(provenConvergence(receipts))
        items.append(await provenMetrics(seen))
        items.append(await provenKey(intent, receipts))
        items += kept.items
        return ProofReceipt(items: items)
    }

    private func provenProfile(_ intent: Intent, _ seen: Observation) -> ProofReceipt.Item {
        guard seen.cluster.presence == .present, seen.cluster.provisioning == .succeeded else {
            return .init(
                id: "arm-profile", verdict: .notAvailable, detail: "ARM does not show the cluster as Succeeded")
        }
        let kms = seen.cluster.kms
        let ok = intent.purpose == .makeSafe ? kms.encrypts : kms.means(intent.targetProfile)
        let legacy = "KMS \(kms.enabled ? "on" : "off"), \(kms.mode.rawValue), key \(kms.keyID)"
        return .init(
            id: "arm-profile", verdict: ok ? .passed : .failed,
            detail: kms.isNew ? "\(kms.words) (new KMS experience)\(kms.enabled ? ", \(kms.keyID)" : "")" : legacy)
    }

    private func provenVault(_ intent: Intent, _ seen: Observation) -> ProofReceipt.Item {
        if !seen.cluster.kms.enabled, seen.cluster.kms.isNew {
            return .init(id: "vault-access", verdict: .notAvailable, detail: "Azure's own key is in no vault of yours")
        }
        guard seen.vault.presence == .present else {
            return .init(id: "vault-access", verdict: .notAvailable, detail: "the vault could not be read")
        }
        let kms = seen.cluster.kms
        let ok: Bool
        if kms.isNew {
            ok = newVaultServes(intent, kms, seen.vault)
        } else if intent.purpose == .makeSafe || intent.changesKey {
            ok = kms.mode == .publicAccess ? seen.vault.servesPublic : true
        } else {
            ok = intent.target == .privateAccess ? seen.vault.access == .disabled : seen.vault.servesPublic
        }
        return .init(
            id: "vault-access", verdict: ok ? .passed : .failed,
            detail: "publicNetworkAccess is \(seen.vault.access.rawValue)")
    }

    /// On the new experience: open to all for Public; for Private open to trusted services, and closed where the run
    /// closes it.
    private func newVaultServes(_ intent: Intent, _ kms: KMSProfile, _ vault: VaultObservation) -> Bool {
        guard kms.mode == .privateAccess else { return vault.servesPublic }
        let isClosed = vault.access == .disabled || (intent.options.closesFirewall == true && vault.firewallDenies)
        return vault.trust != .none && (isClosed || !intent.closesVault)
    }

    private func provenPasses(_ receipts: Receipts) -> ProofReceipt.Item {
        guard let pass = receipts.pass(.verify) else {
            return .init(id: "verifying-pass", verdict: .notAvailable, detail: "no verifying pass was made")
        }
        let failed = pass.failures.values.reduce(0, +)
        let text = "\(pass.total) Secrets: \(pass.current) current, \(pass.rewritten) written since, \(failed) failed"
        return .init(id: "verifying-pass", verdict: pass.complete ? .passed : .failed, detail: text)
    }

    private func provenConvergence(_ receipts: Receipts) -> ProofReceipt.Item {
        guard let evidence = receipts.currentConvergence else {
            return .init(id: "convergence", verdict: .notAvailable, detail: "no samples were taken")
        }
        let replicas = evidence.replicas.map { "\($0) API servers told apart" } ?? "API servers could not be told apart"
        let text = "\(evidence.samples) samples agree, \(replicas)"
        return .init(
            id: "convergence", verdict: evidence.state == .converged ? .passed : .notAvailable,
            detail: evidence.state == .converged ? text : "\(evidence.state.rawValue): \(evidence.detail)")
    }

    /// Alpha metrics: optional evidence, and never the only gate.
    private func provenMetrics(_ seen: Observation) async -> ProofReceipt.Item {
        guard let metrics = try? await kube.metrics() else {
            return .init(id: "metrics", verdict: .notAvailable, detail: "/metrics cannot be read")
        }
        let writes = metrics.transformationCounts("to_storage")
        let encrypted = writes.filter { $0.key.hasPrefix("k8s:enc:") && $0.value > 0 }
        guard seen.cluster.kms.encrypts, !encrypted.isEmpty else {
            return .init(id: "metrics", verdict: .notAvailable, detail: "no count of encrypted writes is shown")
        }
        let text = encrypted.map { "\($0.key) \(Int64($0.value))" }.sorted().joined(separator: ", ")
        return .init(id: "metrics", verdict: .passed, detail: "writes by provider: \(text)")
    }
}
