import Azure
import AzureResources
import Connections
import FoundationEssentials
import HTTP
import Journal
import KubeAPI
import ModeSwitch
import Plan
import Preflight
import PreflightReading
package import Report
import Text
import Usage

/// What a command finds before it changes anything.
extension RunJob {
    /// The intent and plan of a new switch.
    ///
    /// - Parameter isOnlyALook: whether nothing will be changed; else an unfinished run refuses it.
    package func prepareSwitch(isOnlyALook: Bool = false) async throws -> Prepared {
        try maker.refuseUnknown()
        let found = try await records()
        if !isOnlyALook { try refuseUnfinished(found) }
        return try await prepared(try maker.switchIntent(), Receipts(), found)
    }

    func refuseUnfinished(_ found: FoundRecords) throws {
        guard let record = try known(found).record else { return }
        throw SubjectError(
            .refused,
            "run \(record.intent.runID.printable()) to \(record.intent.targetProfile.words) is not finished",
            next: "\(ShellCommand.own(.resume)), or \(ShellCommand.own(.makeSafe))")
    }

    /// The unfinished run, from this machine's disk or, as far as the person confirms it, from the cluster.
    package func prepareResume() async throws -> Prepared {
        try maker.refuseUnknown(hadLegacyKMS: true)
        let found = try await records()
        let known = try known(found)
        let resumed = try known.resumed(named, identity, configMapName: RunJournal.source)
        guard var record = resumed else {
            try maker.refuseUnknown()
            try refuseNeverOn()
            throw SubjectError(
                .refused, "there is no unfinished run for \(subject.clusterID.name), on this machine or in the cluster",
                next:
                    """
                    \(ShellCommand.own(.status)) shows what is; \(ShellCommand.own(.makeSafe)) turns KMS on again if it \
                    is off
                    """
            )
        }
        try refuseForeign(record, hadLegacyKMS: known.hasOnDisk(record) && record.intent.original.enabled)
        record.receipts.resumed()
        return try await prepared(widened(record.intent), record.receipts, found)
    }

    /// The way back to encrypted and readable; with the unfinished run's record when this machine has one.
    package func prepareMakeSafe() async throws -> Prepared {
        try maker.refuseUnknown(hadLegacyKMS: true)
        let found = try await records()
        let known = try known(found)
        switch known {
        case .mine, .changedElsewhere:
            guard var record = known.record else { break }
            try refuseForeign(record, hadLegacyKMS: record.intent.original.enabled)
            record.receipts.resumed()
            var intent = widened(record.intent)
            intent.purpose = .makeSafe
            return try await prepared(intent, record.receipts, found)
        case .none, .hint, .overtaken: break
        }
        // Of what the cluster's copy says only that KMS may have been off is believed, never a key or a vault.
        return try await prepared(try makeSafeIntent(hint: known.record), known.hints, found)
    }

    /// A run that began on the legacy KMS has nothing to do on a cluster that somebody migrated since.
    private func refuseForeign(_ record: SwitchRecord, hadLegacyKMS: Bool) throws(SubjectError) {
        guard record.intent.newKey == nil else { return try maker.refuseUnknown() }
        try maker.refuseOtherKMS(hadLegacyKMS: hadLegacyKMS)
    }

    /// A cluster that never had KMS has nothing to go on with, and nothing to go back to, unless a key is named.
    private func refuseNeverOn() throws(SubjectError) {
        guard subject.neverHadKMS, subject.key == nil else { return }
        throw SubjectError(
            .neverOn, "KMS was never set up for \(subject.clusterID.name), as far as Azure shows",
            next: Subject.neverHadKMSAdvice)
    }

    private func makeSafeIntent(hint: SwitchRecord?) throws(SubjectError) -> Intent {
        // Azure's own key encrypts without any of the person's.
        if subject.key == nil, !subject.cluster.kmsProfile.isPlatformManaged, let key = hint?.intent.keyID {
            throw SubjectError(
                .refused,
                "Azure shows no KMS key for \(subject.clusterID.name); \(RunJournal.source) names \(key), "
                    + "which somebody may have put there",
                next:
                    "if that is your key: \(ShellCommand.own(.makeSafe, .value(.knownKeyID, key.description)))")
        }
        if hint == nil { try refuseNeverOn() }
        return try maker.makeSafeIntent()
    }

    /// What the resuming command accepts is accepted on top of what the run did.
    private func widened(_ intent: Intent) -> Intent {
        var intent = intent
        intent.options.acceptedFailures.formUnion(options.acceptedFailures)
        intent.options.acceptUnprovenConvergence =
            intent.options.acceptUnprovenConvergence || options.acceptUnprovenConvergence
        intent.options.vaultSharedOK = intent.options.vaultSharedOK || options.vaultSharedOK
        intent.options.onFailure = options.onFailure
        return intent
    }

    var maker: IntentMaker { IntentMaker(subject: subject, options: options, runID: runID) }

    func prepared(_ intent: Intent, _ receipts: Receipts, _ found: FoundRecords) async throws -> Prepared {
        try await refuseForeignVault(intent)
        let count = await reader.secretCount(preflightSubject(intent), strategy(intent))
        let view = subject.cluster.observation()
        let access = subject.vault?.heldAccess ?? .disabled
        let encryption = subject.cluster.encryption
        let facts = PlanFacts(
            secrets: count, eTag: view.eTag, kms: view.kms, vaultAccess: access,
            encryption: encryption.words(mode: view.kms.mode.rawValue), doubt: encryption.note)
        let made = plan(for: intent, facts)
        if let wanted = options.planID, wanted != made.planID {
            throw SubjectError(
                .refused, "the plan is \(made.planID) now, not \(wanted.printable(limit: 64)): something changed since",
                next: "look at it again with --dry-run")
        }
        let vaultIsThere = vaultIsThere(intent, access)
        let isNew = intent.purpose != .makeSafe && intent.purpose != .rotate && receipts.epoch == 0
        let isOnTarget = isNew && view.provisioning == .succeeded && view.kms.means(intent.targetProfile)
        if isOnTarget, !vaultIsThere, intent.newKey == nil { try refuseHalfway(intent) }
        let isDone = isOnTarget && vaultIsThere
        let seen = Observation(
            cluster: view, vault: subject.vaultView ?? VaultObservation(access: .disabled),
            kubernetes: KubernetesObservation(kubeSystemUID: subject.kubeSystemUID), receipts: receipts)
        let exposure = RunReport.exposure(receipts, secretsAtRest(intent, seen))
        let exposedSince = exposure.flatMap { $0.endedAt == nil ? $0.startedAt : nil }
        var shown = made
        if receipts.hasBegun {
            shown = made.goingOn(at: PlanProgress(made, nextStep(intent, seen), seen))
            shown.exposedSince = exposedSince
        }
        return Prepared(
            intent: intent, receipts: receipts, plan: shown, isDone: isDone, kmsIsOn: view.kms.encrypts,
            exposedSince: exposedSince, notes: try notes(found) + engineNotes(intent), found: found)
    }

    private func vaultIsThere(_ intent: Intent, _ access: VaultAccess) -> Bool {
        guard intent.movesVault else { return true }
        guard intent.newKey != nil else { return access == intent.target.vaultAccess }
        guard intent.purpose == .switchMode, let vault = subject.vaultView else { return true }
        let isClosed = access == .disabled || (intent.options.closesFirewall == true && vault.firewallDenies)
        return intent.target == .privateAccess ? isClosed && vault.trust != .none : vault.servesPublic
    }

    /// The vault that a run may open or close owns the key, in the tenant of the cluster, whatever a record says.
    private func refuseForeignVault(_ intent: Intent) async throws(SubjectError) {
        guard let vaultID = intent.vaultID, let key = intent.keyID else { return }
        let known = subject.vault.flatMap { $0.id == vaultID ? $0 : nil }
        // A vault that cannot be read cannot be changed either; the run itself tells of it.
        guard let vault = known == nil ? try? await Vaults(arm: azure.arm).get(vaultID) : known else { return }
        if !vault.owns(key) {
            throw SubjectError(
                .refused, "the vault \(vault.name.printable()) does not hold the key \(key)",
                next: "\(ShellCommand.own(.status)) shows the vault that does; name the right key with --key-id")
        }
        guard let tenant = azure.arm.tenant, let vaultTenant = vault.tenantID,
            tenant.lowercased() != vaultTenant.lowercased()
        else { return }
        throw SubjectError(
            .refused,
            "the vault \(vault.name.printable()) belongs to another tenant than the cluster: "
                + vaultTenant.printable(),
            next: "use a key in a vault of the cluster's tenant, \(tenant)")
    }

    /// KMS is in the target mode and the vault is not, and no journal tells how that came about.
    private func refuseHalfway(_ intent: Intent) throws(SubjectError) {
        if intent.target == .publicAccess {
            throw SubjectError(
                .refused, "KMS is Public already, but the vault \(subject.vault?.name ?? "") is closed",
                next: "\(ShellCommand.own(.makeSafe)) opens it")
        }
        guard !options.acceptUnprovenConvergence else { return }
        throw SubjectError(
            .refused,
            "KMS is Private already and the vault \(subject.vault?.name ?? "") is open: nothing proves that no API server "
                + "uses its public endpoint any more",
            next:
                "close it with --accept-unproven-convergence (it is watched, and opened again if writes fail), or switch "
                + "--public and --private again, which proves it")
    }

    /// The report of a switch that finds everything as it should be.
    package func reportDone(_ prepared: Prepared, command: String) -> RunReport {
        let seen = Observation(
            cluster: subject.cluster.observation(),
            vault: subject.vaultView ?? VaultObservation(access: .disabled),
            kubernetes: KubernetesObservation(kubeSystemUID: subject.kubeSystemUID))
        return RunReport(
            command: command, intent: prepared.intent, seen: seen, ending: .finished, exitCode: .done,
            secretsAtRest: secretsAtRest(prepared.intent, seen))
    }
}
