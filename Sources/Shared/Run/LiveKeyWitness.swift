package import KubeAPI
package import ModeSwitch
import Text

/// What the API servers' own metrics say of the key that they encrypt with: a witness beside the probes. It is never
/// needed, as metrics are alpha and many users may not read them; but where it contradicts, that is an alarm.
package struct LiveKeyWitness: Sendable, Hashable {
    static let id = "live-key"
    /// Seconds: an API server learns of another key at its next poll of the key service (60 s), and encrypts with the
    /// old one for three minutes at most (KEP-3299).
    static let change = 180.0

    /// The newest that each API server told, by its id.
    private(set) var servers: [String: LiveKey] = [:]

    mutating func add(_ metrics: ServerMetrics) { for key in metrics.liveKeys { add(key) } }

    mutating func add(_ key: LiveKey) {
        if let known = servers[key.server], known.lastUsed > key.lastUsed { return }
        servers[key.server] = key
    }

    /// The one key of all API servers; nil where there are several or none.
    var commonKey: String? {
        let keys = Set(servers.values.map(\.key))
        return keys.count == 1 ? keys.first : nil
    }

    /// What is expected of the key.
    package enum Expectation: Sendable, Hashable {
        case any
        /// The same as before the run, or another because the run named another one.
        case same(as: String)
        case other(than: String)
    }

    /// - Parameter since: Unix seconds from which on the API servers are known, by the probes, to write alike; what
    ///   they used before says nothing. Nil when that is not known.
    package func judge(_ expectation: Expectation = .any, since: Double? = nil) -> ProofReceipt.Item {
        func item(_ verdict: ProofReceipt.Item.Verdict, _ detail: String) -> ProofReceipt.Item {
            ProofReceipt.Item(id: Self.id, verdict: verdict, detail: detail)
        }
        let telling = servers.values.filter { $0.lastUsed >= since ?? 0 }
        guard let newest = telling.max(by: { ($0.lastUsed, $0.server) < ($1.lastUsed, $1.server) }) else {
            return item(.notAvailable, "no API server shows which key it encrypts with")
        }
        let others = telling.filter { $0.key != newest.key }
        if !others.isEmpty {
            let keys = ([newest] + others).sorted { $0.server < $1.server }
            let text = keys.map { "\(Self.short($0.server)) with \(Self.short($0.key))" }.joined(separator: ", ")
            // Without probes an old use may only mean that nothing was written there since the key changed.
            let isAlarm = since != nil || others.contains { newest.lastUsed - $0.lastUsed < Self.change }
            return isAlarm
                ? item(.failed, "API servers encrypt with different keys: \(text)")
                : item(.notAvailable, "some API servers have not encrypted since the key changed: \(text)")
        }
        let text = "\(telling.count) of the API servers encrypt with the key \(Self.short(newest.key))"
        switch expectation {
        case .any: return item(.passed, text)
        case .same(let key):
            return key == newest.key
                ? item(.passed, "\(text), as before")
                : item(.failed, "\(text), but before it was \(Self.short(key)) and the key was not changed")
        case .other(let key):
            return key != newest.key
                ? item(.passed, "\(text), another than before")
                : item(.failed, "\(text), which is still the old one")
        }
    }

    /// `sha256:` and sixty-four digits are too long for a table; eight digits tell keys apart.
    private static func short(_ hash: String) -> String {
        hash.hasPrefix("sha256:") ? String(hash.dropFirst(7).prefix(8)) : String(hash.prefix(32)).printable()
    }
}

extension LiveKeyWitness {
    /// Asks for the metrics over connections of their own, until three in a row brought no new API server; at most
    /// twelve.
    ///
    /// - Parameter samples: metrics that were read so a moment ago, which count like those that are asked for here.
    package static func gather(_ client: KubeClient, after samples: [ServerMetrics] = []) async -> LiveKeyWitness {
        var witness = LiveKeyWitness()
        var withoutNew = 0
        for number in 0..<12 where withoutNew < 3 {
            let known = witness.servers.count
            if number < samples.count {
                witness.add(samples[number])
            } else {
                guard let metrics = try? await client.withNewConnection().metrics() else { break }
                witness.add(metrics)
            }
            withoutNew = witness.servers.count > known ? 0 : withoutNew + 1
        }
        return witness
    }
}
