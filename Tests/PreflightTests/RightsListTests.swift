import Azure
import Foundation
import SecretRewrite
import Testing
import Usage

@testable import Preflight

struct `The list of rights` {
    @Test(arguments: KubernetesRight.all + KubernetesRight.ofEngine)
    func `says of each right in the cluster what it is for`(_ right: KubernetesRight) {
        #expect(!right.why.isEmpty && !right.why.hasSuffix(".") && !right.why.contains("\n"))
        #expect(!right.neededFor.union(right.helps).isEmpty && right.neededFor.isDisjoint(with: right.helps))
        #expect(!right.verbs.isEmpty && !right.verbs.contains("*"))
    }

    @Test(arguments: AzureRight.all)
    func `says of each right in Azure what it is for`(_ right: AzureRight) {
        #expect(!right.why.isEmpty && !right.why.hasSuffix(".") && !right.why.contains("\n"))
        #expect(!right.neededFor.union(right.helps).isEmpty && right.neededFor.isDisjoint(with: right.helps))
        let words = right.action.split(separator: "/")
        #expect(words.first?.hasPrefix("Microsoft.") == true && words.count >= 3)
        #expect(["read", "write", "action"].contains(words.last.map(String.init)))
    }

    @Test func `names no right twice`() {
        #expect(Set(AzureRight.all.map(\.action)).count == AzureRight.all.count)
        let requests = KubernetesRight.all.flatMap(\.requests)
        #expect(Set(requests).count == requests.count)
    }

    /// A request that lists or creates has no name, so that a rule with one would never let it through.
    @Test func `is narrowed to names where RBAC can`() {
        for request in KubernetesRight.all.flatMap(\.requests) {
            if ["create", "list"].contains(request.verb) { #expect(request.name.isEmpty) }
            if ["configmaps", "leases"].contains(request.resource), ["get", "patch", "update"].contains(request.verb) {
                #expect(!request.name.isEmpty && request.namespace == "kube-system")
            }
        }
    }

    @Test func `gives who may switch all that the commands before and after it need`() {
        for use in [RightsUse.preflight, .rewriteSecrets, .verify] {
            for right in KubernetesRight.all.of(use, neededOnly: true) {
                #expect(right.need(of: .switchMode) == .needed, "\(right.why)")
            }
            for right in AzureRight.all.of(use, neededOnly: true) {
                #expect(right.need(of: .switchMode) == .needed, "\(right.why)")
            }
        }
    }

    /// What only the request itself can tell is left to the checks that send it, whose unknown answers can be accepted.
    @Test func `has preflight ask for what Azure lists`() {
        let cluster = ["read", "write", "listClusterUserCredential/action"]
        #expect(
            AzureRight.neededActions(on: .cluster) == cluster.map { "Microsoft.ContainerService/managedClusters/\($0)" }
        )
        #expect(
            AzureRight.neededActions(on: .vault) == ["read", "write"].map { "Microsoft.KeyVault/vaults/\($0)" })
    }

    @Test func `gives a rotation and a migration what they do and no more`() {
        func all(_ use: RightsUse) -> Set<String> { Set(AzureRight.all.of(use).map(\.action)) }
        let rotate = all(.rotate)
        #expect(rotate.isSuperset(of: ["Microsoft.ContainerService/managedClusters/write", AzureRight.rotateKey]))
        #expect(
            rotate.isDisjoint(with: [AzureRight.writeVault, "Microsoft.PolicyInsights/checkPolicyRestrictions/read"]))
        #expect(all(.migrate).contains(AzureRight.writeVault) && !all(.migrate).contains(AzureRight.rotateKey))
        #expect(all(.switchMode).isSuperset(of: all(.migrate)))
        #expect(AzureRight.all.filter(\.isOnData).map(\.action) == [AzureRight.rotateKey])
        for use in [RightsUse.rotate, .migrate] {
            #expect(KubernetesRight.all.of(use) == KubernetesRight.all.of(.switchMode))
        }
    }

    @Test(arguments: PreflightJob.allCases)
    func `has preflight ask for what the job's command needs`(_ job: PreflightJob) throws {
        var facts = PreflightFacts.good(to: .privateAccess, by: job)
        facts.rights.onCluster = .known([])
        let check = try #require(PreflightReport.full(facts).blockers.first { $0.id == "rights-on-cluster" })
        #expect(check.reason.contains("managedClusters/write") == (job != .newRotation))
        #expect(check.reason.contains("listClusterUserCredential"))
        let command = try #require(check.remedy.first).line(for: .kubectl)
        #expect(command == "kubectl kms-vault rbac --azure --subscription s1 --for \(job.rights.rawValue)")
    }

    /// Both are used once KMS is off: without them a switch would stop there.
    @Test(arguments: [
        AccessRequest(verb: "get", resource: "secrets", namespace: "kube-system"),
        .init(verb: "patch", resource: "configmaps", namespace: "kube-system", name: "kms-vault-switch"),
    ])
    func `has preflight ask for the probes' versions and for the record`(_ request: AccessRequest) {
        #expect(PreflightFacts.requiredAccess.contains(request))
    }

    @Test func `names the command that prints the roles where a right is missing`() throws {
        var facts = PreflightFacts.good(to: .privateAccess)
        facts.kubernetes.accessReviews = .known(
            PreflightFacts.requiredAccess.map { .init(request: $0, allowed: $0.resource != "leases") })
        facts.rights.onCluster = .known([Permission(actions: ["*/read"])])
        facts.rights.onVault = .known([Permission(actions: ["*/read"])])
        let report = PreflightReport.full(facts)
        for (id, command, missing) in [
            (
                "kubernetes-rights", "kubectl kms-vault rbac --user USER | kubectl apply",
                "get leases.coordination.k8s.io/kms-vault-switch in kube-system"
            ),
            ("rights-on-cluster", "kubectl kms-vault rbac --azure --subscription s1", "managedClusters/write"),
            ("rights-on-vault", "kubectl kms-vault rbac --azure --subscription s2", "vaults/write"),
        ] {
            let result = try #require(report.blockers.first { $0.id == id })
            #expect(result.remedy.contains { $0.line(for: .kubectl).hasPrefix(command) }, "\(result.remedy)")
            #expect(result.reason.contains(missing))
        }
    }
}

/// The tables of docs/rbac.md, as the list itself gives them.
private func tables() -> String {
    func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    func head(_ name: String) -> String {
        let cells = [name, "what for"] + RightsUse.allCases.map(\.rawValue)
        return row(cells) + "|" + String(repeating: "---|", count: cells.count) + "\n"
    }
    func needs(_ right: some ListedRight) -> [String] {
        RightsUse.allCases.map { use in
            right.need(of: use).map { $0 == .needed ? "needed" : "optional" } ?? ""
        }
    }
    let cluster = KubernetesRight.all(with: .svm).map { right in
        let verbs = right.verbs.joined(separator: ", ")
        guard case .resource(let resource, _, let namespace, let name) = right.object else {
            guard case .path(let path) = right.object else { return "" }
            return row(["\(verbs) `\(path)`", right.why] + needs(right))
        }
        let engine = KubernetesRight.all.contains(right) ? "" : " (with `--engine svm`)"
        let place = (namespace.isEmpty ? "" : " in \(namespace)") + engine
        return row(["\(verbs) \(resource)\(name.isEmpty ? "" : " `\(name)`")\(place)", right.why] + needs(right))
    }
    let azure = AzureRight.all.map { right in
        let mark = right.place == .subscription ? " (subscription)" : right.isOnData ? " (data action)" : ""
        return row(["`\(right.action)`\(mark)", right.why] + needs(right))
    }
    return head("in the cluster") + cluster.joined() + "\n" + head("in Azure") + azure.joined()
}

@Test func `docs rbac has the list of rights`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let file = root.appendingPathComponent("docs/rbac.md")
    let marks = ("<!-- rights -->\n", "<!-- end of rights -->\n")
    let text = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(text.range(of: marks.0)).upperBound
    let end = try #require(text.range(of: marks.1)).lowerBound
    if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
        try Data((text[..<start] + tables() + text[end...]).utf8).write(to: file)
    } else {
        #expect(text[start..<end] == tables())
    }
}
