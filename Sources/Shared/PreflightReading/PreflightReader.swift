package import Azure
import AzureAccount
package import AzureResources
package import KubeAPI
package import Preflight
package import SecretRewrite

/// Reads what preflight's checks judge, from ARM and from the API server, and changes nothing.
///
/// It never throws: what cannot be read becomes a fact that says so, and each check decides what that means.
package struct PreflightReader: Sendable {
    let arm: ARMClient
    let kube: Fact<KubeClient>
    let clock: any PassClock
    let roleDefinitions = RoleDefinitions()
    let readings: PreflightReadings

    /// - Parameters:
    ///   - kube: the connection; unreadable with the reason if there is none.
    ///   - clock: the time by which the dry run of the rewrite goes.
    package init(arm: ARMClient, kube: Fact<KubeClient>, clock: any PassClock) {
        self.arm = arm
        self.kube = kube
        self.clock = clock
        readings = PreflightReadings { clock.seconds }
    }

    /// What a caller asks about.
    package struct Question: Sendable {
        package var target: NetworkMode
        package var strategy: PreflightFacts.Strategy
        package var subject: PreflightSubject
        /// What the caller read of it a moment ago, which is not read again.
        package var seen: Seen
        package var circumstances: PreflightCircumstances
        /// Seconds since 1970.
        package var now: Int64
        /// The most requests that the dry run has under way.
        package var concurrency: Int

        /// Documents that were read a moment ago; nil for those that are still to be read.
        package struct Seen: Sendable {
            package var cluster: ManagedCluster?
            package var vault: Vault?

            package init(cluster: ManagedCluster? = nil, vault: Vault? = nil) {
                self.cluster = cluster
                self.vault = vault
            }
        }

        package init(
            target: NetworkMode, strategy: PreflightFacts.Strategy = .init(), subject: PreflightSubject,
            seen: Seen = Seen(), circumstances: PreflightCircumstances, now: Int64, concurrency: Int = 64
        ) {
            self.target = target
            self.strategy = strategy
            self.subject = subject
            self.seen = seen
            self.circumstances = circumstances
            self.now = now
            self.concurrency = concurrency
        }
    }

    /// Who is told while the dry run goes on, and how it is stopped.
    package struct Watch: Sendable {
        package var progress: @Sendable (PassProgress) -> Void
        package var stop: StopSignal

        package init(
            progress: @escaping @Sendable (PassProgress) -> Void = { _ in }, stop: StopSignal = StopSignal()
        ) {
            self.progress = progress
            self.stop = stop
        }
    }

    /// Everything, before anything changes; the dry run of the rewrite is part of it, unless another part is asked for.
    package func full(
        _ question: Question, _ part: PreflightReport.Part = .whole, watch: Watch = Watch()
    ) async -> PreflightFacts {
        await read(question, before: nil, PreflightSection.needed(for: part, by: question.strategy.job), watch)
    }

    /// What the checks before a step need, and no more: Secrets may be plaintext meanwhile. What was read within the
    /// last minute and changes seldom is not read again.
    package func critical(before step: PreflightStep, _ question: Question) async -> PreflightFacts {
        await read(question, before: step, PreflightSection.needed(before: step, by: question.strategy.job), Watch())
    }

    /// How many Secrets there are; nil where the API server does not tell.
    package func secretCount(_ subject: PreflightSubject, _ strategy: PreflightFacts.Strategy) async -> Int? {
        let about = PreflightReadings.About(subject: subject, strategy: strategy)
        var facts = PreflightFacts(target: .publicAccess, strategy: strategy, names: subject.names, now: 0)
        let change = await readings.change(.secretCount, about) { await PreflightScene.readSecretCount(kube) }
        change(&facts)
        return facts.kubernetes.secretCount.value
    }

    /// Reads everything anew from here on.
    package func forget() async { await readings.forget() }

    /// Metrics of API servers that were read within the last minute.
    package var recentMetrics: [ServerMetrics] { get async { await readings.recentMetrics } }

    /// The key that is to encrypt, as it was read within the last minute.
    package var recentKey: PreflightFacts.Key? { get async { await readings.recentKey } }

    private func read(
        _ question: Question, before step: PreflightStep?, _ sections: Set<PreflightSection>, _ watch: Watch
    ) async -> PreflightFacts {
        var facts = PreflightFacts(
            target: question.target, strategy: question.strategy, names: question.subject.names, now: question.now,
            step: step)
        question.circumstances.put(into: &facts)
        let scene = await PreflightScene(question, reader: self, watch: watch)
        await scene.describe(into: &facts)
        await scene.read(sections, into: &facts)
        return facts
    }
}

/// A part of the facts that has been read, ready to be put in its place.
typealias FactChange = @Sendable (inout PreflightFacts) -> Void

/// The question with the two documents on which almost all else rests.
struct PreflightScene: Sendable {
    let question: PreflightReader.Question
    let arm: ARMClient
    let kube: Fact<KubeClient>
    let clock: any PassClock
    let roleDefinitions: RoleDefinitions
    let readings: PreflightReadings
    let watch: PreflightReader.Watch
    let cluster: Fact<ManagedCluster>
    let vault: Fact<Vault>
    /// Whether ARM says that there is no such vault, which is more than that it could not be read.
    let vaultIsMissing: Bool

    var subject: PreflightSubject { question.subject }
    var about: PreflightReadings.About { .init(subject: subject, strategy: question.strategy) }

    /// The vault, in the sections that are read only where there is one.
    var vaultID: AzureResourceID { subject.vault ?? subject.cluster }

    /// Whether the vault is to be closed, so that whoever else uses it would be harmed.
    var closesVault: Bool { question.strategy.closesVault(question.target) }

    init(_ question: PreflightReader.Question, reader: PreflightReader, watch: PreflightReader.Watch) async {
        self.question = question
        arm = reader.arm
        kube = reader.kube
        clock = reader.clock
        roleDefinitions = reader.roleDefinitions
        readings = reader.readings
        self.watch = watch
        let (subject, seen, arm) = (question.subject, question.seen, arm)
        async let cluster = Fact.reading {
            if let seen = seen.cluster, seen.id == subject.cluster { return seen }
            return try await ManagedClusters(arm: arm).get(subject.cluster)
        }
        async let answer = Self.vault(subject.vault, seen.vault, arm)
        self.cluster = await cluster
        switch await answer {
        case nil:
            vault = .notApplicable
            vaultIsMissing = false
        case .success(let vault)?:
            self.vault = .known(vault)
            vaultIsMissing = false
        case .failure(let error)?:
            vault = .unreadable("\(error)")
            vaultIsMissing = error.kind == .notFound
        }
    }

    private static func vault(
        _ id: AzureResourceID?, _ seen: Vault?, _ arm: ARMClient
    ) async -> Result<Vault, ARMError>? {
        guard let id else { return nil }
        if let seen, seen.id == id { return .success(seen) }
        do { return .success(try await Vaults(arm: arm).get(id)) } catch { return .failure(error) }
    }

    /// Requests to ARM come in several parts at once, but few: its read limits are per caller, not per run.
    private static let readersAtOnce = 6

    func read(_ sections: Set<PreflightSection>, into facts: inout PreflightFacts) async {
        var waiting = PreflightSection.allCases.filter(sections.contains)[...]
        await withTaskGroup(of: FactChange.self) { group in
            func start() {
                guard let section = waiting.popFirst() else { return }
                group.addTask { await change(section, sections) }
            }
            for _ in 0..<Self.readersAtOnce { start() }
            for await change in group {
                change(&facts)
                start()
            }
        }
    }

    private static let nothing: FactChange = { _ in }

    /// Where no key of a vault is used, there is nothing of it to know.
    private static let withoutVault: FactChange = {
        $0.presentKey = .notApplicable
    }

    private func change(_ section: PreflightSection, _ sections: Set<PreflightSection>) async -> FactChange {
        if subject.vault == nil, section.isOfVault { return PreflightScene.withoutVault }
        // The metrics tell which keys the dry run met, so they are read after it.
        if section == .metrics, sections.contains(.dryRun) { return PreflightScene.nothing }
        return await readings.change(section, about) { await read(section) }
    }

    private func read(_ section: PreflightSection) async -> FactChange {
        switch section {
        case .subscription: return await readSubscription()
        case .operations: return await readOperations()
        case .maintenance: return await readMaintenance()
        case .autoscaler: return await readAutoscaler()
        case .networkRules: return await readNetworkRules()
        case .key: return await readKey()
        case .presentKey: return await readPresentKey()
        case .door: return await readDoor()
        case .identity: return await readIdentity()
        case .denials: return await readDenials()
        case .callerOnCluster: return await readCallerOnCluster()
        case .callerOnVault: return await readCallerOnVault()
        case .linkedRights: return await readLinkedRights()
        case .endingRights: return await readEndingRights()
        case .locks: return await readLocks()
        case .providers: return await readProviders()
        case .policies: return await readPolicies()
        case .otherUsers: return await readOtherUsers()
        case .reconcilers: return await readReconcilers()
        case .version: return await readVersion()
        case .accessReviews: return await readAccessReviews()
        case .readiness: return await readReadiness()
        case .metrics: return await readMetrics(afterDryRun: nil)
        case .secretCount: return await Self.readSecretCount(kube)
        case .probe: return await readProbe()
        case .migrations: return await readMigrations()
        case .dryRun: return await readDryRunAndMetrics()
        }
    }
}
