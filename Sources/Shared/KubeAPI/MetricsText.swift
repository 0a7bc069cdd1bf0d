/// One line of the Prometheus text format (exposition format 0.0.4).
package struct MetricSample: Sendable, Hashable {
    package let name: String
    package let labels: [String: String]
    package let value: Double
}

/// What the metrics of an API server replica tell about storage. Names and labels are alpha in Kubernetes and move
/// between versions: what is absent is unknown, never zero.
package struct ServerMetrics: Sendable, Hashable {
    /// The samples that are of interest, as they stand.
    package let samples: [MetricSample]

    package static let transformations = "apiserver_storage_transformation_operations_total"
    package static let keyIDs = "apiserver_envelope_encryption_key_id_hash_total"
    package static let keyIDLastUsed = "apiserver_envelope_encryption_key_id_hash_last_timestamp_seconds"
    package static let keyIDStatus = "apiserver_envelope_encryption_key_id_hash_status_last_timestamp_seconds"
    package static let configInfo = "apiserver_encryption_config_controller_last_config_info"
    package static let reloads = "apiserver_encryption_config_controller_automatic_reloads_total"
    package static let lastReload = "apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds"
    private static let start = "process_start_time_seconds"
    /// What is beyond is no count, as are NaN and infinity; the sum of all samples still is a whole number of 64 bits.
    private static let mostCount = 1e15

    /// Reads the lines of interest and steps over all others; a line that cannot be read is as absent.
    package init(parsing body: [UInt8]) {
        let names = [
            Self.start, Self.transformations, Self.keyIDs, Self.keyIDLastUsed, Self.keyIDStatus, Self.configInfo,
            Self.reloads, Self.lastReload,
        ].map { Array($0.utf8) }
        var samples: [MetricSample] = []
        for line in body.split(separator: UInt8(ascii: "\n")) where samples.count < 5000 {
            // Cheap test first: of some hundred thousand lines a few dozen are wanted.
            guard let first = line.first, first == UInt8(ascii: "a") || first == UInt8(ascii: "p"),
                names.contains(where: { Self.isOf($0, line) }), let sample = MetricSample(parsing: line)
            else { continue }
            samples.append(sample)
        }
        self.samples = samples
    }

    private static func isOf(_ name: [UInt8], _ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: name), line.count > name.count else { return false }
        let next = line[line.startIndex + name.count]
        return next == UInt8(ascii: "{") || next == UInt8(ascii: " ")
    }

    /// When the process started, in Unix seconds.
    package var processStart: Double? { samples.first { $0.name == Self.start }?.value }

    /// The replica's identity, where any series carries it.
    package var idHash: String? { samples.lazy.compactMap { $0.labels["apiserver_id_hash"] }.first { !$0.isEmpty } }

    /// How often stored bytes were read (`from_storage`) or written (`to_storage`), by their prefix in etcd; both
    /// without failures. Kubernetes writes the plain form as prefix "" and reads it as "identity".
    package func transformationCounts(_ type: String) -> [String: Double] {
        var counts: [String: Double] = [:]
        for sample in samples where sample.name == Self.transformations && sample.labels["transformation_type"] == type
        {
            guard let prefix = sample.labels["transformer_prefix"] else { continue }
            if let status = sample.labels["status"], status != "OK" { continue }
            if let resource = sample.labels["resource"], resource != "secrets" { continue }
            guard (0...Self.mostCount).contains(sample.value) else { continue }
            counts[prefix, default: 0] += sample.value
        }
        return counts
    }

    /// The key by which each API server that this page tells of has encrypted last; the page is one server's, and names
    /// only itself. Empty before KMS v2, while nothing was encrypted since the server started, and where metrics of
    /// envelopes are not shown.
    package var liveKeys: [LiveKey] {
        var newest: [String: LiveKey] = [:]
        for sample in samples
        where sample.name == Self.keyIDLastUsed && sample.labels["transformation_type"] == "to_storage" {
            guard let key = sample.labels["key_id_hash"], !key.isEmpty, sample.value.isFinite, sample.value > 0,
                let server = sample.labels["apiserver_id_hash"]
                    ?? processStart.flatMap({ Int64(exactly: $0.rounded(.down)) }).map({ "started at \($0)" })
            else { continue }
            if let known = newest[server], known.lastUsed >= sample.value { continue }
            newest[server] = LiveKey(server: server, key: key, lastUsed: sample.value)
        }
        return newest.values.sorted { $0.server < $1.server }
    }

    /// When the key service last answered a status poll with a key id, by its hash, in Unix seconds.
    package var keyStatusTimes: [String: Double] {
        var times: [String: Double] = [:]
        for sample in samples where sample.name == Self.keyIDStatus {
            guard let hash = sample.labels["key_id_hash"] else { continue }
            times[hash] = max(sample.value, times[hash] ?? sample.value)
        }
        return times
    }
}

extension MetricSample {
    /// `name{label="value",…} number [timestamp]`.
    init?(parsing line: ArraySlice<UInt8>) {
        let text = String(decoding: line, as: UTF8.self)
        var rest = text[...]
        guard let nameEnd = rest.firstIndex(where: { $0 == "{" || $0 == " " }) else { return nil }
        name = String(rest[..<nameEnd])
        rest = rest[nameEnd...]
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while let next = rest.first, next != "}" {
                if next == "," || next == " " {
                    rest.removeFirst()
                    continue
                }
                guard let (label, value) = Self.label(&rest) else { return nil }
                labels[label] = value
            }
            guard rest.popFirst() == "}" else { return nil }
        }
        self.labels = labels
        let words = rest.split(separator: " ")
        guard let word = words.first, words.count <= 2, let number = Double(word) else { return nil }
        value = number
    }

    private static func label(_ rest: inout Substring) -> (String, String)? {
        guard let equals = rest.firstIndex(of: "=") else { return nil }
        let name = String(rest[..<equals])
        rest = rest[rest.index(after: equals)...]
        guard rest.popFirst() == "\"" else { return nil }
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return (name, value)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(character)
            }
        }
        return nil
    }
}

/// The key by which an API server has encrypted last, as a hash of the key service's id for it.
///
/// `apiserver_envelope_encryption_key_id_hash_last_timestamp_seconds` with `transformation_type="to_storage"`
/// (kubernetes/apiserver, pkg/storage/value/encrypt/envelope/metrics/metrics.go, `RecordKeyID`); its label
/// `apiserver_id_hash` exists from Kubernetes 1.29 on.
package struct LiveKey: Sendable, Hashable {
    /// `apiserver_id_hash`, else the start of the process.
    package let server: String
    package let key: String
    /// Unix seconds, by the API server's clock.
    package let lastUsed: Double

    package init(server: String, key: String, lastUsed: Double) {
        self.server = server
        self.key = key
        self.lastUsed = lastUsed
    }
}
