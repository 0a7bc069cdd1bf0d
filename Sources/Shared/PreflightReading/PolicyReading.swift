import Azure
import AzureAccount
import AzureResources
import HTTP
import JSON
import Preflight
import Text

/// What policies would do to the vault, as Microsoft.PolicyInsights foretells it.
extension PreflightScene {
    func readPolicies() async -> FactChange {
        if question.strategy.secondVault { return { $0.rights.policies = .notApplicable } }
        let wanted = question.target.vaultAccess
        let restrictions = await vault.thenRead { vault in
            let path =
                "/subscriptions/\(percentEncoded(vault.id.subscription))/resourceGroups/"
                + "\(percentEncoded(vault.id.resourceGroup))/providers/Microsoft.PolicyInsights/checkPolicyRestrictions"
            let call = ARMCall(
                .post, .path(path, apiVersion: PreflightAPIVersions.policyInsights, query: []),
                body: PolicyQuestion.body(about: vault, wanted: wanted), repeatable: true, timeout: 60)
            let document = try arm.document(of: try await arm.send(call), call)
            return try PolicyQuestion.restrictions(in: document, wanted: wanted)
        }
        return { $0.rights.policies = restrictions }
    }
}

/// The question to `checkPolicyRestrictions` and its answer.
enum PolicyQuestion {
    private static let alias = "Microsoft.KeyVault/vaults/publicNetworkAccess"
    private static let settable: [VaultAccess] = [.enabled, .disabled]

    /// The vault as it would be, and both values of its network setting as those that may yet be chosen.
    ///
    /// The whole vault is shown, since a policy on another setting would else seem to be violated.
    static func body(about vault: Vault, wanted: VaultAccess) -> JSONValue {
        var properties = vault.document["properties"] ?? .object([:])
        properties["publicNetworkAccess"] = .string(wanted.rawValue)
        properties["privateEndpointConnections"] = nil
        properties["provisioningState"] = nil
        let content: [String: JSONValue] = [
            "type": .string("Microsoft.KeyVault/vaults"), "name": .string(vault.name),
            "location": .string(vault.location ?? ""), "tags": vault.document["tags"] ?? .object([:]),
            "properties": properties,
        ]
        return .object([
            "resourceDetails": .object([
                "resourceContent": .object(content), "apiVersion": .string(PreflightAPIVersions.judgedVault),
            ]),
            "pendingFields": .array([
                .object([
                    "field": .string(alias), "values": .array(settable.map { .string($0.rawValue) }),
                ])
            ]),
        ])
    }

    static func restrictions(
        in answer: JSONValue, wanted: VaultAccess
    ) throws(Unreadable) -> [PreflightFacts.PolicyRestriction] {
        var found: [PreflightFacts.PolicyRestriction] = []
        for field in try answer.items("fieldRestrictions", absentIsEmpty: false)
        where try field.text("field").lowercased() == alias.lowercased() {
            for restriction in try field.items("restrictions", absentIsEmpty: false) {
                found += try Self.restrictions(restriction)
            }
        }
        for evaluation in try answer.items("contentEvaluationResult.policyEvaluations")
        where try evaluation.text("evaluationResult", absent: "").lowercased() == "noncompliant" {
            // Of this API version only policies that deny come here; newer ones name the effect.
            let effect = try evaluation.text("effectDetails.policyEffect", absent: "deny").lowercased()
            guard effect == "deny" else { continue }
            let assignment = try evaluation.text("policyInfo.policyAssignmentId", absent: "a policy")
            if !found.contains(where: { $0.assignment == assignment && $0.forbids == wanted }) {
                found.append(.init(assignment: assignment, effect: effect, forbids: wanted))
            }
        }
        return found
    }

    private static func restrictions(_ restriction: JSONValue) throws(Unreadable) -> [PreflightFacts.PolicyRestriction]
    {
        let assignment = try restriction.text("policy.policyAssignmentId", absent: "a policy")
        let values = try restriction.texts("values").compactMap(VaultAccess.init(anyCase:))
        let named = settable.filter(values.contains)
        switch try restriction.text("result").lowercased() {
        case "deny":
            return named.map { .init(assignment: assignment, effect: "deny", forbids: $0) }
        case "required":
            return settable.filter { !named.contains($0) }
                .map { .init(assignment: assignment, effect: "modify", forbids: $0) }
        // Without a value, Azure's default is Enabled.
        case "removed": return [.init(assignment: assignment, effect: "modify", forbids: .disabled)]
        case "audit": return []
        case let other: throw Unreadable("the policy \(assignment) has an outcome that is not known: \(other)")
        }
    }
}
