import HTTP
import JSON
import SystemRig
import Testing

extension RealCluster {
    /// What the rewrite relies on where it reads the rest of a list from the API server's memory.
    @Suite struct `Lists from memory` {
        @Test(.timeLimit(.minutes(10)))
        func `they show what the pages show, and a switch that reads them encrypts every Secret`() async throws {
            try await inCluster(secrets: 1000) { sandbox, plugin in
                try await expectSameNames(try await ClusterClient(plugin))
                let result = try await plugin.change("switch", "--private", "--v", "6")
                let asked = "/secrets?includeObject=None&resourceVersion="
                #expect(result.errors.contains(asked), "no list was read from memory")
                try await expectWholePrivate(result, sandbox)
            }
        }

        private func expectSameNames(_ client: ClusterClient) async throws {
            let path = "/api/v1/namespaces/team-3/secrets"
            let first = try await list(client, path + "?limit=5")
            #expect(first.names.count == 5 && first.remaining == Int64(1000 / RealCluster.namespaces - 5))
            let annotation = #"{"metadata":{"annotations":{"seen":"yes"}}}"#
            #expect(try await client.send(.patch, ClusterClient.seeded(7), annotation).status == 200)

            let start = ContinuousClock.now
            let whole = try await list(
                client, path + "?resourceVersion=\(first.revision)&resourceVersionMatch=NotOlderThan")
            // A cache that waited for an event would take three seconds.
            #expect(start.duration(to: .now) < .seconds(2))
            #expect(whole.revision >= first.revision && whole.remaining == 0 && !whole.hasMore)
            #expect(whole.names.sorted() == (try await list(client, path)).names)
        }

        private func list(
            _ client: ClusterClient, _ path: String
        ) async throws -> (names: [String], revision: Int64, remaining: Int64, hasMore: Bool) {
            let answer = try await client.send(.get, path)
            let document = try JSONValue(parsing: answer.body)
            let metadata = document["metadata"]
            let names = (document["items"]?.array ?? []).compactMap { $0[path: "metadata", "name"]?.string }
            return (
                names, try #require(metadata?["resourceVersion"]?.string.flatMap(Int64.init)),
                metadata?["remainingItemCount"]?.integer ?? 0, metadata?["continue"]?.string?.isEmpty == false
            )
        }
    }
}
