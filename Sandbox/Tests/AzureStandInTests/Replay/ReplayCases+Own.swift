import AzureStandIn

extension ReplayCase {
    /// What no recording has, written by hand.
    static let own: [ReplayCase] = [
        own(
            "kms_disable",
            gaps: gaps("the excerpt has no pool of single machines", at: 0, "properties.agentPoolProfiles[].count")),
        own("kms_enable_private", mode: "Off", before: [2: [.fault(["name": "poll-early-end-time"])]]),
        own("operation_failed", mode: "Off", before: [0: [.fault(["name": "enable-fails"])]]),
        own("operation_canceled"),
        conflicts, refusals, trouble, throttling,
        own("credentials"),
        own(
            "vault_patch",
            before: [3: [.fault(["name": "vault-policy-keeps-closed"])], 5: [.endFaults]]),
        own("key_through_arm"),
        dataPlane, gatewayRefusals,
    ]

    private static var conflicts: ReplayCase {
        own(
            "conflicts",
            before: [
                0: [.fault(["name": "conflict-operation-not-allowed"])],
                1: [.fault(["name": "node-pool-operation"])],
                2: [.endFaults, .fault(["name": "etag-mismatch"])],
                7: [.fault(["name": "conflict-operation-not-allowed"])],
                8: [.fault(["name": "conflict-operation-not-allowed"])],
            ],
            gaps: gaps("names the two eTags", at: 3, "message")
                + gaps("the sandbox has one wording of several: clients decide by the code", at: 7, "message")
                + gaps("the sandbox has one wording of several: clients decide by the code", at: 8, "message"))
    }

    private static var refusals: ReplayCase {
        own("kms_refusals", mode: "Off", before: [3: [.fault(["name": "permission-check-lags"])]])
    }

    private static var trouble: ReplayCase {
        own(
            "polls_in_trouble",
            before: [
                2: [.fault(["name": "poll-502"])], 3: [.fault(["name": "poll-502"])],
                5: [.fault(["name": "poll-504"])],
            ])
    }

    private static var throttling: ReplayCase {
        own(
            "throttling",
            before: [0: [.fault(["name": "identity-throttled"])], 1: [.fault(["name": "throttled-with-retry-after"])]])
    }

    private static var dataPlane: ReplayCase {
        own(
            "key_data_plane", anonymous: [0],
            gaps: gaps("names the caller, who is another", at: 2, "error.message")
                + gaps("the sandbox has one wording of two: clients decide by the inner code", at: 3, "error.message"))
    }

    private static var gatewayRefusals: ReplayCase {
        own(
            "gateway_refusals",
            before: [
                2: [.fault(["name": "authorization-lost"])],
                3: [.endFaults, .fault(["name": "scope-locked", "on": "cluster"])],
                4: [.endFaults, .fault(["name": "vault-policy-denies"])],
            ],
            gaps: gaps("names the caller, who is another", at: 2, "error.message")
                + gaps("names the policy", at: 4, "error.message"))
    }
}
