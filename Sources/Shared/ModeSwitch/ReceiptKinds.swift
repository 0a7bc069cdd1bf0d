package import Azure
package import SecretRewrite

/// One PUT of the managedCluster's KMS profile.
package struct KMSChange: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable, Hashable {
        /// Sent; no answer has been seen.
        case sent
        /// ARM took it and works on it.
        case accepted
        case succeeded
        /// ARM took it and its operation failed.
        case failed
        /// Not ours: ARM shows a profile that this run did not ask for. All evidence before it is void.
        case byOthers
        /// ARM answered that it is busy or that the cluster had changed; nothing began.
        case deferred
        /// ARM answered with an error that waiting does not mend; nothing began.
        case refused
    }

    package var profile: KMSProfile
    package var outcome: Outcome = .sent
    package var detail = ""
    /// Why it was not taken, or failed; nil also in records that an older version wrote.
    package var refusal: AzureRefusal?
    /// Seconds since 1970.
    package var sentAt: Double
    /// Whether ARM showed KMS off when it was sent; nil also in records that an older version wrote.
    package var fromOff: Bool?
    package var acceptedAt: Double?
    package var endedAt: Double?
    package var sequence: Int
    /// What finds it in Azure's activity log; nil until ARM took it.
    package var azure: AzureTrace?

    /// Why it ended as it did, also where an older version wrote the record.
    package var reason: AzureRefusal { refusal ?? AzureRefusal(what: detail) }

    /// Whether ARM may have worked on it: only its own words say that it did not.
    package var mayHaveBegun: Bool { outcome != .refused && outcome != .deferred }

    package init(profile: KMSProfile, sentAt: Double, sequence: Int) {
        self.profile = profile
        self.sentAt = sentAt
        self.sequence = sequence
    }
}

/// What finds an accepted update in Azure's activity log, and what Azure's support asks for.
package struct AzureTrace: Sendable, Codable, Hashable {
    /// The last part of the path of the Azure-AsyncOperation URL; empty where ARM named none.
    package var operationID: String
    /// The answer's `x-ms-request-id`; empty where it has none.
    package var requestID: String
    /// The answer's `x-ms-correlation-request-id`; empty where it has none.
    package var correlationID: String
    /// The eTag of the cluster as the update was made from it; empty where Azure shows none.
    package var eTagBefore: String

    package init(operationID: String = "", requestID: String = "", correlationID: String = "", eTagBefore: String = "")
    {
        self.operationID = operationID
        self.requestID = requestID
        self.correlationID = correlationID
        self.eTagBefore = eTagBefore
    }
}

package struct VaultChange: Sendable, Codable, Hashable {
    package var wanted: VaultSetting
    /// What a GET showed afterwards; nil when the PATCH or the GET had no answer.
    package var readBack: VaultAccess?
    /// Whether it showed the rule that was wanted; nil also for a change of the access.
    package var holds: Bool?
    /// Why Azure did not set it; nil when it did, and in records that an older version wrote.
    package var refusal: AzureRefusal?
    package var at: Double
    package var sequence: Int

    /// Whether what was wanted was seen; nil when that is not known.
    package var isHeld: Bool? {
        guard let access = wanted.access else { return holds }
        return readBack.map { $0 == access }
    }
}

/// What came of making a version of the key in its vault.
package struct KeyVersionReceipt: Sendable, Codable, Hashable {
    /// Nil when none was made, as far as is known.
    package var keyID: KeyIdentifier?
    /// Why none was made.
    package var refusal: AzureRefusal?
    /// Seconds since 1970.
    package var at: Double

    package init(keyID: KeyIdentifier? = nil, refusal: AzureRefusal? = nil, at: Double) {
        self.keyID = keyID
        self.refusal = refusal
        self.at = at
    }
}

/// What a pass over all Secrets is for, in the order of the job.
package enum RewritePurpose: String, Sendable, Codable, Hashable {
    /// Rewrites after KMS went off, or after a failed change.
    case rewrite
    /// Patches until every Secret is settled.
    case verify
    /// Proves that all Secrets are on the present key, before another key is named.
    case beforeKeyChange
    /// The runbook's best-effort pass after a failed ARM update.
    case repair
}

/// The sum of one pass over all Secrets.
package struct PassReceipt: Sendable, Codable, Hashable {
    package var kind: RewritePurpose
    package var total: Int
    package var rewritten: Int
    package var current: Int
    package var gone: Int
    package var failures: [FailureClass: Int]
    /// Whether every namespace and page was seen to its end.
    package var complete: Bool
    /// What had been finished when the pass was interrupted, for the resume, at most `mostFinished` namespaces; empty
    /// in a complete pass.
    package var finished: [NamespaceReceipt]
    package var startedAt: Double
    package var endedAt: Double
    /// Places in the order of receipts.
    package var began: Int
    package var ended = 0
    package var epoch = 0
    /// The cluster's eTag when it began.
    package var eTag = ""
    /// Who made it, where that was not this program: then it says only that the engine says that it is done, and its
    /// counts are of before. Absent also in records that an older version wrote.
    package var engine: RewriteEngine?

    /// The namespaces that a record names as finished, at most; those beyond are done again. With names of 63
    /// characters they are 2 MB, so that the record of a run stays below the size up to which it is read.
    package static let mostFinished = 10_000

    package init(
        kind: RewritePurpose, total: Int = 0, rewritten: Int = 0, current: Int = 0, gone: Int = 0,
        failures: [FailureClass: Int] = [:], complete: Bool, finished: [NamespaceReceipt] = [], startedAt: Double = 0,
        endedAt: Double = 0, began: Int
    ) {
        self.kind = kind
        self.total = total
        self.rewritten = rewritten
        self.current = current
        self.gone = gone
        self.failures = failures
        self.complete = complete
        self.finished = finished
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.began = began
    }

    /// The same without the namespaces that it had finished.
    package var withoutFinished: PassReceipt {
        var receipt = self
        receipt.finished = []
        return receipt
    }

    /// Whether all of it succeeded, but for failures of the accepted classes. Of another engine that is never known: no
    /// step that narrows rests on its word, and the verifying pass tells.
    package func isClean(accepting accepted: Set<FailureClass>) -> Bool {
        guard engine == nil else { return false }
        let tolerated = accepted.intersection(FailureClass.acceptable)
        return complete && failures.allSatisfy { $0.value == 0 || tolerated.contains($0.key) }
    }
}

package struct SoakReceipt: Sendable, Codable, Hashable {
    package enum Result: String, Sendable, Codable, Hashable {
        case passed
        case failed
        /// It was cut off before its time.
        case interrupted
    }

    package var result: Result
    package var writes: Int
    package var seconds: Double
    /// Seconds after which Key Vault was seen to turn the public network away; nil when it was not.
    package var closedSeenAt: Double?
    /// Why it failed, or what a watch that ended well does not prove.
    package var detail: String
    /// The cluster's eTag when it was made.
    package var eTag = ""

    package init(
        result: Result, writes: Int = 0, seconds: Double = 0, closedSeenAt: Double? = nil, detail: String = ""
    ) {
        self.result = result
        self.writes = writes
        self.seconds = seconds
        self.closedSeenAt = closedSeenAt
        self.detail = detail
    }
}

package struct ProofReceipt: Sendable, Codable, Hashable {
    package struct Item: Sendable, Codable, Hashable {
        package enum Verdict: String, Sendable, Codable, Hashable {
            case passed
            case failed
            case notAvailable = "not available"
            /// To be looked at, and no reason to doubt that the job is done.
            case warning
        }

        package var id: String
        package var verdict: Verdict
        package var detail: String

        package init(id: String, verdict: Verdict, detail: String) {
            self.id = id
            self.verdict = verdict
            self.detail = detail
        }
    }

    package var items: [Item]
    /// The cluster's eTag when it was made.
    package var eTag = ""

    package init(items: [Item]) { self.items = items }

    package var passed: Bool {
        items.contains { $0.verdict == .passed } && !items.contains { $0.verdict == .failed }
    }
}
