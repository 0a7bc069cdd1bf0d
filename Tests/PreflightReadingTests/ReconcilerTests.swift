import Preflight
import TestDoubles
import Testing

@testable import PreflightReading

/// What would undo a switch is said before the first change, and nothing is suspected without a sign.
@Suite struct ReconcilerTests {
    private let groups = "GET /apis"
    private let list = "GET /apis/containerservice.azure.com/v1api20240901/managedclusters"

    private func reason(_ change: (World) -> Void) async throws -> (CheckVerdict, String) {
        let world = World()
        change(world)
        let check = try await world.check("reconcilers")
        return (check.verdict, check.reason)
    }

    @Test func `Flux or Argo CD alone puts nothing of Azure back`() async throws {
        let found = try await reason {
            $0.kube.route(groups, #"{"groups":[{"name":"kustomize.toolkit.fluxcd.io"},{"name":"argoproj.io"}]}"#)
        }
        #expect(found.0 == .ok)
    }

    @Test(arguments: [
        (#""sigs.k8s.io_cluster-api-provider-azure_cluster_prod":"owned""#, "Cluster API"),
        (#""crossplane-kind":"kubernetescluster""#, "Crossplane"), (#""azd-env-name":"prod""#, "azd"),
        (#""ManagedBy":"Terraform Cloud""#, "Terraform"), (#""provisioner":"pulumi""#, "Pulumi"),
    ])
    func `a tag names what manages the cluster`(_ tag: String, _ tool: String) async throws {
        let found = try await reason { world in
            world.arm.route(
                "GET \(clusterID)",
                world.clusterText { $0.replace(#""location":"#, with: #""tags":{\#(tag)},"location":"#) })
        }
        #expect(found.0 == .warn)
        #expect(found.1.hasPrefix("pause it first: \(tool) (tag "), "\(found.1)")
    }

    @Test(arguments: [
        #""team":"terraform guild""#, #""env":"prod","owner":"bicep@example.com""#, #""tool":"""#,
        #""managed-service":"influxdb""#, #""terraform":"false""#,
    ])
    func `other tags name nothing`(_ tags: String) async throws {
        let found = try await reason { world in
            world.arm.route(
                "GET \(vaultID)",
                world.vaultText { $0.replace(#""location":"#, with: #""tags":{\#(tags)},"location":"#) })
        }
        #expect(found.0 == .ok, "\(found.1)")
    }

    private func operatorGroup(_ world: World) {
        world.kube.route(
            groups,
            #"{"groups":[{"name":"containerservice.azure.com","preferredVersion":{"version":"v1api20240901"}}]}"#)
    }

    private func object(id: String, owner: String = "", managers: String = "") -> String {
        """
        {"items":[{"metadata":{"namespace":"clusters","name":"c1","ownerReferences":[\(owner)],
         "managedFields":[\(managers)]},"status":{"id":"\(id)"}}]}
        """
    }

    @Test func `a ManagedCluster object that is this cluster names its operator and what writes it`() async throws {
        let found = try await reason {
            operatorGroup($0)
            $0.kube.route(
                list, object(id: clusterID.uppercased(), managers: #"{"manager":"kustomize-controller"}"#))
        }
        #expect(found.0 == .warn)
        #expect(found.1.contains("Azure Service Operator (its ManagedCluster clusters/c1 is this cluster)"))
        #expect(found.1.contains("Flux (it writes ManagedCluster clusters/c1)"))
    }

    @Test func `one that Cluster API owns names Cluster API`() async throws {
        let found = try await reason {
            operatorGroup($0)
            $0.kube.route(list, object(id: clusterID, owner: #"{"kind":"AzureManagedControlPlane"}"#))
        }
        #expect(found.1.contains("Cluster API (its ManagedCluster clusters/c1 is this cluster)"))
    }

    @Test func `objects of other clusters name nothing`() async throws {
        let found = try await reason {
            operatorGroup($0)
            $0.kube.route(list, object(id: clusterID + "2"))
        }
        #expect(found.0 == .ok, "\(found.1)")
    }

    @Test func `an operator whose objects cannot be read is named as one that may`() async throws {
        let found = try await reason {
            operatorGroup($0)
            $0.kube.route(list, 403, $0.status(403, "forbidden"))
        }
        #expect(found.0 == .warn)
        #expect(found.1.contains("its API containerservice.azure.com is installed in the cluster"))
    }

    @Test func `an operator with more objects than one page is named as one that may`() async throws {
        let found = try await reason {
            operatorGroup($0)
            $0.kube.route(list, #"{"metadata":{"continue":"t"},"items":[]}"#)
        }
        #expect(found.0 == .warn && found.1.contains("perhaps for others"), "\(found.1)")
    }

    @Test func `an API server that names no APIs leaves it open`() async throws {
        let found = try await reason { $0.kube.route(groups, 403, $0.status(403, "forbidden")) }
        #expect(found.0 == .unknown)
    }
}
