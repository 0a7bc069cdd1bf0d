import ClusterModel
import Foundation
import KMSPlugin

extension RealCluster {
    /// Starts all replicas at once and makes the cluster usable.
    func startReplicas() async throws {
        let running = try current()
        let children = self.children
        let encryption = try await encryptionFile(plan: plans.count - 1)
        let plugins = plans[plans.count - 1].routes.count
        let servers = try await withThrowingTaskGroup(of: APIServer.self) { group in
            for (index, replica) in replicas.enumerated() {
                group.addTask {
                    try await APIServer.start(
                        index, port: replica.port, encryption: encryption, plugins: plugins,
                        settings: running.settings, folder: running.folder, children: children)
                }
            }
            var servers: [APIServer] = []
            for try await server in group { servers.append(server) }
            return servers
        }
        for server in servers {
            replicas[server.index].server = server
            replicas[server.index].plan = plans.count - 1
        }
        try await bootstrap(servers[0])
        for server in servers { running.balancer.setTakesConnections(server.index, true) }
    }

    /// Gives one replica the configuration `plans[plan]`: drains it, and starts it anew.
    func restart(_ index: Int, plan: Int) async throws {
        let running = try current()
        let encryption = try await encryptionFile(plan: plan)
        running.balancer.setTakesConnections(index, false)
        await replicas[index].server?.drain()
        replicas[index].server = nil
        let server = try await APIServer.start(
            index, port: replicas[index].port, encryption: encryption, plugins: plans[plan].routes.count,
            settings: running.settings, folder: running.folder, children: children)
        replicas[index].server = server
        replicas[index].plan = plan
        running.balancer.setTakesConnections(index, true)
    }

    func current() throws -> Running {
        guard let running else { throw RealClusterError.notRunning }
        return running
    }

    func check(replica index: Int) throws {
        guard replicas.indices.contains(index) else {
            throw RealClusterError.noSuchReplica(index, replicas: replicas.count)
        }
    }

    /// Writes a plan's configuration and starts the plugins that it names; they run as long as the cluster.
    private func encryptionFile(plan: Int) async throws -> String {
        let folder = try current().folder
        var endpoints: [KeyRoute: String] = [:]
        for route in plans[plan].routes {
            endpoints[route] = try await plugin(for: route, in: folder).endpoint
        }
        let file = "\(folder)/encryption-\(plan).json"
        let data = try plans[plan].configuration(
            endpoints: endpoints, cacheSize: options.cacheSize, timeoutSeconds: options.pluginTimeout)
        try writePrivately(data, to: file)
        return file
    }

    private func plugin(for route: KeyRoute, in folder: String) async throws -> KMSPluginServer {
        if let plugin = plugins[route] { return plugin }
        let socket = "\(folder)/\(route.shortName).sock"
        guard socket.utf8.count <= 107 else { throw RealClusterError.pathTooLong(socket) }
        let plugin = KMSPluginServer(route: route, socket: socket, access: access)
        plugins[route] = plugin
        try await plugin.start()
        return plugin
    }

    /// Waits for kube-system, and gives the operator a cluster-admin's rights without system:masters' exemptions.
    private func bootstrap(_ server: APIServer) async throws {
        let binding = """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding",
             "metadata":{"name":"kms-operators"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"kms-operators"}]}
            """
        let path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
        let answer = try await server.http.send(.post, path, body: Data(binding.utf8))
        guard answer.status == 201 else {
            throw RealClusterError.unexpectedAnswer(
                to: "POST \(path)", status: answer.status,
                body: String(decoding: answer.body.prefix(512), as: UTF8.self))
        }
        for namespace in ["kube-system", "default"] {
            try await waitUntilReady("namespace \(namespace)", child: nil, seconds: options.readyTimeout) {
                try await server.http.send(.get, "/api/v1/namespaces/\(namespace)").status == 200
            }
        }
    }
}
