package import Azure
import ModeSwitch

/// Whose turn it is to close a vault that several clusters use, all of which the same command switches.
///
/// Each run proves its own cluster; none closes the vault before all of them are as far.
package struct VaultTurn: Sendable {
    package enum Answer: Sendable, Hashable {
        case open
        /// It is open now, and was waited for: what was seen before that is old.
        case waited
        case never(because: String)
    }

    /// The other clusters that the command switches.
    package var peers: Set<AzureResourceID>
    /// Those of them that are not as far yet: they may be Public still.
    package var behind: @Sendable () async -> Set<AzureResourceID>
    /// Waits until the vault may be closed, or an interruption.
    package var arrive: @Sendable () async -> Answer

    package init(
        peers: Set<AzureResourceID>, behind: @escaping @Sendable () async -> Set<AzureResourceID>,
        arrive: @escaping @Sendable () async -> Answer
    ) {
        self.peers = peers
        self.behind = behind
        self.arrive = arrive
    }

    /// Nil when it may be closed at once.
    func answer() async -> CheckAnswer? {
        switch await arrive() {
        case .open: nil
        case .waited: .unclear("all clusters that use the vault are ready now; this one is looked at once more")
        case .never(let reason): .refused(reason)
        }
    }
}
