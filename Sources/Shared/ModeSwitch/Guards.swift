/// The checks of `nextStep` that hold the invariants. All are always on; the exhaustive exploration switches each off
/// in turn and must then find a state that breaks an invariant.
package struct Guards: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let identity = Guards(rawValue: 1 << 0)
    package static let waitForOperation = Guards(rawValue: 1 << 1)
    package static let neverDisableTwice = Guards(rawValue: 1 << 2)
    package static let convergeBeforeRewrite = Guards(rawValue: 1 << 3)
    package static let burstBeforeNarrowing = Guards(rawValue: 1 << 4)
    package static let rewriteBeforeClose = Guards(rawValue: 1 << 5)
    package static let failuresBlockClose = Guards(rawValue: 1 << 6)
    package static let oldPathLeft = Guards(rawValue: 1 << 7)
    package static let endpointApproved = Guards(rawValue: 1 << 8)
    package static let sharedVault = Guards(rawValue: 1 << 9)
    package static let openBeforePublic = Guards(rawValue: 1 << 10)
    package static let cleanBeforeKeyChange = Guards(rawValue: 1 << 11)
    package static let offPassBeforeEarlyClose = Guards(rawValue: 1 << 12)
    package static let reopenAfterFailedSoak = Guards(rawValue: 1 << 13)
    package static let proofBeforeFinish = Guards(rawValue: 1 << 14)
    package static let baselineBeforeChange = Guards(rawValue: 1 << 15)
    package static let checkFirst = Guards(rawValue: 1 << 16)
    package static let backToSafety = Guards(rawValue: 1 << 17)
    package static let evidenceAge = Guards(rawValue: 1 << 18)
    package static let laggardsRead = Guards(rawValue: 1 << 19)

    package static let experience = Guards(rawValue: 1 << 20)
    package static let wayIn = Guards(rawValue: 1 << 21)
    package static let versionTaken = Guards(rawValue: 1 << 22)
    package static let ownChange = Guards(rawValue: 1 << 23)
    package static let keyBefore = Guards(rawValue: 1 << 24)
    package static let watchClosed = Guards(rawValue: 1 << 25)
    package static let triedFirst = Guards(rawValue: 1 << 26)

    package static let all = Guards(rawValue: (1 << 27) - 1)
}
