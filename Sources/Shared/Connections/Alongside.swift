/// Does work while others run beside it, which are cancelled and waited for when it is over.
package func alongside<Value: Sendable, Failure: Error>(
    _ companions: [@Sendable () async -> Void], _ work: () async throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result = await withTaskGroup(of: Void.self) { group in
        for companion in companions { group.addTask { await companion() } }
        let result: Result<Value, Failure>
        do throws(Failure) { result = .success(try await work()) } catch { result = .failure(error) }
        group.cancelAll()
        return result
    }
    return try result.get()
}

/// What comes first; the other is cancelled and waited for. Nil where the first had nothing to say.
package func first<Value: Sendable>(
    of one: @escaping @Sendable () async -> Value?, or other: @escaping @Sendable () async -> Value?
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await one() }
        group.addTask { await other() }
        let first = await group.next() ?? nil
        group.cancelAll()
        return first
    }
}
