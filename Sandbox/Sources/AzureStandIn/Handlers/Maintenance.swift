import Foundation

extension StandIn {
    /// `managedClusters/maintenanceConfigurations`, as the REST reference of AKS has it.
    func maintenance(_ request: Request, _ index: Int, name: String?, _ caller: Principal) throws -> Answer {
        let cluster = world.clusters[index]
        if request.method == "GET" {
            try authorize(
                caller, "Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read",
                cluster.id.description)
        }
        guard let name else {
            return Answer(200, ["value": .array(cluster.maintenance.map { resource($0, cluster.id) })])
        }
        let at = cluster.maintenance.firstIndex { $0.name.lowercased() == name.lowercased() }
        let scope = "\(cluster.id)/maintenanceConfigurations/\(name)"
        switch request.method {
        case "GET":
            guard let at else {
                throw AzureError.aks(404, "NotFound", "The maintenance configuration '\(name)' was not found.")
            }
            return Answer(200, resource(cluster.maintenance[at], cluster.id))
        case "PUT":
            try authorize(caller, "Microsoft.ContainerService/managedClusters/maintenanceConfigurations/write", scope)
            try requireUnlocked(cluster.id, kind: "cluster")
            guard let properties = try request.json()["properties"], properties.object != nil else {
                throw AzureError.invalidBody
            }
            let configuration = MaintenanceConfiguration(
                name: at.map { cluster.maintenance[$0].name } ?? name, properties: properties)
            if let at {
                world.clusters[index].maintenance[at] = configuration
            } else {
                world.clusters[index].maintenance.append(configuration)
            }
            return Answer(200, resource(configuration, cluster.id))
        case "DELETE":
            try authorize(caller, "Microsoft.ContainerService/managedClusters/maintenanceConfigurations/delete", scope)
            try requireUnlocked(cluster.id, kind: "cluster")
            guard let at else { return Answer(204) }
            world.clusters[index].maintenance.remove(at: at)
            return Answer(200)
        default: throw AzureError.arm(405, "HttpMethodNotAllowed", "The method is not allowed here.")
        }
    }

    private func resource(_ configuration: MaintenanceConfiguration, _ cluster: ResourceID) -> JSON {
        [
            "id": .string("\(cluster)/maintenanceConfigurations/\(configuration.name)"),
            "name": .string(configuration.name),
            "type": "Microsoft.ContainerService/managedClusters/maintenanceConfigurations",
            "properties": configuration.properties,
        ]
    }
}
