import Azure
import AzureAccount
import Commands
import Connections
import JSON
import Kubeconfig
import ModeSwitch
import Run
import Usage

/// What az asks for, as its first line says it.
struct ShimRequest: Sendable {
    var command: CommandRequest
    var cloud: AzureCloud
    var subscriptionID: String
    var tenantID: String
    /// Seconds for the whole command; nil for no limit.
    var timeout: Double?
    /// Whether the person has agreed already.
    var yes: Bool
    /// Whether requests are to be shown.
    var isVerbose: Bool
}

/// Why a request cannot be carried out as it is; it quotes nothing of it but names.
struct RequestError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension ShimRequest {
    /// - Parameter kubeconfigVariable: KUBECONFIG; set to something, it is used instead of what ARM gives out.
    init(_ document: JSONValue, kubeconfigVariable: String?) throws {
        var members = try Members(document, "the request")
        guard try members.string("type") == "request" else { throw RequestError("the first message is not a request") }
        guard try members.integer("protocol") == ShimProtocol.version else {
            throw ProtocolMismatch(theirs: document["protocol"]?.integer, version: document["version"]?.string)
        }
        _ = try members.string("version")
        var cloud = try members.object("cloud")
        self.cloud = AzureCloud(
            name: try cloud.needed("name"), resourceManager: try cloud.needed("resourceManager"),
            activeDirectory: try cloud.needed("activeDirectory"),
            resourceManagerAudience: try cloud.needed("resourceManagerAudience"),
            keyVaultSuffix: try cloud.string("keyVaultSuffix"))
        try cloud.end()
        subscriptionID = try members.needed("subscription")
        tenantID = try members.needed("tenant")
        var arguments = try members.object("arguments")
        yes = try arguments.bool("yes")
        isVerbose = try arguments.bool("verbose")
        timeout = try arguments.seconds("timeout")
        command = try Self.command(
            try members.needed("command"), &arguments, timeout: timeout, subscription: subscriptionID,
            kubeconfigVariable: kubeconfigVariable)
        try arguments.end()
        try members.end()
    }

    private static func command(
        _ name: String, _ arguments: inout Members, timeout: Double?, subscription: String,
        kubeconfigVariable: String?
    ) throws -> CommandRequest {
        let selection = try selection(&arguments, subscription: subscription, kubeconfigVariable)
        let given = try given(&arguments, selection, timeout: timeout)
        let dryRun = try arguments.bool("dryRun")
        let patch = try arguments.bool("patch")
        let run = try arguments.string("run")
        let command: CommandRequest.Command =
            switch CommandName(az: name) {
            case .status: .status
            case .preflight: .preflight
            case .switchMode: .switchMode(dryRun: dryRun)
            case .resume: .resume
            case .makeSafe: .makeSafe
            case .rotate: .rotate(dryRun: dryRun)
            case .migrate: .migrate(dryRun: dryRun)
            case .verify: .verify(patch: patch)
            case .list: .list
            case .history: .history
            case .report: .report(run: run)
            case .rewriteSecrets, .rbac, .options, .completion, .version, nil:
                throw RequestError("this command does not exist")
            }
        return try given.request(command)
    }

    private static func selection(
        _ arguments: inout Members, subscription: String, _ kubeconfigVariable: String?
    ) throws -> SubjectSelection {
        var selection = SubjectSelection()
        // For `list` this is one subscription of several; for the others it is the one that az has chosen.
        selection.subscription = try arguments.bool("allSubscriptions") ? nil : subscription
        selection.resourceGroup = try arguments.string("resourceGroup")
        selection.name = try arguments.string("name")
        selection.keyID = try arguments.string("keyId")
        selection.vaultID = try arguments.string("keyVaultResourceId")
        selection.kubeconfig.kubeconfig = try arguments.string("file")
        selection.kubeconfig.context = try arguments.string("context")
        let asAdmin = try arguments.bool("admin")
        let hasKubeconfig =
            selection.kubeconfig.kubeconfig != nil || selection.kubeconfig.context != nil
            || !(kubeconfigVariable ?? "").isEmpty
        if hasKubeconfig, asAdmin {
            throw RequestError(
                "--admin takes Azure's credentials: leave out --file and --context, and unset KUBECONFIG")
        }
        if !hasKubeconfig { selection.access = .azure(asAdmin: asAdmin) }
        return selection
    }

    private static func given(
        _ arguments: inout Members, _ selection: SubjectSelection, timeout: Double?
    ) throws -> GivenOptions {
        var given = GivenOptions()
        given.selection = selection
        given.timeout = timeout
        if let mode = try arguments.string("mode") {
            guard let mode = NetworkMode(rawValue: mode) else { throw RequestError("--mode takes Private or Public") }
            given.target = mode
            given.targetIsNamed = true
        }
        given.runToResume = try arguments.string("runId")
        if let onFailure = try arguments.string("onFailure") { given.onFailure = onFailure }
        if let engine = try arguments.string("engine") { given.engine = engine }
        given.reportFile = try arguments.string("report")
        if let keep = try arguments.integer("keep") { given.keep = Int(exactly: keep) ?? 0 }
        given.closeVaultFirst = try arguments.bool("closeVaultFirst")
        given.planID = try arguments.string("planId")
        given.vaultFirewall = try arguments.bool("vaultFirewall")
        given.viaPlatformKey = try arguments.bool("viaPlatformKey")
        given.newVersion = try arguments.bool("newVersion")
        if let wait = try arguments.seconds("wait") { given.wait = wait }
        given.platformManaged = try arguments.bool("platformManaged")
        given.customerManaged = try arguments.bool("customerManaged")
        given.selection.takesVersionless = given.customerManaged
        given.acceptFailures = try arguments.strings("acceptFailures")
        given.acceptUnknown = try arguments.strings("acceptUnknown")
        given.acceptUnprovenConvergence = try arguments.bool("acceptUnprovenConvergence")
        given.vaultSharedOK = try arguments.bool("vaultSharedOk")
        if let soak = try arguments.seconds("soak") { given.soak = soak }
        if let limit = try arguments.seconds("operationTimeout") { given.operationTimeout = limit }
        if let concurrency = try arguments.integer("concurrency") {
            given.concurrency = Int(exactly: concurrency) ?? 0
        }
        given.qps = try arguments.number("qps")
        return given
    }
}

/// The two sides are of different versions.
struct ProtocolMismatch: Error {
    let theirs: Int64?
    let version: String?
}
