package import Azure
package import AzureResources
import Connections
package import Console
import FoundationEssentials
import Journal
import KubeAPI
package import ModeSwitch
package import Plan
import Preflight
import PreflightReading
package import Run
import Text
package import Usage

/// What `status` shows: the cluster, its KMS, the key, the vault, whether they agree, and what to do next.
package struct StatusResult: Presentable {
    package var cluster: String
    package var provisioningState: String
    package var kmsEnabled: Bool
    package var kmsMode: NetworkMode?
    /// Which of the five states the cluster is in.
    package var encryption: ClusterEncryption.State
    /// What the API version in use does not show of it; nil when it shows all.
    package var encryptionNote: String?
    package var keyID: String
    package var keyState: KeyState
    /// When the version of the key was made and when it expires, in seconds since 1970; nil where Azure does not tell.
    package var keyCreated: Int64?
    package var keyExpires: Int64?
    /// The age of that version, in days.
    package var keyAgeDays: Int?
    package var vault: String
    package var vaultAccess: String
    package var privateEndpoint: String
    /// Nil when the API server does not tell how many there are.
    package var secrets: Int?
    /// Whether the API server was verified to be this cluster.
    package var verified: Bool
    /// Why the API server does not answer; nil when it does.
    package var apiServerSilence: String?
    package var unfinishedRun: String?
    package var unfinishedTarget: NetworkMode?
    package var secretsAtRest: SecretsAtRest
    /// The run that holds the lock; nil when none does.
    package var activeRun: ActiveRun?
    /// What else a person must know of the records of runs.
    package var notes: [String]
    package var advice: Advice

    package var sections: [Section] {
        var fields: [Section.Field] = [
            .init("Cluster", cluster), .init("State", provisioningState),
            .init("KMS", ClusterEncryption(state: encryption).words(mode: kmsMode?.rawValue ?? "")),
            .init("Key", keyWords),
            .init("Vault", vault.isEmpty ? "not found" : "\(vault): publicNetworkAccess \(vaultAccess)"),
            .init("Private endpoint", privateEndpoint),
            .init("Secrets", (secrets.map(String.init) ?? "not counted") + ", \(atRestWords)"),
        ]
        if let apiServerSilence { fields.append(.init("API server", "does not answer: \(apiServerSilence)")) }
        if !verified { fields.append(.init("API server", "not verified against Azure's certificate authority")) }
        if let activeRun { fields.append(.init("Active run", activeRun.words)) }
        if let unfinishedRun, activeRun == nil {
            fields.append(.init("Unfinished run", "\(unfinishedRun) to \(unfinishedTarget?.rawValue ?? "?")"))
        }
        for note in notes { fields.append(.init("Note", note)) }
        if let encryptionNote { fields.append(.init("Not shown", encryptionNote)) }
        fields.append(.init("Next", advice.text(for: .kubectl)))
        return [.fields(fields)]
    }

    private var keyWords: String {
        if encryption == .platformManaged {
            return keyID.isEmpty ? "Azure's own" : "Azure's own; \(keyID) was used before (\(keyState.rawValue))"
        }
        guard !keyID.isEmpty else { return "none shown" }
        var words = [keyState.rawValue]
        if let keyAgeDays { words.append(keyAgeDays == 1 ? "1 day old" : "\(keyAgeDays) days old") }
        if let expires = keyExpires.flatMap({ rfc3339(Double($0)) }) { words.append("expires \(expires.prefix(10))") }
        return "\(keyID) (\(words.joined(separator: ", ")))"
    }

    private var atRestWords: String {
        guard secretsAtRest == .unknown, kmsEnabled || encryption == .platformManaged else {
            return secretsAtRest.rawValue
        }
        return "not proven to be encrypted (\(ShellCommand.own(.verify, .flag(.patch)).line(for: .kubectl)) checks)"
    }
}

/// A run that works on the cluster now, wherever it is.
package struct ActiveRun: Sendable, Codable, Hashable {
    package var runID: String
    /// The process that holds the lock, in words.
    package var holder: String
    /// Seconds since 1970, by the holder's clock; nil where the Lease does not tell.
    package var heldSince: Double?
    /// How far it is, as its record in the cluster says; nil where there is none.
    package var progress: PlanProgress?
    /// Whether Secrets are, or may be, plaintext meanwhile.
    package var exposed: Bool

    var words: String {
        var words = "\(runID.printable(limit: 64)), \(holder)"
        if let since = heldSince.flatMap(rfc3339) { words += ", since \(since)" }
        if let progress { words += "; step \(progress.step) of \(progress.of): \(progress.title)" }
        return words + (exposed ? "; Secrets are, or may be, PLAINTEXT meanwhile" : "")
    }
}

/// Reads what `status` shows; changes nothing.
package struct StatusJob: Sendable {
    let job: RunJob

    package init(_ job: RunJob) { self.job = job }

    package func read() async -> StatusResult {
        let subject = await subjectWithRecord()
        let encryption = subject.cluster.encryption
        let view = subject.cluster.observation()
        let vault = subject.vaultView
        let found = try? await job.records()
        let known = found.flatMap { try? job.known($0) }
        let record = known?.record
        let active = await activeRun(found?.configMap, view, vault)
        let intent = record?.intent
        let read = await keyRead(subject)
        let key = read.state
        let count = (try? await subject.kube.client.secretCount()) ?? nil
        return StatusResult(
            cluster: subject.clusterID.description,
            provisioningState: subject.cluster.provisioningState ?? "unknown", kmsEnabled: view.kms.enabled,
            kmsMode: view.kms.enabled ? view.kms.mode : nil, encryption: encryption.state,
            encryptionNote: encryption.note, keyID: subject.key?.description ?? "", keyState: key,
            keyCreated: read.key?.created, keyExpires: read.key?.expires,
            keyAgeDays: read.key?.created.map { max(0, Int(job.surroundings.now) - Int($0)) / 86_400 },
            vault: subject.vault?.name ?? "",
            vaultAccess: subject.vault.map { $0.access?.rawValue ?? $0.shownAccess } ?? "unknown",
            privateEndpoint: vault?.privateEndpoint.rawValue ?? "unknown", secrets: count,
            verified: subject.isVerified, apiServerSilence: subject.silence, unfinishedRun: intent?.runID,
            unfinishedTarget: intent?.target, secretsAtRest: atRest(view, vault, record), activeRun: active,
            notes: known.map(StatusJob.notes) ?? [],
            advice: active != nil
                ? "wait for the active run; \(ShellCommand.own(.status, .flag(.watch))) follows it"
                : StatusJob.advice(
                    view, vault, key, unfinished: intent != nil, isOfNew: intent?.newKey != nil,
                    apiServerAnswers: subject.silence == nil, neverHadKMS: subject.neverHadKMS,
                    look: ClusterEncryption.look(at: subject.cluster)))
    }

    /// Who holds the lock, and how far the record in the cluster says that the run is. Whoever may write ConfigMaps and
    /// Leases can write both: this tells a person whom to ask, and nothing is decided by it.
    private func activeRun(
        _ record: SwitchRecord?, _ view: ClusterObservation, _ vault: VaultObservation?
    ) async -> ActiveRun? {
        guard job.subject.silence == nil,
            let lease = (try? await job.subject.kube.client.lease(RunLock.name, namespace: RunLock.namespace)) ?? nil,
            PreflightCircumstances.holder(
                of: lease, runID: job.runID, process: job.surroundings.process, now: job.surroundings.now) != nil
        else { return nil }
        let runID = lease[annotation: RunLock.runAnnotation] ?? ""
        var run = ActiveRun(
            runID: runID, holder: Holder.words(lease.holder ?? ""), heldSince: lease.acquireTime.flatMap(parseRFC3339),
            exposed: !view.kms.enabled)
        guard let record, record.intent.runID == runID else { return run }
        let seen = Observation(
            cluster: view, vault: vault ?? VaultObservation(access: .disabled),
            kubernetes: KubernetesObservation(kubeSystemUID: job.subject.kubeSystemUID), receipts: record.receipts)
        let facts = PlanFacts(
            secrets: nil, eTag: view.eTag, kms: view.kms, vaultAccess: seen.vault.access)
        run.progress = PlanProgress(plan(for: record.intent, facts), nextStep(record.intent, seen), seen)
        run.exposed = mayBePlaintext(record.intent, seen)
        return run
    }

    /// What a person at this machine must know of runs elsewhere.
    private static func notes(_ known: KnownRun) -> [String] {
        guard case .overtaken(let mine, let other) = known else { return [] }
        let how = other.isUnfinished ? "and is not finished" : "and has ended"
        return [
            "run \(mine.intent.runID.printable(limit: 64)) of this machine was not finished here; run "
                + "\(other.intent.runID.printable(limit: 64)) came after it, \(how)"
        ]
    }

    /// While KMS is off Azure need not show the key any more: then this machine's record names it and its vault.
    private func subjectWithRecord() async -> Subject {
        var subject = job.subject
        guard subject.key == nil,
            let intent = (try? await job.records())?.file.flatMap({ $0.isUnfinished ? $0 : nil })?.intent
        else { return subject }
        subject.key = intent.keyID
        if let vaultID = intent.vaultID { subject.vault = try? await Vaults(arm: job.azure.arm).get(vaultID) }
        return subject
    }

    private func keyRead(_ subject: Subject) async -> (state: KeyState, key: VaultKey?) {
        guard let key = subject.key, let vault = subject.vault else { return (.unreadable, nil) }
        return await job.observer(key: key, vaultID: vault.id).readKey()
    }

    private func atRest(
        _ view: ClusterObservation, _ vault: VaultObservation?, _ record: SwitchRecord?
    ) -> SecretsAtRest {
        // The new experience re-encrypts by itself, and nothing in ARM tells how far that is. With the legacy one, that
        // KMS is on does not tell how Secrets lie that were written while it was off.
        if case .unknown = view.experience { return .unknown }
        guard let record, view.newKMSExperience == (record.intent.newKey != nil),
            let vault = vault ?? (record.intent.vaultID == nil ? VaultObservation(access: .disabled) : nil)
        else { return .unknown }
        let seen = Observation(
            cluster: view, vault: vault,
            kubernetes: KubernetesObservation(kubeSystemUID: job.subject.kubeSystemUID), receipts: record.receipts)
        return ModeSwitch.secretsAtRest(record.intent, seen)
    }

    /// What to do about a cluster of which it is not certain that it has the legacy KMS.
    private static func otherKMS(
        _ view: ClusterObservation, unfinished: Bool, isOfNew: Bool, look: ShellCommand
    ) -> Advice? {
        switch view.experience {
        case .legacy: nil
        // The run that turned KMS off knows what it was.
        case .hidden where unfinished: nil
        case .new where unfinished && isOfNew: nil
        case .new where unfinished:
            """
            the cluster is on the new KMS experience now, where a run cannot go on; \
            \(ShellCommand.own(.verify, .flag(.patch))) makes sure that every Secret is encrypted
            """
        case .new where view.provisioning != .succeeded: nil
        case .new where !view.kms.enabled: "nothing: Azure's own key encrypts the Secrets, and Azure rotates it"
        case .new: nil
        case .hidden, .unknown:
            "see which KMS the cluster has: \(look) (with az's extension aks-preview it shows more)"
        }
    }

    /// The next thing to do, in one sentence.
    static func advice(
        _ view: ClusterObservation, _ vault: VaultObservation?, _ key: KeyState, unfinished: Bool,
        isOfNew: Bool = false, apiServerAnswers: Bool = true, neverHadKMS: Bool = false,
        look: ShellCommand = "az aks show"
    ) -> Advice {
        if let advice = otherKMS(view, unfinished: unfinished, isOfNew: isOfNew, look: look) { return advice }
        let makeSafe = ShellCommand.own(.makeSafe)
        if unfinished {
            return apiServerAnswers
                ? "\(ShellCommand.own(.resume)), or \(makeSafe)"
                : "\(makeSafe), which begins in Azure; resume needs the API server"
        }
        if case .inProgress(let state) = view.provisioning { return "wait: an operation is under way (\(state))" }
        if case .failed = view.provisioning { return Advice(makeSafe) }
        if !view.kms.encrypts { return neverHadKMS ? Subject.neverHadKMSAdvice : "\(makeSafe) turns KMS on again" }
        switch key {
        case .disabled, .expired, .deleted: return "fix the key first: it is \(key.rawValue)"
        case .usable, .unreadable: break
        }
        guard let vault else { return "name the key's vault with --key-vault-resource-id: it was not found" }
        if view.kms.mode == .publicAccess, !vault.servesPublic {
            return "\(makeSafe): KMS is Public, but the vault lets nobody in"
        }
        if view.kms.isNew { return newAdvice(view, vault, apiServerAnswers, makeSafe) }
        if view.kms.mode == .privateAccess, vault.access == .enabled {
            return "nothing is urgent: KMS is Private, and the vault is still open to the public network"
        }
        if !apiServerAnswers { return "check that the API server answers from here: KMS and the vault agree" }
        return "nothing: KMS and the vault agree"
    }

    private static func newAdvice(
        _ view: ClusterObservation, _ vault: VaultObservation, _ apiServerAnswers: Bool, _ makeSafe: ShellCommand
    ) -> Advice {
        let isPrivate = view.kms.mode == .privateAccess
        if isPrivate, vault.trust == .none {
            return "\(makeSafe): KMS is Private, but the vault keeps trusted services out"
        }
        if isPrivate, vault.access == .enabled, !vault.firewallDenies {
            return """
                nothing is urgent: KMS is Private, and the vault is still open to the public network; \
                \(ShellCommand.own(.switchMode, .target(.privateAccess))) closes it
                """
        }
        if !apiServerAnswers { return "check that the API server answers from here: KMS and the vault agree" }
        return "nothing: KMS and the vault agree"
    }
}
