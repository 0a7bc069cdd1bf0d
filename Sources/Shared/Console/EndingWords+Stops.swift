import Azure
import ModeSwitch
import Plan
import SecretRewrite
import Text
import Usage

/// Why a run stopped: its id, what happened and what to do. The ids never change: docs/troubleshooting.md is keyed by
/// them.
extension EndingWords {
    func stopped(_ reason: StopReason) -> Told {
        switch reason {
        case .clusterGone: clusterGone()
        case .clusterRecreated: clusterRecreated()
        case .clusterStopped: clusterStopped()
        case .clusterFailed(let why): clusterFailed(why)
        case .newKMSExperience: newKMSExperience()
        case .unknownKMS(let why): unknownKMS(why)
        case .changedByOthers(let profile): changedByOthers(profile)
        case .keyUnusable(let state): keyUnusable(state)
        case .vaultUnusable(let presence): vaultUnusable(presence)
        case .vaultFirewall: vaultFirewall()
        case .vaultPerimeter: vaultPerimeter()
        case .vaultKeepsAccess(let access): vaultKeeps(access)
        case .vaultKeepsRules(let setting): vaultKeepsRules(setting)
        case .keyNotMade(let refusal): keyNotMade(refusal)
        case .vaultShared(let others): vaultShared(others)
        case .privateEndpoint(let state): privateEndpoint(state)
        case .privateImpossible: privateImpossible()
        case .oldPathUnproven: oldPathUnproven()
        case .convergenceUnproven(let state, let detail): convergenceUnproven(state, detail)
        case .secretsFailed(let failures): secretsFailed(failures)
        case .passIncomplete: passIncomplete()
        case .soakFailed(let detail): soakFailed(detail)
        case .proofFailed: proofFailed()
        case .checkRefuses(let why): checkRefuses(why)
        case .recordUnwritable(let why): recordUnwritable(why)
        case .armRefuses(let refusal): armRefuses(refusal)
        case .apiServerUnreachable: apiServerUnreachable()
        }
    }

    var preflight: ShellCommand {
        intent.purpose == .switchMode ? names.tool(.preflight, .target(intent.target)) : names.tool(.status)
    }

    /// A server's words within a sentence: bounded, printable, without a full stop of their own.
    func shown(_ detail: String) -> String {
        let text = detail.printable()
        if text.isEmpty { return "no reason was given" }
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    private func passIncomplete() -> Told {
        Told(
            "pass-incomplete", "Three passes in a row could not reach every Secret of \(cluster).",
            "Check that the API server answers, and that you can list and patch Secrets, then go on",
            ["kubectl get --raw /readyz", again])
    }

    private func soakFailed(_ detail: String) -> Told {
        // The new experience has no private endpoint: trusted services come in past the vault's firewall.
        let look = intent.original.isNew ? names.keyVault("show --query properties.networkAcls") : listConnections
        return Told(
            "soak-failed",
            "With \(vault) closed, \(cluster) could not write Secrets: \(shown(detail)). The vault was opened again.",
            "Find out why the private path to the vault fails, then go on", [look, again])
    }

    private func checkRefuses(_ why: String) -> Told {
        Told(
            "check-refuses", "A check refuses the next step on \(cluster): \(shown(why)).",
            "Fix what the check names, then go on", [preflight, again])
    }

    private func recordUnwritable(_ why: String) -> Told {
        Told(
            "record-unwritable", "The record of the run on \(cluster) could not be written: \(shown(why)).",
            "Free space for the record on this machine, then go on", [names.tool(.status), again])
    }

    private func apiServerUnreachable() -> Told {
        Told(
            "api-server-unreachable", "The API server of \(cluster) cannot be reached.",
            "Check that it answers from here, then go on", ["kubectl get --raw /readyz", again])
    }

    private func convergenceUnproven(_ state: ConvergenceReceipt.State, _ detail: String) -> Told {
        let what =
            switch state {
            case .mixed: "some API servers still have the old KMS setting, and others the new one"
            case .homogeneous: "no API server with the new KMS setting was seen"
            case .unavailable: "which KMS setting the API servers have could not be measured"
            case .silent: "the API server was silent for too long to be measured"
            case .regressed: "the old KMS setting was seen again"
            case .converged: "the API servers were seen to agree, but the evidence is not enough"
            }
        let why = detail.isEmpty ? "" : " (\(shown(detail)))"
        if intent.purpose == .rotate, intent.newKey != nil, state == .homogeneous || state == .mixed {
            return Told(
                "convergence-unproven",
                "Azure has not taken the new version of the key on all API servers of \(cluster) yet\(why).",
                "Azure may take six hours. Keep every version of the key as it is until then, and go on", [again])
        }
        return Told(
            "convergence-unproven", "On \(cluster), \(what)\(why).",
            "Wait a few minutes, then measure again. The second command goes on without this proof",
            [again, again(.flag(.acceptUnprovenConvergence))])
    }

    private func oldPathUnproven() -> Told {
        Told(
            "old-path-unproven",
            "There is no evidence that every API server of \(cluster) has left the public path to \(vault), "
                + "so it was not closed.",
            "Only the run that turned KMS off can prove that. This command closes the vault without the proof; the vault "
                + "is watched, and opened again if writes fail",
            [again(.flag(.acceptUnprovenConvergence))])
    }

    private func secretsFailed(_ failures: [FailureClass: Int]) -> Told {
        let count = failures.values.reduce(0, +)
        let present = FailureClass.allCases.filter { (failures[$0] ?? 0) > 0 }
        var commands = [again]
        var advice = "Fix what refuses them (the report names them), then go on"
        if present.contains(.undecryptable) {
            advice =
                "Bring back the key version that encrypted those that cannot be decrypted (the report names them), then go on; "
                + "docs/undecryptable.md has how, and how to delete them if it is gone for good"
            commands.insert(names.keyVersions, at: 0)
        } else if !present.isEmpty, Set(present).isSubset(of: FailureClass.acceptable) {
            advice += "; the second command goes on without them"
            commands.append(again(.values(.acceptFailures, present.map(\.rawValue))))
        }
        return Told(
            "secrets-failed", "\(secrets(count)) of \(cluster) could not be rewritten: \(words(failures)).", advice,
            commands)
    }

    private func proofFailed() -> Told {
        let failed = seen.receipts.proof?.items.filter { $0.verdict == .failed } ?? []
        let named = failed.prefix(5).map { "\($0.id.printable(limit: 80)) (\(shown($0.detail)))" }
        let what = named.isEmpty ? "no evidence could be read" : named.joined(separator: ", ")
        return Told(
            "proof-failed", "The result on \(cluster) could not be proven: \(what).",
            "Look at the evidence, then go on", [names.tool(.verify), again])
    }

    private func privateImpossible() -> Told {
        let what =
            seen.cluster.vnetIntegration
            ? "\(vault) can be reached through neither its public nor its private endpoint"
            : "the cluster has no API Server VNet Integration, which Private needs"
        let open = names.keyVault("update --public-network-access Enabled")
        return Told(
            "private-impossible", "KMS of \(cluster) cannot be turned on as Private: \(what).",
            "Open the vault, then turn KMS on as Public", [open, names.tool(.makeSafe)])
    }
}
