/// One entry of `agentPoolProfiles`.
package struct AgentPool: Sendable, Hashable {
    package var name: String
    /// Empty when ARM shows none.
    package var provisioningState: String
    package var count: Int
    package var autoscaling: Bool

    package init(name: String, provisioningState: String, count: Int, autoscaling: Bool) {
        self.name = name
        self.provisioningState = provisioningState
        self.count = count
        self.autoscaling = autoscaling
    }

    /// Azure's words for what has failed; it spells Canceled with one l.
    package var hasFailed: Bool { ["failed", "canceled"].contains(provisioningState.lowercased()) }

    /// Any state but the last ones is an operation under way: Azure's set of them grows. A pool that shows none is at
    /// rest.
    package var isAtWork: Bool {
        let state = provisioningState.lowercased()
        return !state.isEmpty && state != "succeeded" && !hasFailed
    }
}
