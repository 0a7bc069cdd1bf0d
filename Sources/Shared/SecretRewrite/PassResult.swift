package import FoundationEssentials

/// What became of one Secret.
package enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
    /// Its version is newer than the list: it was written since, by us or by another.
    case rewritten
    /// Its version is not newer: the serving replica found it stored as it should be.
    case current
    /// A dry run passed admission and validation.
    case admitted
    /// It was deleted meanwhile.
    case gone
    /// An admission webhook or policy refuses it.
    case denied
    /// It does not pass today's validation.
    case invalid
    /// Storage cannot decrypt it.
    case undecryptable
    /// Every touch of the verifying pass found another version.
    case unsettled
    /// A dry run could not tell, because a webhook does not support it.
    case unknown
    /// It could not be written for another reason.
    case failed

    /// Whether a Secret with this outcome needs nothing more.
    package var isGood: Bool {
        switch self {
        case .rewritten, .current, .admitted, .gone: true
        case .denied, .invalid, .undecryptable, .unsettled, .unknown, .failed: false
        }
    }
}

/// How many Secrets had which outcome.
package struct OutcomeCounts: Sendable, Hashable, Codable {
    private var counts: [Outcome: Int] = [:]

    package init() {}

    /// - Throws: for an outcome that is not known: it may be a bad one, and the namespace would count as done.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        for (name, count) in try container.decode([String: Int].self) {
            guard let outcome = Outcome(rawValue: name) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "an unknown outcome")
            }
            counts[outcome] = count
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) }))
    }

    package subscript(_ outcome: Outcome) -> Int { counts[outcome] ?? 0 }

    /// All Secrets that have an outcome.
    package var total: Int { counts.values.reduce(0, +) }
    /// Those that need something more.
    package var bad: Int { counts.reduce(0) { $1.key.isGood ? $0 : $0 + $1.value } }

    /// Whether each of its numbers lies within these: a record that was read may hold any.
    package func isWithin(_ bounds: ClosedRange<Int>) -> Bool { counts.values.allSatisfy(bounds.contains) }

    mutating func add(_ outcome: Outcome) { counts[outcome, default: 0] += 1 }

    mutating func add(_ other: OutcomeCounts) { counts.merge(other.counts, uniquingKeysWith: +) }
}

/// The evidence that one namespace gave.
package struct NamespaceReceipt: Sendable, Hashable, Codable {
    package let namespace: String
    /// The revision of the first page of its list; nil when no page came.
    package var anchor: Int64?
    /// The highest resourceVersion of its Secrets.
    package var newest: Int64?
    package var counts = OutcomeCounts()
    /// Whether the list was read to its end and every listed Secret has an outcome.
    package var isComplete = false
    /// Whether its list, or part of it, could not be had: there may be Secrets that nobody touched.
    package var isUnlisted = false

    init(namespace: String) { self.namespace = namespace }

    /// Whether a later pass has nothing left to do here.
    package var isDone: Bool { isComplete && !isUnlisted && counts.bad == 0 }
}

/// One Secret, or one list, that has not gone well. It holds names only, nothing that a server wrote about it.
package struct SecretFailure: Sendable, Hashable, Codable {
    package let namespace: String
    /// Nil when it is the namespace's list.
    package let name: String?
    package let outcome: Outcome
    /// The webhook, the fields or the reason.
    package let cause: String
}

/// The failures of a pass that are named, and how many others there are: names of every Secret of a cluster would fill
/// the report of a run.
package struct NamedFailures: Sendable, Hashable {
    /// The first ones, at most 200.
    package var named: [SecretFailure] = []
    package var omitted = 0

    package init(named: [SecretFailure] = [], omitted: Int = 0) {
        self.named = named
        self.omitted = omitted
    }
}

/// How a pass ended.
package enum PassEnding: Sendable, Hashable, Codable {
    /// Everything was tried; failures are in the counts.
    case finished
    /// Somebody asked it to stop.
    case stopped
    /// It made no sense to go on.
    case aborted(AbortReason)
}

/// What ends a pass before its end.
package enum AbortReason: String, Sendable, Hashable, Codable, CustomStringConvertible {
    case unauthorized, forbidden, encryptionUnavailable, unreachable, wouldSendData, namespacesUnlisted, tooManyFailures

    package var description: String {
        switch self {
        case .unauthorized: "the API server refused the credential"
        case .forbidden: "the right to list or patch Secrets is missing"
        case .encryptionUnavailable: "the API server cannot encrypt Secrets at the moment"
        case .unreachable: "the API server gave no useful answer for too long"
        case .wouldSendData: "the API server offers only answers that would carry the Secrets' data"
        case .namespacesUnlisted: "the namespaces could not be listed"
        case .tooManyFailures: "more Secrets failed than were allowed to"
        }
    }
}

/// What a pass has done: for the journal, the report, and the pass that resumes it.
package struct PassResult: Sendable, Hashable, Codable {
    package var kind: PassKind
    package var ending: PassEnding
    package var startedAt: Date
    package var endedAt: Date
    /// The sum over all receipts.
    package var counts: OutcomeCounts
    /// In the order of the namespaces' names; those taken over from an earlier pass are among them.
    package var receipts: [NamespaceReceipt]
    /// Namespaces that the pass was to visit.
    package var namespaceCount: Int
    /// Refusals by webhook or policy.
    package var denials: [String: Int]
    /// The first failures, at most 200.
    package var failures: [SecretFailure]
    /// Failures beyond those.
    package var failuresOmitted: Int

    package var namedFailures: NamedFailures { NamedFailures(named: failures, omitted: failuresOmitted) }

    /// Whether it has reached every Secret that there was, and each one is well.
    package var isClean: Bool {
        ending == .finished && failures.isEmpty && failuresOmitted == 0 && receipts.count == namespaceCount
            && receipts.allSatisfy(\.isDone)
    }

    /// Whether it reached every Secret, and those that are not well are all of these classes.
    package func isClean(accepting accepted: Set<Outcome>) -> Bool {
        ending == .finished && receipts.count == namespaceCount
            && receipts.allSatisfy { $0.isComplete && !$0.isUnlisted }
            && Outcome.allCases.allSatisfy { $0.isGood || accepted.contains($0) || counts[$0] == 0 }
    }
}
