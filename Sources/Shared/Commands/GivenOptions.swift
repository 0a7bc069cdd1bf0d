package import Azure
package import Connections
import ModeSwitch
import Preflight
package import Run
import SecretRewrite

/// The options of a command as they were typed, before anything was made of them.
package struct GivenOptions: Sendable {
    package var selection = SubjectSelection()
    package var target: NetworkMode = .privateAccess
    package var targetIsNamed = false
    package var runToResume: String?
    package var onFailure = Intent.OnFailure.makeSafe.rawValue
    package var closeVaultFirst = false
    package var vaultFirewall = false
    package var viaPlatformKey = false
    package var newVersion = false
    /// Seconds.
    package var wait = 21_600.0
    package var platformManaged = false
    package var customerManaged = false
    package var planID: String?
    package var acceptFailures: [String] = []
    package var acceptUnprovenConvergence = false
    package var vaultSharedOK = false
    package var acceptUnknown: [String] = []
    /// Seconds.
    package var soak = 600.0
    /// Seconds.
    package var operationTimeout = 3600.0
    /// Seconds; nil for no limit.
    package var timeout: Double?
    package var concurrency = PassOptions.usualConcurrency
    package var qps: Double?
    package var engine = RewriteEngine.auto.rawValue
    package var resources: [String] = []
    package var reportFile: String?
    package var keep = 50
    package var showsAll = false

    package init() {}
}

/// Options that contradict each other, or values that no option takes.
package struct OptionError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension GivenOptions {
    /// What `--accept-unknown` takes.
    package static var acceptableUnknowns: [String] { PreflightCheck.all.map(\.id) }

    /// A command on the cluster that they select.
    package func request(_ command: CommandRequest.Command) throws(OptionError) -> CommandRequest {
        CommandRequest(command, selection, try runOptions())
    }

    /// The resources besides Secrets.
    private func migrated(_ engine: RewriteEngine) throws(OptionError) -> [MigratedResource] {
        if engine != .svm, !resources.isEmpty { throw OptionError("--resources goes with --engine svm only") }
        var parsed: [MigratedResource] = []
        for text in resources {
            guard let resource = MigratedResource(text), resource != .secrets else {
                throw OptionError(
                    "--resources takes resources other than secrets, as configmaps or leases.coordination.k8s.io, not "
                        + "'\(text)'")
            }
            parsed.append(resource)
        }
        return parsed
    }

    /// What a run does with them.
    package func runOptions() throws(OptionError) -> RunOptions {
        var options = RunOptions()
        for name in acceptFailures {
            guard let failure = FailureClass(rawValue: name), FailureClass.acceptable.contains(failure) else {
                throw OptionError("--accept-failures takes denied or invalid, not '\(name)'")
            }
            options.acceptedFailures.insert(failure)
        }
        if closeVaultFirst, target == .publicAccess {
            throw OptionError("--close-vault-first goes with the mode Private only")
        }
        if closeVaultFirst, selection.keyID != nil {
            throw OptionError("--close-vault-first does not go with --key-id")
        }
        if platformManaged, customerManaged {
            throw OptionError("--platform-managed and --customer-managed do not go together")
        }
        if newVersion, selection.keyID != nil { throw OptionError("--new-version does not go with --key-id") }
        guard wait > 0, wait <= 604_800 else { throw OptionError("--wait takes more than 0 and at most a week") }
        guard operationTimeout > 0 else { throw OptionError("--operation-timeout must be above 0") }
        if let timeout, timeout <= 0 { throw OptionError("--timeout must be above 0") }
        guard (1...1024).contains(concurrency) else { throw OptionError("--concurrency takes 1 to 1024") }
        if let qps, !(qps > 0 && qps.isFinite) { throw OptionError("--qps takes a number above 0") }
        guard (1...10_000).contains(keep) else { throw OptionError("--keep takes 1 to 10000") }
        if let reportFile, reportFile.isEmpty { throw OptionError("--report takes the name of a file") }
        do { _ = try PreflightCheck.accepted(acceptUnknown) } catch { throw OptionError("\(error)") }
        guard let onFailure = Intent.OnFailure(rawValue: onFailure) else {
            throw OptionError("--on-failure takes make-safe or stop, not '\(self.onFailure)'")
        }
        guard let engine = RewriteEngine(rawValue: engine) else {
            throw OptionError("--engine takes auto or svm, not '\(self.engine)'")
        }
        if engine == .svm, closeVaultFirst {
            throw OptionError("--engine svm does not go with --close-vault-first, which rests on the rewrite alone")
        }
        options.engine = engine
        options.resources = try migrated(engine)
        options.target = target
        options.targetIsNamed = targetIsNamed
        options.runToResume = runToResume
        options.onFailure = onFailure
        options.closeVaultFirst = closeVaultFirst
        options.closesFirewall = vaultFirewall
        options.viaPlatformKey = viaPlatformKey
        options.makesKeyVersion = newVersion
        options.controllerSeconds = wait
        options.newKey = platformManaged ? .platformManaged : customerManaged ? .customerManaged : nil
        options.planID = planID
        options.acceptUnprovenConvergence = acceptUnprovenConvergence
        options.vaultSharedOK = vaultSharedOK
        options.acceptedUnknowns = acceptUnknown
        options.soakSeconds = soak
        options.operationTimeout = operationTimeout
        options.concurrency = concurrency
        options.requestsPerSecond = qps
        options.reportFile = reportFile
        options.keep = keep
        options.showsAll = showsAll
        return options
    }
}
