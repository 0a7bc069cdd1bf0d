/// `/livez` and `/readyz` of one replica.
enum Health {
    static func livez() -> APIResponse { APIResponse(text: "ok") }

    static func readyz(_ replica: Replica, isVerbose: Bool) -> APIResponse {
        let failed = replica.kmsProviders.contains { $0.lastFailure != nil }
        let checks = ["ping", "log", "etcd", "etcd-readiness", "kms-providers", "informer-sync", "shutdown"]
        guard isVerbose || failed else { return APIResponse(text: "ok") }
        var lines = checks.map { check in
            check == "kms-providers" && failed ? "[-]\(check) failed: reason withheld" : "[+]\(check) ok"
        }
        lines.append("readyz check " + (failed ? "failed" : "passed"))
        return APIResponse(text: lines.joined(separator: "\n") + "\n", status: failed ? 500 : 200)
    }
}

/// `/metrics` of one replica, as far as encryption at rest shows in it.
enum Metrics {
    static func text(_ replica: Replica, hasIdentity: Bool) -> String {
        let counters = replica.counters
        let identity = hasIdentity ? [("apiserver_id_hash", "sha256:" + hexDigest(replica.identity))] : []
        var text = ""

        func family(_ name: String, _ type: String, _ samples: [([(String, String)], String)]) {
            guard !samples.isEmpty else { return }
            text += "# HELP \(name) [ALPHA] \(name)\n# TYPE \(name) \(type)\n"
            for (labels, value) in samples.sorted(by: { "\($0.0)" < "\($1.0)" }) {
                let list = labels.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
                text += name + (list.isEmpty ? "" : "{\(list)}") + " \(value)\n"
            }
        }

        family("process_start_time_seconds", "gauge", [([], String(replica.startTime))])
        family(
            "apiserver_storage_transformation_operations_total", "counter",
            counters.transformations.map { what, count in
                (
                    [
                        ("resource", "secrets"), ("status", what.isOK ? "OK" : "Internal"),
                        ("transformation_type", what.direction.rawValue), ("transformer_prefix", what.prefix),
                    ], String(count)
                )
            })
        func labels(_ usage: Replica.KeyUsage) -> [(String, String)] {
            identity + [
                ("key_id_hash", KMSProvider.hash(usage.keyID)), ("provider_name", usage.provider),
                ("transformation_type", usage.direction),
            ]
        }
        family(
            "apiserver_envelope_encryption_key_id_hash_total", "counter",
            counters.keyUses.map { (labels($0), String($1)) })
        family(
            "apiserver_envelope_encryption_key_id_hash_last_timestamp_seconds", "gauge",
            counters.keyUseTimes.map { (labels($0), String($1)) })
        family(
            "apiserver_envelope_encryption_key_id_hash_status_last_timestamp_seconds", "gauge",
            replica.kmsProviders.flatMap { provider in
                provider.statusTimes.map { keyID, time in
                    (
                        identity + [("key_id_hash", KMSProvider.hash(keyID)), ("provider_name", provider.name)],
                        String(time)
                    )
                }
            })
        family(
            "apiserver_envelope_encryption_dek_source_cache_size", "gauge",
            replica.kmsProviders.map { ([("provider_name", $0.name)], String($0.cachedSeeds)) })
        family(
            "apiserver_encryption_config_controller_automatic_reloads_total", "counter",
            [
                (identity + [("status", "success")], String(counters.reloads)),
                (identity + [("status", "failure")], String(counters.failedReloads)),
            ])
        return text
    }
}
