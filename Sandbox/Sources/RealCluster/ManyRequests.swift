/// Does `count` pieces of work over eight connections, shared out over the servers, each used again and again.
///
/// A connection that breaks is made anew once for each piece, so that the work must be such that it can be done twice.
func spread(
    _ count: Int, over servers: [LoopbackHTTP],
    _ work: @escaping @Sendable (_ number: Int, _ connection: LoopbackConnection) async throws -> Void
) async throws {
    let workers = min(8, count)
    guard workers > 0, !servers.isEmpty else { return }
    try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<workers {
            let server = servers[worker % servers.count]
            group.addTask {
                var connection = try await server.connect()
                defer { connection.close() }
                for number in stride(from: worker, to: count, by: workers) {
                    try Task.checkCancellation()
                    do {
                        try await work(number, connection)
                    } catch RealClusterError.noAnswer {
                        connection.close()
                        connection = try await server.connect()
                        try await work(number, connection)
                    }
                }
            }
        }
        try await group.waitForAll()
    }
}
