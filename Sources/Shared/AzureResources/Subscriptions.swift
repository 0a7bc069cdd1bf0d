package import JSON
import Text

/// A subscription that the caller can see.
package struct Subscription: Sendable, Hashable {
    /// A GUID.
    package let id: String
    /// The display name.
    package let name: String
    /// `Enabled`, `Warned`, `PastDue`, `Disabled`, `Deleted`.
    package let state: String
    /// The tenant to which it belongs.
    package let tenantID: String

    /// Nil for a document without a proper id.
    package init?(_ document: JSONValue) {
        guard let id = document["subscriptionId"]?.string, isGUID(id) else { return nil }
        self.id = id
        name = document["displayName"]?.string ?? ""
        state = document["state"]?.string ?? ""
        tenantID = document["tenantId"]?.string ?? ""
    }

    /// Whether its resources can be read.
    package var isReadable: Bool { state.lowercased() != "deleted" }
}

/// A subscription in which a search could not look.
package struct UnreadableSubscription: Sendable, Hashable {
    /// A GUID.
    package let id: String
    /// Why not.
    package let error: ARMError
}

extension ARMClient {
    /// The subscriptions that the caller can see.
    package func subscriptions() async throws(ARMError) -> [Subscription] {
        try await list("/subscriptions", apiVersion: APIVersions.subscriptions)
            .compactMap { Subscription($0) }.filter(\.isReadable)
    }
}

/// What was found in several subscriptions, and where it was not possible to look.
package struct SearchResult<Found: Sendable>: Sendable {
    /// In the order of the subscriptions.
    package var found: [Found]
    /// Where it is not known whether there is more.
    package var unreadable: [UnreadableSubscription]

    package init(found: [Found] = [], unreadable: [UnreadableSubscription] = []) {
        self.found = found
        self.unreadable = unreadable
    }
}

/// Looks into subscriptions, four at a time; one that cannot be read does not end the search. Results come in the order
/// of the subscriptions.
func search<Found: Sendable>(
    _ subscriptions: [String],
    look: @escaping @Sendable (_ subscription: String) async throws(ARMError) -> [Found]
) async -> SearchResult<Found> {
    await withTaskGroup(of: (Int, Result<[Found], ARMError>).self) { group in
        var answers: [Int: Result<[Found], ARMError>] = [:]
        var next = 0
        func start() {
            guard next < subscriptions.count else { return }
            let (index, subscription) = (next, subscriptions[next])
            next += 1
            group.addTask {
                // The pair is made after the wait: made around it, as `(index, .success(try await ...))`, Swift 6.3
                // gives another index in a release build.
                let answer: Result<[Found], ARMError>
                do throws(ARMError) {
                    answer = .success(try await look(subscription))
                } catch {
                    answer = .failure(error)
                }
                return (index, answer)
            }
        }
        for _ in 0..<4 { start() }
        for await (index, answer) in group {
            answers[index] = answer
            start()
        }
        return subscriptions.indices.reduce(into: SearchResult<Found>()) { result, index in
            switch answers[index] {
            case .success(let found): result.found += found
            case .failure(let error): result.unreadable.append(.init(id: subscriptions[index], error: error))
            case nil: break
            }
        }
    }
}
