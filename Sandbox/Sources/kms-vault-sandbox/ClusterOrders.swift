import EmbeddedCluster
import Foundation
import RealCluster

/// A request for /sandbox/cluster that only some clusters understand.
struct ClusterOrder: Sendable {
    var method: String
    /// What follows /sandbox/cluster.
    var path: [String]
    var body: Data

    func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONDecoder().decode(type, from: body) }
}

/// A cluster with orders of its own.
protocol OrderableCluster: Sendable {
    /// What is answered; nil for an order that it does not know.
    func take(_ order: ClusterOrder) async throws -> [String: Int]?
}

extension EmbeddedCluster: OrderableCluster {
    func take(_ order: ClusterOrder) async throws -> [String: Int]? {
        switch (order.method, order.path.first ?? "", order.path.dropFirst().first) {
        case ("POST", "faults", nil): return ["id": add(try order.decoded(FaultRule.self))]
        case ("DELETE", "faults", nil):
            clearFaults()
            return [:]
        case ("DELETE", "faults", let text?):
            guard let id = Int(text) else { throw ControlError("a fault's id is a number, not '\(text)'") }
            removeFault(id)
            return ["id": id]
        case ("POST", "webhooks", nil):
            let webhooks = try order.decoded([Webhook].self)
            setWebhooks(webhooks)
            return ["webhooks": webhooks.count]
        case ("DELETE", "webhooks", nil):
            setWebhooks([])
            return ["webhooks": 0]
        default: return nil
        }
    }
}

extension RealCluster: OrderableCluster {
    private struct Target: Decodable { var replica: Int }

    func take(_ order: ClusterOrder) async throws -> [String: Int]? {
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
        return ["replica": replica]
    }
}
