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
        let restrictions = await vault.thenRead { vault -> [PreflightFacts.PolicyRestriction] in
            let wanted = question.strategy.vaultSettings(
                to: question.target, access: vault.access,
                rules: PreflightFacts.NetworkACLs(
                    defaultAction: vault.firewallDenies ? "Deny" : "Allow", ruleCount: 0, trust: vault.trust))
            if wanted.isEmpty { return [] }
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
    /// A field of the vault by its alias, with the values that it can be set to. Of `networkAcls.bypass` no alias is
    /// known, so that only the vault as a whole shows it.
    private struct Field {
        let alias: String
        let values: [(text: String, setting: VaultSetting)]

        static let all = [
            Field(
                alias: "Microsoft.KeyVault/vaults/publicNetworkAccess",
                values: [("Enabled", .open), ("Disabled", .closed)]),
            Field(
                alias: "Microsoft.KeyVault/vaults/networkAcls.defaultAction",
                values: [("Allow", .allowNetworks), ("Deny", .denyNetworks)]),
        ]

        func isAsked(_ wanted: [VaultSetting]) -> Bool { values.contains { wanted.contains($0.setting) } }
    }

    /// The vault as it would be, and both values of each setting that is changed as those that may yet be chosen.
    ///
    /// The whole vault is shown, since a policy on another setting would else seem to be violated.
    static func body(about vault: Vault, wanted: [VaultSetting]) -> JSONValue {
        var properties = vault.document["properties"] ?? .object([:])
        for setting in wanted { set(setting, in: &properties) }
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
            "pendingFields": .array(
                Field.all.filter { $0.isAsked(wanted) }.map { field in
                    .object([
                        "field": .string(field.alias), "values": .array(field.values.map { .string($0.text) }),
                    ])
                }),
        ])
    }

    private static func set(_ setting: VaultSetting, in properties: inout JSONValue) {
        if let access = setting.access {
            properties["publicNetworkAccess"] = .string(access.rawValue)
            return
        }
        var rules = properties["networkAcls"] ?? .object([:])
        rules["bypass"] = .string("AzureServices")
        switch setting {
        case .allowNetworks: rules["defaultAction"] = .string("Allow")
        case .denyNetworks: rules["defaultAction"] = .string("Deny")
        case .open, .closed, .trustServices:
            if rules["defaultAction"] == nil { rules["defaultAction"] = .string("Allow") }
        }
        properties["networkAcls"] = rules
    }

    static func restrictions(
        in answer: JSONValue, wanted: [VaultSetting]
    ) throws(Unreadable) -> [PreflightFacts.PolicyRestriction] {
        var found: [PreflightFacts.PolicyRestriction] = []
        for field in try answer.items("fieldRestrictions", absentIsEmpty: false) {
            let name = try field.text("field").lowercased()
            guard let known = Field.all.first(where: { $0.alias.lowercased() == name && $0.isAsked(wanted) }) else {
                continue
            }
            for restriction in try field.items("restrictions", absentIsEmpty: false) {
                found += try Self.restrictions(restriction, on: known)
            }
        }
        for evaluation in try answer.items("contentEvaluationResult.policyEvaluations")
        where try evaluation.text("evaluationResult", absent: "").lowercased() == "noncompliant" {
            // Of this API version only policies that deny come here; newer ones name the effect.
            let effect = try evaluation.text("effectDetails.policyEffect", absent: "deny").lowercased()
            guard effect == "deny" else { continue }
            let assignment = try evaluation.text("policyInfo.policyAssignmentId", absent: "a policy")
            // What of it the policy forbids, is not told.
            if let first = wanted.first,
                !found.contains(where: { $0.assignment == assignment && wanted.contains($0.forbids) })
            {
                found.append(.init(assignment: assignment, effect: effect, forbids: first))
            }
        }
        return found
    }

    private static func restrictions(
        _ restriction: JSONValue, on field: Field
    ) throws(Unreadable) -> [PreflightFacts.PolicyRestriction] {
        let assignment = try restriction.text("policy.policyAssignmentId", absent: "a policy")
        let values = try restriction.texts("values").map { $0.lowercased() }
        let named = field.values.filter { values.contains($0.text.lowercased()) }.map(\.setting)
        let all = field.values.map(\.setting)
        switch try restriction.text("result").lowercased() {
        case "deny":
            return named.map { .init(assignment: assignment, effect: "deny", forbids: $0) }
        case "required":
            return all.filter { !named.contains($0) }
                .map { .init(assignment: assignment, effect: "modify", forbids: $0) }
        // Without a value, Azure's default lets all in.
        case "removed":
            return all.filter(\.narrows).map { .init(assignment: assignment, effect: "modify", forbids: $0) }
        case "audit": return []
        case let other: throw Unreadable("the policy \(assignment) has an outcome that is not known: \(other)")
        }
    }
}
