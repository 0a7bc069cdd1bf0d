import Azure
package import ModeSwitch
import Plan
package import Report
import Text
package import Usage

/// The one place where endings of a run are worded.
package enum Words {
    /// What to tell about an ending; nil when the job is done and every Secret with it.
    package static func problem(
        for ending: Ending, intent: Intent, seen: Observation, atRest: SecretsAtRest
    ) -> RunReport.Problem? {
        let teller = EndingWords(intent: intent, seen: seen, atRest: atRest)
        guard let told = teller.told(ending) else { return nil }
        return RunReport.Problem(
            id: told.id, what: told.what, state: state(intent, seen, atRest), next: teller.next(told))
    }

    /// Which state a run leaves: first of all whether Secrets are plaintext, then KMS and the vault as last seen.
    package static func state(_ intent: Intent, _ seen: Observation, _ atRest: SecretsAtRest) -> Advice {
        var sentences: [Advice] = [Advice(atRest.sentence)]
        if atRest == .unknown, !mayBePlaintext(intent, seen) {
            sentences = [
                """
                This run did not turn KMS off. It was not checked whether every Secret is encrypted; \
                \(Names(intent).tool(.verify, .flag(.patch))) checks it.
                """
            ]
        }
        let kms = seen.cluster.kms
        switch seen.cluster.presence {
        case .present where seen.cluster.newKMSExperience && intent.newKey == nil:
            sentences.append("The cluster is on the new KMS experience.")
        case .present where seen.cluster.isUnknown:
            sentences.append("Which KMS the cluster has cannot be told.")
        case .present where kms.isNew: sentences.append("Secrets are encrypted with the \(kms.words).")
        case .present: sentences.append(kms.enabled ? "KMS is on, mode \(kms.mode.rawValue)." : "KMS is off.")
        case .gone: sentences.append("The cluster is gone.")
        case .unreadable: sentences.append("The KMS settings could not be read.")
        }
        guard intent.vaultID != nil else { return .joined(sentences, separator: " ") }
        let vault = "Vault \(Names(intent).shownVault)"
        switch seen.vault.presence {
        case .present: sentences.append("\(vault) \(access(seen.vault)).")
        case .softDeleted: sentences.append("\(vault) is deleted, and can be recovered.")
        case .gone: sentences.append("\(vault) is gone.")
        case .forbidden, .unreadable: sentences.append("\(vault) could not be read.")
        }
        return .joined(sentences, separator: " ")
    }

    private static func access(_ vault: VaultObservation) -> String {
        switch vault.access {
        case .enabled: vault.firewallDenies ? "is open to selected networks only" : "is open to the public network"
        case .disabled: "is closed to the public network"
        case .securedByPerimeter: "is controlled by a network security perimeter"
        }
    }
}

/// An ending before the state is added to it.
struct Told {
    let id: String
    let what: String
    /// What must be done, as a clause that a colon or a full stop follows.
    let advice: String
    let commands: [ShellCommand]

    /// Whether make-safe would stop for the same reason, so that to tell of it would only cost time.
    var stopsMakeSafe: Bool {
        [
            "cluster-gone", "cluster-recreated", "cluster-stopped", "new-kms-experience", "unknown-kms",
            "key-unusable", "vault-unusable",
        ].contains(id)
    }

    init(_ id: String, _ what: String, _ advice: String, _ commands: [ShellCommand]) {
        self.id = id
        self.what = what
        self.advice = advice
        self.commands = commands
    }
}

/// Words for an ending, with the names of one run.
struct EndingWords {
    let intent: Intent
    let seen: Observation
    let atRest: SecretsAtRest

    var names: Names { Names(intent) }
    var cluster: String { "cluster \(names.shownCluster)" }
    var vault: String { "vault \(names.shownVault)" }

    /// Whether there is no run to go on with: it changed nothing, or it went back to where it began.
    var startsAnew = false

    /// The command that goes on with this run.
    var again: ShellCommand {
        if intent.purpose == .makeSafe { return names.tool(.makeSafe) }
        guard startsAnew || !seen.receipts.hasBegun else { return names.tool(.resume) }
        switch intent.purpose {
        case .switchMode, .makeSafe: return names.tool(.switchMode, .target(intent.target))
        case .rotate:
            guard let key = intent.keyID, key.version != nil, intent.newKey == nil else {
                return names.tool(.rotate, .flag(.newVersion))
            }
            return names.tool(.rotate, .value(.rotatedKeyID, key.description))
        case .migrate:
            return names.tool(
                .migrate, .flag(intent.newKey == .platformManaged ? .platformManaged : .customerManaged))
        }
    }
    /// The same with a flag that lets something through.
    func again(_ argument: ToolCommand.Argument) -> ShellCommand { again.adding(argument) }

    func told(_ ending: Ending) -> Told? {
        switch ending {
        case .finished: finished()
        case .turnedBack(let reason): turnedBack(reason)
        case .stopped(let reason): stopped(reason)
        case .interrupted(let why): interrupted(why)
        }
    }

    /// Advice and commands, a command a line; the way to encrypted Secrets is added where they are not and it can help.
    func next(_ told: Told) -> Advice {
        var lines = [Advice(told.advice + ":")] + told.commands.map { "  \($0)" }
        let makeSafe = names.tool(.makeSafe)
        if mayBePlaintext(intent, seen), !told.commands.contains(makeSafe), !told.stopsMakeSafe {
            lines += ["To encrypt Secrets again first, in the mode that the vault allows:", "  \(makeSafe)"]
        }
        return .joined(lines, separator: "\n")
    }

    private func turnedBack(_ reason: StopReason) -> Told {
        var teller = self
        teller.startsAnew = true
        let told = teller.stopped(reason)
        return Told(
            told.id, "The run could not finish, so KMS was turned on again automatically. \(told.what)", told.advice,
            told.commands)
    }

    private func finished() -> Told? {
        guard let failures = seen.receipts.pass(.verify)?.failures else { return nil }
        let count = failures.values.reduce(0, +)
        guard count > 0 else { return nil }
        return Told(
            "secrets-left",
            "The run on \(cluster) is done, but \(secrets(count)) could not be rewritten: \(words(failures)).",
            "Fix what refuses them, then rewrite them", [names.tool(.rewriteSecrets), names.tool(.verify)])
    }

    private func interrupted(_ why: String) -> Told {
        let approval = seen.vault.privateEndpoint == .pending && intent.target == .privateAccess
        return Told(
            "interrupted", "The run on \(cluster) was interrupted: \(why.printable()).\(lastWords)",
            approval ? "Have the vault's private endpoint connection approved, then go on" : "Go on",
            approval ? [listConnections, again] : [again])
    }

    var listConnections: ShellCommand {
        "az network private-endpoint-connection list --id \(names.vaultID) -o table"
    }

    func secrets(_ count: Int) -> String { count == 1 ? "1 Secret" : "\(count) Secrets" }
}
