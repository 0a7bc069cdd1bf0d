// Built only with the trait of this name: it needs gRPC, most of what the sandbox takes to compile.
#if RealCluster
    import ArgumentParser
    import AzureStandIn
    import ClusterModel
    import RealCluster

    extension BackendFactory {
        static func real(
            _ options: BackendOptions, access: any KeyAccess & TokenReviewer
        ) throws -> any ClusterBackend {
            guard let path = options.kubeAPIServer else {
                throw ValidationError("--backend real needs --kube-apiserver (script/build-kube-apiserver prints it).")
            }
            var cluster = RealCluster.Options(kubeAPIServer: path)
            cluster.replicas = options.replicas
            cluster.roundTripMilliseconds = options.latencyMilliseconds
            cluster.serverNames = ["localhost"]
            cluster.tokenWebhook = options.tokenWebhook
            // Logs stay in this folder; one whose plugins' sockets would not fit in an address is not taken.
            if RealCluster.Options.canHoldSockets(options.directory) { cluster.directory = options.directory }
            return RealCluster(options: cluster, access: access)
        }
    }

    extension RealCluster: OrderableCluster {
        private struct Target: Decodable { var replica: Int }

        func take(_ order: ClusterOrder) async throws -> AzureStandIn.JSON? {
            switch (order.method, order.path) {
            case ("POST", ["etcd-outage"]):
                try await stopEtcd(seconds: try order.decoded(Span.self).seconds ?? 5)
                return [:]
            case ("POST", ["silence"]):
                let wanted = try order.decoded(Span.self)
                try silence(refusing: wanted.isRefusing)
                if let seconds = wanted.seconds {
                    try await Task.sleep(for: .seconds(seconds))
                    try endSilence()
                }
                return [:]
            case ("DELETE", ["silence"]):
                try endSilence()
                return [:]
            default: return try await takeOfReplica(order)
            }
        }

        private func takeOfReplica(_ order: ClusterOrder) async throws -> AzureStandIn.JSON? {
            guard order.method == "POST", order.path.count == 1,
                ["crash", "recover", "pause", "resume"].contains(order.path[0])
            else { return nil }
            let replica = try order.decoded(Target.self).replica
            do {
                switch order.path[0] {
                case "crash": try await crash(replica: replica)
                case "recover": try await recover(replica: replica)
                case "pause": try pause(replica: replica)
                default: try resume(replica: replica)
                }
            } catch let error as RealClusterError {
                if case .noSuchReplica = error { throw ControlError(error.description) }
                throw error
            }
            return ["replica": .int(replica)]
        }
    }
#endif
