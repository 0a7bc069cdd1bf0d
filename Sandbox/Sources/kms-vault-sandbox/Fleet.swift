import ArgumentParser
import AzureStandIn
import ClusterModel
import Foundation

/// The clusters that stand behind ARM, the first before all others.
struct Fleet: Sendable {
    struct Member: Sendable {
        let plan: WorldDescription.ClusterPlan
        let cluster: any ClusterBackend
    }

    /// As many as there are loopback addresses of the form 127.0.0.N.
    static let most = 250

    let members: [Member]

    /// - Parameter options: their directory is the sandbox's.
    init(
        _ plans: [WorldDescription.ClusterPlan], kind: BackendKind, options: BackendOptions, azure: StandIn
    ) throws {
        guard plans.count == 1 || kind != .real else {
            throw ValidationError("--backend real has one cluster: the embedded one has as many as are wanted.")
        }
        guard plans.count <= Self.most else { throw ValidationError("There are \(Self.most) clusters at most.") }
        members = try plans.enumerated().map { index, plan in
            var own = options
            own.directory += index == 0 ? "/cluster" : "/clusters/\(plan.name)"
            own.host = Self.host(index)
            return Member(
                plan: plan, cluster: try BackendFactory.make(kind, options: own, access: azure.access(of: plan.name)))
        }
    }

    var first: any ClusterBackend { members[0].cluster }

    func member(_ name: String) -> Member? { members.first { $0.plan.name.lowercased() == name.lowercased() } }

    /// An address each, since a kubeconfig's cluster is looked for in ARM by its host, without the port. Linux takes
    /// all of 127.0.0.0/8 for itself; other systems only 127.0.0.1, on which clusters must be named.
    private static func host(_ index: Int) -> String {
        #if os(Linux)
            "127.0.0.\(index + 1)"
        #else
            "127.0.0.1"
        #endif
    }

    /// Two users of each cluster: an ordinary one, which is current of the first, and one in system:masters.
    func kubeconfig() async -> String {
        var (clusters, contexts, users) = ("", "", "")
        for (index, member) in members.enumerated() {
            let (name, cluster) = (member.plan.name, member.cluster)
            let suffix = index == 0 ? "" : "-\(name)"
            clusters += """
                - name: \(name)
                  cluster:
                    server: \(await cluster.serverURL)
                    certificate-authority-data: \(Data(await cluster.caPEM.utf8).base64EncodedString())

                """
            contexts += """
                - name: \(name)
                  context: {cluster: \(name), user: operator\(suffix)}
                - name: \(name)-admin
                  context: {cluster: \(name), user: admin\(suffix)}

                """
            users += """
                - name: operator\(suffix)
                  user: {token: \(await cluster.operatorToken)}
                - name: admin\(suffix)
                  user: {token: \(await cluster.adminToken)}

                """
        }
        return """
            apiVersion: v1
            kind: Config
            clusters:
            \(clusters)contexts:
            \(contexts)current-context: \(members[0].plan.name)
            preferences: {}
            users:
            \(users)
            """
    }
}
