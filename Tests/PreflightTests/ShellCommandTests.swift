import Azure
import Foundation
import Testing
import Usage

@testable import Preflight

private let hostile = "x'; touch /tmp/pwned; $(id) `id` \"\\ & | > < * ~ #\n\u{1b}[31m\u{202e}"

/// A fact in which every text that a server, a file or a flag can give is hostile.
private func poisoned(_ facts: PreflightFacts) -> PreflightFacts {
    var facts = facts
    facts.names = PreflightFacts.Names(
        subscription: hostile, resourceGroup: hostile, cluster: hostile, vaultSubscription: hostile,
        vaultResourceGroup: hostile, vault: hostile, kubeconfigCluster: "-" + hostile)
    facts.identity.principalID = .known(hostile)
    facts.identity.roles = .known([
        PreflightFacts.HeldRole(name: hostile, permissions: [], assigned: facts.now)
    ])
    facts.identity.denials = .known([
        PreflightFacts.Denial(name: hostile, permissions: [PreflightFacts.cryptoUser], surelyHolds: true)
    ])
    facts.identity.accessPolicies = .known([
        PreflightFacts.AccessPolicy(objectID: hostile, isOwn: false, keyPermissions: ["all"])
    ])
    facts.key.id = facts.key.id.map { _ in
        "https://\(hostile.filter { $0 != "/" })/keys/\(hostile.filter { $0 != "/" })"
    }
    facts.cluster.kms = facts.cluster.kms.map {
        ShownKMSProfile(enabled: $0.enabled, keyID: hostile, mode: $0.mode, vaultID: hostile)
    }
    facts.cluster.desiredVersion = .known(hostile)
    facts.cluster.agentPools = .known([
        AgentPool(name: hostile, provisioningState: hostile, count: 0, autoscaling: true)
    ])
    facts.cluster.poolsScaling = .known([hostile])
    facts.vault.ownConnections = .known([
        PrivateEndpointConnection(id: hostile, status: "Rejected")
    ])
    facts.rights.linked = .known([PreflightFacts.LinkedRight(action: hostile, scope: hostile, allowed: false)])
    facts.rights.ending = .known([PreflightFacts.EndingRight(role: hostile, scope: hostile, ends: facts.now)])
    facts.rights.locks = .known([ResourceLock(id: hostile, level: "ReadOnly")])
    facts.rights.providers = facts.rights.providers.map {
        $0.map { provider in
            PreflightFacts.ProviderRegistration(namespace: provider.namespace, subscription: hostile, state: hostile)
        }
    }
    facts.rights.policies = .known([
        PreflightFacts.PolicyRestriction(assignment: hostile, effect: "deny", forbids: .closed)
    ])
    facts.conflicts.otherClusters = .known(
        PreflightFacts.OtherClusters(clusters: [], notLooked: [hostile]))
    facts.conflicts.otherConsumers = .known([hostile])
    return facts
}

/// What stands outside of quotes in a command.
private func unquoted(_ line: String) -> String {
    var outside = ""
    var quote: Character?
    var escaped = false
    for character in line {
        if escaped {
            escaped = false
        } else if quote == nil, character == "\\" {
            escaped = true
        } else if let open = quote {
            if character == open { quote = nil }
        } else if character == "'" || character == "\"" {
            quote = character
        } else {
            outside.append(character)
        }
    }
    return quote == nil && !escaped ? outside : "unbalanced: \(line)"
}

@Test func `no name from elsewhere stands unquoted in a remedy or raw in a reason`() {
    var seen = 0
    for mutation in Mutation.all {
        for facts in [poisoned(mutation.facts), mutation.facts] {
            for check in PreflightReport.full(facts).checks {
                #expect(check.reason.unicodeScalars.allSatisfy { $0.value >= 32 && $0 != "\u{202e}" })
                for line in check.remedy.map({ $0.line(for: .kubectl) }) {
                    seen += 1
                    let bare = unquoted(line)
                    #expect(!bare.contains("touch") && !bare.contains("$(") && !bare.contains("`"), "\(line)")
                    #expect(!bare.contains(";") && !bare.contains("\n") && !bare.contains("unbalanced"), "\(line)")
                }
            }
        }
    }
    #expect(seen > 1000)
}
