/// An admission webhook: one that validates, or one that changes what is written.
public struct Webhook: Sendable, Codable, Hashable {
    public enum Verdict: Sendable, Codable, Hashable {
        /// The message and the status code of the refusal (400 if the webhook gives none).
        case deny(message: String, code: Int)
        /// The service has no endpoints and the policy is Fail.
        case noEndpoints(service: String, namespace: String)
        case allow
        /// Mutating: sets an annotation to a number that is new with every call, the empty patch's too.
        case stamp(annotation: String)
    }

    public var name: String
    public var verdict: Verdict
    /// nil: all namespaces.
    public var namespaces: Set<String>?
    public var resources: Set<String> = ["secrets"]
    /// `CREATE`, `UPDATE`, `DELETE`.
    public var operations: Set<String> = ["UPDATE"]
    /// A webhook with side effects cannot take part in a dry run.
    public var hasSideEffects = false

    public init(
        name: String, verdict: Verdict, namespaces: Set<String>? = nil, resources: Set<String> = ["secrets"],
        operations: Set<String> = ["UPDATE"], hasSideEffects: Bool = false
    ) {
        self.name = name
        self.verdict = verdict
        self.namespaces = namespaces
        self.resources = resources
        self.operations = operations
        self.hasSideEffects = hasSideEffects
    }

    /// Whether it is a mutating one.
    var isMutating: Bool { if case .stamp = verdict { true } else { false } }

    /// Everything but the name and the verdict may be left out.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name),
            verdict: try values.decode(Verdict.self, forKey: .verdict),
            namespaces: try values.decodeIfPresent(Set<String>.self, forKey: .namespaces),
            resources: try values.decodeIfPresent(Set<String>.self, forKey: .resources) ?? ["secrets"],
            operations: try values.decodeIfPresent(Set<String>.self, forKey: .operations) ?? ["UPDATE"],
            hasSideEffects: try values.decodeIfPresent(Bool.self, forKey: .hasSideEffects) ?? false)
    }
}
