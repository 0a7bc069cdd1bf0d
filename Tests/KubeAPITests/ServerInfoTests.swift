import HTTP
import JSON
import Preflight
import SecretRewrite
import Testing
import Text

@testable import KubeAPI

@Test(arguments: [("v1.33.2", 33), ("v1.20.2", 20), ("v1.36.0-beta.1+x", 36)])
func `a version is read`(text: String, minor: Int) { #expect(KubeVersion(text)?.minor == minor) }

@Test(arguments: ["", "1.33.2", "v1", "v1.x.3", "vv.1.2"])
func `what is no version is nil`(text: String) { #expect(KubeVersion(text) == nil) }

@Test func `readiness names its checks`() async throws {
    let text = "[+]ping ok\n[-]kms-providers failed: reason withheld\n[+]etcd ok\nreadyz check failed\n"
    let report = try await client(ScriptedTransport([.json(text, status: 500)])).readiness()
    #expect(!report.isReady)
    #expect(report.checks == ["ping": true, "kms-providers": false, "etcd": true])
    await #expect(throws: KubeError.self) {
        try await client(ScriptedTransport([.status(403, "Forbidden", "no")])).readiness()
    }
}

@Test func `Secrets are counted from one row`() async throws {
    let many = table(["a"], metadata: #","continue":"x","remainingItemCount":4999"#)
    #expect(try await client(ScriptedTransport([.json(many)])).secretCount() == 5000)
    #expect(try await client(ScriptedTransport([.json(table(["a"]))])).secretCount() == 1)
    #expect(try await client(ScriptedTransport([.json(table([]))])).secretCount() == 0)
    let untold = table(["a"], metadata: #","continue":"x""#)
    #expect(try await client(ScriptedTransport([.json(untold)])).secretCount() == nil)
}

@Test func `an absurd count of what remains is as if the server had not told it`() async throws {
    let absurd = table(["a"], metadata: #","continue":"x","remainingItemCount":9223372036854775807"#)
    #expect(try await client(ScriptedTransport([.json(absurd)])).secretCount() == nil)
}

@Test(arguments: ["+Inf", "NaN", "-1", "1e300"])
func `what no counter can be is no count of reads or writes`(value: String) {
    let name = ServerMetrics.transformations
    let page = """
        \(name){transformation_type="to_storage",transformer_prefix="k8s:enc:kms:v2:p:"} \(value)
        \(name){transformation_type="to_storage",transformer_prefix="identity"} 2
        """
    let counts = ServerMetrics(parsing: Array(page.utf8)).transformationCounts("to_storage")
    #expect(counts == ["identity": 2])
}

@Test func `replicas are known by the hashes of their Leases`() async throws {
    let leases = #"""
        {"metadata":{},"items":[{"metadata":{"name":"apiserver-abc"}},{"metadata":{"name":"kube-scheduler"}}]}
        """#
    let hashes = try await client(ScriptedTransport([.json(leases)])).replicaIDHashes()
    #expect(hashes == ["sha256:" + sha256Hex(Array("apiserver-abc".utf8))])
}

private let metricsText = #"""
    # HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
    # TYPE process_start_time_seconds gauge
    process_start_time_seconds 1.76390712345e+09
    apiserver_storage_transformation_operations_total_other 5
    apiserver_storage_transformation_operations_total{resource="secrets",status="OK",transformation_type="from_storage",transformer_prefix="identity"} 12
    apiserver_storage_transformation_operations_total{resource="secrets",status="OK",transformation_type="to_storage",transformer_prefix="k8s:enc:kms:v2:az,\"}ure:"} 30
    apiserver_storage_transformation_operations_total{resource="secrets",status="Internal",transformation_type="to_storage",transformer_prefix="k8s:enc:kms:v2:az,\"}ure:"} 3
    apiserver_storage_transformation_operations_total{resource="configmaps",status="OK",transformation_type="to_storage",transformer_prefix="x"} 3
    apiserver_envelope_encryption_key_id_hash_total{apiserver_id_hash="sha256:aa",key_id_hash="sha256:bb",provider_name="azure",transformation_type="to_storage"} 7
    apiserver_envelope_encryption_key_id_hash_status_last_timestamp_seconds{apiserver_id_hash="sha256:aa",key_id_hash="sha256:bb",provider_name="azure"} 1.7e+09 1700000000000
    apiserver_envelope_encryption_key_id_hash_total{broken 7
    apiserver_envelope_encryption_key_id_hash_total{a="b"} seven
    """#

@Test func `the series of interest are read and the others stepped over`() {
    let metrics = ServerMetrics(parsing: Array(metricsText.utf8))
    #expect(metrics.processStart == 1_763_907_123.45)
    #expect(metrics.idHash == "sha256:aa")
    #expect(metrics.transformationCounts("from_storage") == ["identity": 12])
    #expect(metrics.transformationCounts("to_storage") == ["k8s:enc:kms:v2:az,\"}ure:": 30])
    #expect(metrics.keyStatusTimes == ["sha256:bb": 1.7e9])
    #expect(metrics.samples.count == 7)
}

@Test func `metrics that are no metrics are absent`() {
    for text in ["", "<html>", "\u{0}\u{0}\u{0}", "process_start_time_seconds{", "process_start_time_seconds x"] {
        #expect(ServerMetrics(parsing: Array(text.utf8)).samples.isEmpty)
    }
}

@Test func `a right is allowed, refused or unknown`() async throws {
    func verdict(_ status: String) async throws -> AccessVerdict {
        try await client(ScriptedTransport([.json(#"{"status":\#(status)}"#, status: 201)])).review(
            AccessRequest(verb: "patch", resource: "secrets"))
    }
    #expect(try await verdict(#"{"allowed":true}"#) == .allowed)
    #expect(try await verdict(#"{"allowed":false,"reason":"no"}"#) == .refused(reason: "no"))
    #expect(try await verdict(#"{"allowed":false,"evaluationError":"later"}"#) == .unknown(reason: "later"))
    await #expect(throws: KubeError.self) { try await verdict("{}") }
}

@Test func `the key by which an API server encrypts is the one that it used last for writing`() {
    let name = ServerMetrics.keyIDLastUsed
    func metrics(_ lines: String) -> ServerMetrics { ServerMetrics(parsing: Array(lines.utf8)) }
    let seen = metrics(
        """
        \(name){apiserver_id_hash="sha256:a",key_id_hash="sha256:1",provider_name="p",transformation_type="to_storage"} 1.7e9
        \(name){apiserver_id_hash="sha256:a",key_id_hash="sha256:2",provider_name="p",transformation_type="to_storage"} 1.8e9
        \(name){apiserver_id_hash="sha256:a",key_id_hash="sha256:3",provider_name="p",transformation_type="from_storage"} 1.9e9
        """)
    #expect(seen.liveKeys == [LiveKey(server: "sha256:a", key: "sha256:2", lastUsed: 1.8e9)])
    // Before 1.29 the label is missing; the process has a start.
    let old = metrics(
        """
        process_start_time_seconds 1.6e9
        \(name){key_id_hash="sha256:1",provider_name="p",transformation_type="to_storage"} 1.7e9
        """)
    #expect(old.liveKeys == [LiveKey(server: "started at 1600000000", key: "sha256:1", lastUsed: 1.7e9)])
    for start in ["1e300", "NaN", "-Inf"] {
        let odd = metrics(
            """
            process_start_time_seconds \(start)
            \(name){key_id_hash="sha256:1",transformation_type="to_storage"} +Inf
            \(name){key_id_hash="sha256:1",transformation_type="to_storage"} 5
            """)
        #expect(odd.liveKeys.count <= 1)
    }
    #expect(metrics("\(name) 5").liveKeys.isEmpty)
}

@Suite struct `Probes` {
    @Test func `a sample uses one new connection for the touch and the metrics`() async throws {
        let connection = ScriptedTransport([.json(table(["p"], version: "8")), .json(metricsText)])
        let transport = ScriptedTransport([], connections: [connection])
        let sample = try await ProbeSecrets(client(transport)).sample("kms-vault-probe-1", at: 8, identify: true)
        #expect(sample.resourceVersion == 8)
        #expect(sample.replica == ReplicaIdentity(processStart: 1_763_907_123.45, idHash: "sha256:aa"))
        #expect(transport.requests.isEmpty)
        #expect(connection.requests.map { $0.method } == [.patch, .get])
        // Another writer in between must never look like our own effect.
        #expect(connection.requests.first?.body == Array(#"{"metadata":{"resourceVersion":"8"}}"#.utf8))
    }

    @Test func `a sample after another writer is a conflict`() async {
        let connection = ScriptedTransport([.status(409, "Conflict", "the object has been modified")])
        let transport = ScriptedTransport([], connections: [connection])
        await #expect(throws: StoreFailure.conflict(detail: "the object has been modified")) {
            try await ProbeSecrets(client(transport)).sample("kms-vault-probe-1", at: 8, identify: true)
        }
    }

    private func view(_ version: Int, _ rest: String = #""labels":{"a":"b"}"#) async throws -> ProbeView {
        let object = #"{"kind":"PartialObjectMetadata","metadata":{"resourceVersion":"\#(version)",\#(rest)}}"#
        let transport = ScriptedTransport([.json(object)])
        let view = try await ProbeSecrets(client(transport)).view("kms-vault-probe-1")
        #expect(transport.requests.first?.headers["Accept"] == MediaType.partialMetadata)
        return view
    }

    @Test func `a rewrite leaves a probe's fingerprint as it was, and a label, an annotation or a manager does not`()
        async throws
    {
        let first = try await view(8)
        #expect(try await view(9).fingerprint == first.fingerprint)
        #expect(try await view(9).resourceVersion == 9)
        for rest in [
            #""labels":{"a":"c"}"#, #""labels":{"a":"b"},"annotations":{"a":"b"}"#,
            #""labels":{"a":"b"},"managedFields":[{"manager":"x","time":"2026-01-01T00:00:00Z"}]"#,
        ] {
            #expect(try await view(9, rest).fingerprint != first.fingerprint)
        }
    }

    @Test func `other writers of a probe are named, the newest first, and never we`() async throws {
        let seen = try await view(
            8,
            """
            "managedFields":[{"manager":"old","time":"2026-01-01T00:00:00Z"},
             {"manager":"kubectl-label\\u001b[31m","time":"2026-01-02T00:00:00Z"},{"manager":"kubectl-kms-vault"}]
            """)
        #expect(seen.writers == ["kubectl-label [31m", "old"])
    }

    @Test func `an answer that is not the metadata of an object is refused`() async {
        for body in [#"{"kind":"Secret","metadata":{"resourceVersion":"8"},"data":{}}"#, "{}", "x"] {
            await #expect(throws: StoreFailure.self) {
                try await ProbeSecrets(client(ScriptedTransport([.json(body)]))).view("kms-vault-probe-1")
            }
        }
    }

    @Test func `metrics that cannot be read leave the replica unnamed`() async throws {
        let connection = ScriptedTransport([.json(table(["p"], version: "8")), .status(403, "Forbidden", "no")])
        let transport = ScriptedTransport([], connections: [connection])
        let sample = try await ProbeSecrets(client(transport)).sample("kms-vault-probe-1", at: 8, identify: true)
        #expect(sample.replica == nil && sample.resourceVersion == 8)
    }

    private func counts(_ start: String = "1.7e9", plain: Int, encrypted: Int) -> ScriptedTransport.Answer {
        let name = ServerMetrics.transformations
        let labels = #"status="OK",transformation_type="to_storage",transformer_prefix"#
        return .json(
            """
            process_start_time_seconds \(start)
            \(name){\(labels)=""} \(plain)
            \(name){\(labels)="k8s:enc:kms:v2:azure:"} \(encrypted)
            """)
    }

    private func writtenForm(
        _ before: ScriptedTransport.Answer, _ after: ScriptedTransport.Answer
    ) async throws -> StoredForm? {
        let connection = ScriptedTransport([before, .json(table(["p"])), after])
        let transport = ScriptedTransport([], connections: [connection])
        let form = try await ProbeSecrets(client(transport)).writtenForm(
            "kms-vault-probe-1", annotation: "a", value: "1")
        #expect(connection.requests.map(\.method) == [.get, .patch, .get])
        return form
    }

    @Test func `the counter that moves with a write tells the form of what is stored`() async throws {
        #expect(try await writtenForm(counts(plain: 3, encrypted: 9), counts(plain: 4, encrypted: 9)) == .plaintext)
        #expect(try await writtenForm(counts(plain: 3, encrypted: 9), counts(plain: 3, encrypted: 12)) == .encrypted)
    }

    @Test func `counters that moved for both forms, for none, or in another process tell nothing`() async throws {
        #expect(try await writtenForm(counts(plain: 3, encrypted: 9), counts(plain: 4, encrypted: 10)) == nil)
        #expect(try await writtenForm(counts(plain: 3, encrypted: 9), counts(plain: 3, encrypted: 9)) == nil)
        #expect(try await writtenForm(counts(plain: 3, encrypted: 9), counts("1.8e9", plain: 4, encrypted: 9)) == nil)
    }

    @Test func `a failed sample is a failure and is not tried again`() async {
        let connection = ScriptedTransport([.json("", status: 503), .json(table(["p"]))])
        let transport = ScriptedTransport([], connections: [connection])
        await #expect(throws: StoreFailure.self) {
            try await ProbeSecrets(client(transport)).sample("kms-vault-probe-1", at: 8, identify: false)
        }
        #expect(connection.unused == 1)
    }

    @Test func `only names of probes are ever written or deleted`() async {
        let probes = ProbeSecrets(client(ScriptedTransport([])))
        for name in ["prod-db-password", "kms-vault-probe-/x", "", "x-kms-vault-probe-1", "kms-vault-probe-"] {
            await #expect(throws: StoreFailure.malformed(detail: "this is not the name of a probe")) {
                try await probes.delete(name)
            }
            await #expect(throws: StoreFailure.malformed(detail: "this is not the name of a probe")) {
                try await probes.annotate(name, key: "a", value: "b")
            }
            await #expect(throws: StoreFailure.malformed(detail: "this is not the name of a probe")) {
                try await probes.create(name)
            }
        }
    }

    @Test func `a probe that exists already is used`() async throws {
        let transport = ScriptedTransport([.status(409, "AlreadyExists", "x"), .json(table(["p"], version: "6"))])
        #expect(try await ProbeSecrets(client(transport)).create("kms-vault-probe-1", labels: ["a": "\"b\\"]) == 6)
        let body = try JSONValue(parsing: transport.requests[0].body)
        #expect(body[path: "metadata", "labels", "a"]?.string == "\"b\\")
        #expect(body["data"] == nil)
    }

    @Test func `a deletion follows a probe that moves, and ends when it is gone`() async throws {
        let moving = ScriptedTransport([
            .json(table(["p"], version: "6")), .status(409, "Conflict", "moved"), .json(table(["p"], version: "7")),
            .json(#"{"kind":"Status","status":"Success"}"#),
        ])
        try await ProbeSecrets(client(moving)).delete("kms-vault-probe-1")
        #expect(moving.unused == 0)
        let last = try JSONValue(parsing: moving.requests[3].body)
        #expect(last[path: "preconditions", "resourceVersion"]?.string == "7")

        let details = #"{"name":"kms-vault-probe-1","kind":"secrets"}"#
        let gone = ScriptedTransport([.status(404, "NotFound", "no", details: details)])
        try await ProbeSecrets(client(gone)).delete("kms-vault-probe-1")
    }
}
