import SystemRig
import Testing

/// Faults of the cluster's update: how its PUT is answered, and how its operation ends.
@Suite(.needsSandbox)
struct `Faults of an update` {
    /// The run itself gets over them.
    static let passing = [
        // A failed operation is followed by a rewrite and the same PUT.
        FaultCase("disable-fails") { $0.updates = 3 },
        FaultCase("disable-half-applied-then-failed") { $0.updates = 3 },
        FaultCase("enable-fails") { $0.updates = 3 },
        FaultCase("enable-half-applied-then-failed") { $0.updates = 3 },
        FaultCase("enable-applied-then-failed") { $0.updates = 3 },
        FaultCase("operation-canceled") { $0.updates = 3 },
        FaultCase("operation-canceled", at: "disable-succeeded") { $0.updates = 3 },
        FaultCase("slow-operation", ["factor": 4]) { $0.updates = 2 },
        // Nothing began, so the PUT is sent again from a new GET.
        FaultCase("conflict-operation-not-allowed", ["times": 3]) { $0.updates = 2 },
        FaultCase("etag-mismatch") { $0.updates = 2 },
        FaultCase("precondition-failed", at: "disable-succeeded") { $0.updates = 2 },
        FaultCase("put-internal-error", ["times": 2], at: "disable-succeeded") { $0.updates = 2 },
        FaultCase("identity-throttled") { $0.updates = 2 },
        FaultCase("throttled-with-retry-after", ["seconds": 1, "times": 3], at: "disable-accepted") { $0.updates = 2 },
        FaultCase("throttled-without-retry-after", ["times": 2], at: "disable-accepted") { $0.updates = 2 },
        // Whether it began is looked up, never guessed: a second PUT would be a third update.
        FaultCase("lost-put-answer") { $0.updates = 2 },
        FaultCase("lost-put-answer", at: "disable-succeeded") { $0.updates = 2 },
        FaultCase("lost-put-answer-before") { $0.updates = 2 },
        FaultCase("lost-put-answer-before", at: "disable-succeeded") { $0.updates = 2 },
        // The operation of somebody else is waited for.
        FaultCase("operation-by-others", at: "disable-succeeded") { $0.updates = 3 },
        // A role that is there and not known everywhere yet is waited for: Secrets are plaintext meanwhile.
        FaultCase("permission-check-lags", ["times": 3]) {
            $0.target = .toPublic
            $0.updates = 2
        },
    ]

    @Test(arguments: Rig.chosen(passing))
    func `a switch gets over it`(_ fault: FaultCase) async throws { try await fault.run() }

    /// What comes before the first change is found by preflight, or by ARM when it takes no PUT.
    static let early = [
        FaultCase("operation-by-others", ends: .refused) {
            // It lasts until preflight has seen it.
            $0.scripts.insert(.init(name: "operation-stuck"), at: 0)
            $0.says = "cluster-operations"
            $0.finish = .again
        },
        FaultCase("node-pool-operation", ends: .refused) {
            $0.says = "agent-pools-settled"
            $0.finish = .again
        },
        // Its credentials cannot be read, so that nothing tells which API server is the cluster's.
        FaultCase("scope-locked", ["on": "cluster"], ends: .stops(3, "refused", "unknown", .untouched)) {
            $0.says = "ScopeLocked"
            $0.finish = .again
        },
        FaultCase("authorization-lost", ends: .stops(3, "refused", "unknown", .untouched)) {
            $0.says = "AuthorizationFailed"
            $0.finish = .again
        },
        // Only the PUT shows it: the run has begun, and can be resumed.
        FaultCase("cluster-policy-denies", ends: .stops(1, "azure-policy", "unknown", .encrypted)) {
            $0.says = "RequestDisallowedByPolicy"
            $0.updates = 0
        },
        FaultCase("put-internal-error", ["times": 99], ends: .stops(1, "update-failed", "unknown", .encrypted)) {
            $0.says = "InternalOperationError"
            $0.updates = 0
        },
    ]

    @Test(arguments: Rig.chosen(early))
    func `a switch stops before anything is plaintext`(_ fault: FaultCase) async throws { try await fault.run() }

    /// What lasts while KMS is off, or may be, ends with the words that Secrets are or may be plaintext.
    static let late = [
        // ARM says Failed, so some API server may have turned KMS off, although here none did.
        FaultCase("disable-fails", ["times": 99], ends: .stops(6, "update-failed", "mixed", .encrypted)) {
            $0.updates = 3
        },
        FaultCase(
            "operation-stuck", at: "disable-accepted", ends: .stops(6, "interrupted", "mixed", .encryptedButOneProbe)
        ) {
            $0.arguments = ["--operation-timeout", "8m"]
            $0.says = "waited too long"
        },
        FaultCase("enable-fails", ["times": 99], ends: .stops(6, "update-failed", "mixed", .plaintext)) {
            $0.updates = 4
        },
        FaultCase("enable-half-applied-then-failed", ["times": 99], ends: .stops(6, "update-failed", "mixed", .either))
        {
            $0.updates = 4
        },
        FaultCase(
            "operation-stuck", at: "enable-accepted", ends: .stops(6, "interrupted", "mixed", .plaintextButOneProbe)
        ) {
            $0.arguments = ["--operation-timeout", "8m"]
            $0.says = "waited too long"
        },
        FaultCase(
            "cluster-policy-denies", at: "disable-succeeded", ends: .stops(6, "azure-policy", "mixed", .plaintext)
        ) {
            $0.says = "RequestDisallowedByPolicy"
        },
        FaultCase(
            "scope-locked", ["on": "cluster"], at: "disable-succeeded",
            ends: .stops(6, "resource-lock", "mixed", .plaintext)
        ) { $0.says = "ScopeLocked" },
        FaultCase("authorization-lost", at: "disable-succeeded", ends: .stops(6, "missing-right", "mixed", .plaintext))
        {
            $0.says = "AuthorizationFailed"
        },
        FaultCase("permission-check-lags", ["times": 99], ends: .stops(6, "missing-key-right", "mixed", .plaintext)) {
            $0.target = .toPublic
            $0.says = "does not have keys encrypt/decrypt permission"
        },
        FaultCase("private-endpoint-denied", ends: .stops(6, "missing-identity-right", "mixed", .plaintext)) {
            $0.says = "LinkedAuthorizationFailed"
        },
    ]

    @Test(arguments: Rig.chosen(late))
    func `a switch stops and says that Secrets may be plaintext`(_ fault: FaultCase) async throws {
        try await fault.run()
    }

    /// Without `--on-failure stop`: whatever is not Azure's final refusal of every way leads back to encrypted.
    static let turningBack = [
        FaultCase("disable-fails", ["times": 99], ends: .turnsBack("update-failed")) { $0.finish = .again },
        FaultCase("private-endpoint-denied", ends: .turnsBack("missing-identity-right")) {
            $0.says = "LinkedAuthorizationFailed"
            $0.finish = .again
        },
        FaultCase("permission-check-lags", ["times": 99], ends: .turnsBack("missing-key-right")) {
            $0.target = .toPublic
            $0.finish = .again
        },
        FaultCase("terraform-revert", at: "disable-succeeded", ends: .turnsBack("changed-by-others")) {
            $0.finish = .again
        },
        FaultCase("terraform-revert", at: "enable-succeeded", ends: .turnsBack("changed-by-others")) {
            $0.finish = .again
        },
    ]

    @Test(arguments: Rig.chosen(turningBack))
    func `a switch that cannot go on goes back to encrypted by itself`(_ fault: FaultCase) async throws {
        try await fault.run()
    }
}
