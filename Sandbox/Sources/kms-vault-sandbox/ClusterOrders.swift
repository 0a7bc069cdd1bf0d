import AzureStandIn
import EmbeddedCluster
import Foundation

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
    func take(_ order: ClusterOrder) async throws -> AzureStandIn.JSON?
}

extension EmbeddedCluster: OrderableCluster {
    func take(_ order: ClusterOrder) async throws -> AzureStandIn.JSON? {
        switch (order.method, order.path.first ?? "", order.path.dropFirst().first) {
        case ("POST", "faults", nil): return ["id": .int(add(try order.decoded(FaultRule.self)))]
        case ("DELETE", "faults", nil):
            clearFaults()
            return [:]
        case ("DELETE", "faults", let text?):
            guard let id = Int(text) else { throw ControlError("a fault's id is a number, not '\(text)'") }
            removeFault(id)
            return ["id": .int(id)]
        case ("POST", "webhooks", nil):
            let webhooks = try order.decoded([Webhook].self)
            setWebhooks(webhooks)
            return ["webhooks": .int(webhooks.count)]
        case ("DELETE", "webhooks", nil):
            setWebhooks([])
            return ["webhooks": 0]
        case ("POST", "users", nil):
            let wanted = try order.decoded(WantedUser.self)
            let token = addUser(wanted.name, rules: wanted.rules)
            let file = try writeKubeconfig(named: "\(wanted.name).kubeconfig", token: token)
            return ["name": .string(wanted.name), "token": .string(token), "kubeconfig": .string(file)]
        case ("POST", "store-plaintext", nil): return ["secrets": .int(try await storePlaintext())]
        case ("POST", "etcd-outage", nil):
            return ["id": .int(add(FaultRule(.etcdOutage, seconds: try order.decoded(Span.self).seconds)))]
        case ("POST", "silence", nil):
            let wanted = try order.decoded(Span.self)
            await silence(seconds: wanted.seconds, refusing: wanted.isRefusing)
            return ["seconds": wanted.seconds.map { .double($0) } ?? .null]
        case ("DELETE", "silence", nil):
            await endSilence()
            return [:]
        default: return nil
        }
    }
}

/// A user to make: `{"name", "rules": [{"verbs", "resources", "resourceNames", "namespaces", "nonResourceURLs"}]}`.
private struct WantedUser: Decodable {
    var name: String
    var rules: [PolicyRule]
}

/// For how long, and how: `{"seconds", "how": "hang" | "refuse"}`.
struct Span: Decodable {
    var seconds: Double?
    var how: String?

    var isRefusing: Bool { how == "refuse" }
}
