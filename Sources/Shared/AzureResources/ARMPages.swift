import HTTP
package import JSON

extension ARMClient {
    /// All items of a list, following `nextLink` on ARM's own host only.
    ///
    /// - Parameter pageLimit: more pages than this are an error, so that a server cannot keep us for ever.
    package func list(
        _ path: String, apiVersion: String, query: [(name: String, value: String)] = [], pageLimit: Int = 1000
    ) async throws(ARMError) -> [JSONValue] {
        var call = ARMCall(.get, .path(path, apiVersion: apiVersion, query: query))
        let shownAs = "the next page of " + call.action.dropFirst("GET ".count)
        var items: [JSONValue] = []
        var visited: Set<String> = []
        for _ in 0..<pageLimit {
            let page = try document(of: try await send(call), call)
            guard let values = page["value"]?.array else {
                throw ARMError(kind: .unreadableAnswer("a list has no value"), action: call.action)
            }
            items += values
            guard let next = page["nextLink"]?.string, !next.isEmpty else { return items }
            guard visited.insert(next).inserted else {
                throw ARMError(kind: .unreadableAnswer("a list goes round in circles"), action: call.action)
            }
            call = ARMCall(.get, .verbatim(next, shownAs: shownAs))
        }
        throw ARMError(kind: .unreadableAnswer("a list has more than \(pageLimit) pages"), action: call.action)
    }
}
