import Azure
package import ModeSwitch
import Plan
package import SecretRewrite
import Text

/// What a run does, in words.
package enum StepWords {
    /// A step as a title, without a full stop.
    package static func title(_ step: Step, _ intent: Intent) -> String {
        let names = Names(intent)
        return switch step {
        case .wait(let reason): reason.description
        case .change(let profile): change(profile, intent)
        case .check(.admission): "Trying a rewrite of every Secret through admission"
        case .check: "Checking that the next step is allowed"
        case .converge(.baseline): "Checking that all API servers store Secrets alike"
        case .converge(.full): "Waiting until every API server has the new setting"
        case .converge(.burst): "Checking again that every API server has the new setting"
        case .converge(.early): "Sampling API servers while Azure works"
        case .converge(.controller): "Waiting until Azure has taken the new version of the key"
        case .rewrite(let purpose): rewrite(purpose, isOff: false)
        case .trustServices: "Letting trusted services pass the firewall of vault \(names.shownVault)"
        case .denyNetworks: "Closing vault \(names.shownVault) by its firewall"
        case .allowNetworks: "Opening the firewall of vault \(names.shownVault) to all networks"
        case .makeKeyVersion:
            "Making a new version of the key \(names.keyName.printable()) in vault \(names.shownVault)"
        case .openVault: "Opening vault \(names.shownVault) to the public network"
        case .closeVault: "Closing vault \(names.shownVault) to the public network"
        case .soak: "Watching that Secrets can still be written with the vault closed"
        case .prove: "Proving the result"
        case .turnBack: "The switch cannot go on: going back to encrypted and readable"
        case .stop: "Stopped"
        case .finish: finish(intent)
        }
    }

    /// The same, where it counts for a rewrite how Secrets will lie afterwards.
    package static func title(_ step: Step, _ intent: Intent, atRest: SecretsAtRest, kmsIsOn: Bool?) -> String {
        guard case .rewrite(let purpose) = step else { return title(step, intent) }
        return rewrite(purpose, isOff: kmsIsOn.map { !$0 } ?? (atRest == .plaintext))
    }

    private static func finish(_ intent: Intent) -> String {
        switch intent.purpose {
        case .makeSafe: "Encrypted and readable"
        case .rotate: "Done: KMS uses the new version of the key"
        case .switchMode, .migrate: "Done: KMS is \(intent.targetProfile.words)"
        }
    }

    private static func change(_ profile: KMSProfile, _ intent: Intent) -> String {
        if profile.isPlatformManaged { return "Changing KMS to Azure's own key" }
        if profile.isNew { return "Changing KMS to the customer-managed key, mode \(profile.mode.rawValue)" }
        if !profile.enabled { return "Turning KMS off" }
        if profile.keyID.lowercased() != intent.original.keyID.lowercased(), intent.original.enabled {
            return "Changing KMS to the new key, mode \(profile.mode.rawValue)"
        }
        return "Turning KMS on, mode \(profile.mode.rawValue)"
    }

    private static func rewrite(_ purpose: RewritePurpose, isOff: Bool) -> String {
        switch purpose {
        case .rewrite: isOff ? "Rewriting Secrets (now plaintext)" : "Rewriting Secrets (now encrypted)"
        case .verify: "Verifying every Secret"
        case .beforeKeyChange: "Rewriting Secrets with the present key, before the key is changed"
        case .repair: "Rewriting Secrets after a failed change"
        }
    }
}

/// One wording for every reader, also of `SwitchRunner`'s own message about a wait that outlasted its time.
extension WaitReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .operation(let state): "Waiting for Azure: the cluster is \(state.printable(limit: 80))"
        case .armUnreadable(let why): "Waiting for Azure to answer: \(why.printable())"
        case .apiServerSilent: "Waiting for the API server to answer"
        case .privateEndpointApproval: "Waiting for the approval of the vault's private endpoint connection"
        case .nodePools(let pools):
            "Waiting until Azure takes an update of the cluster: node pools are busy (\(listed(pools)))"
        case .check(let why): "Waiting until a check can tell whether the next step is safe: \(why.printable())"
        }
    }
}

/// How Secrets lie, as a sentence: the first thing that any message about an unfinished run says.
extension SecretsAtRest {
    /// The sentence, with its full stop.
    package var sentence: String {
        switch self {
        case .encrypted: "Secrets are encrypted in etcd."
        case .plaintext: "Secrets are PLAINTEXT in etcd now."
        case .mixed: "Some or all Secrets may be PLAINTEXT in etcd now."
        case .unknown: "It is not known whether Secrets are plaintext in etcd."
        }
    }
}

extension FailureClass {
    /// What follows a number of Secrets.
    package var words: String {
        switch self {
        case .denied: "refused by admission"
        case .invalid: "refused as invalid"
        case .undecryptable: "impossible to decrypt"
        case .failed: "failed for another reason"
        }
    }
}

/// Counts by class as words, such as `2 refused by admission, 1 impossible to decrypt`; the order is fixed.
package func words(_ failures: [FailureClass: Int]) -> String {
    let parts = FailureClass.allCases.compactMap { kind in
        failures[kind].flatMap { $0 > 0 ? "\($0) \(kind.words)" : nil }
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
}
