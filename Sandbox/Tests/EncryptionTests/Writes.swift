@testable import EmbeddedCluster

extension EmbeddedCluster {
    /// The status of a write that changes a Secret, through the first replica.
    func write(_ value: String) async -> Int {
        let request = APIRequest(
            method: "PATCH", uri: "/api/v1/namespaces/team-0/secrets/secret-0",
            headers: [
                "authorization": "Bearer " + adminToken, "content-type": "application/merge-patch+json",
            ], body: Array(#"{"metadata":{"labels":{"written":"\#(value)"}}}"#.utf8))
        return await api.answer(request, on: replicas[0]).status
    }
}
