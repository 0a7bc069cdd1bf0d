extension World {
    package static let metrics = """
        process_start_time_seconds 1.7e+09
        apiserver_storage_transformation_operations_total{resource="secrets",status="OK",transformation_type="from_storage",transformer_prefix="k8s:enc:kms:v2:p:"} 7
        apiserver_envelope_encryption_key_id_hash_status_last_timestamp_seconds{apiserver_id_hash="sha256:r",key_id_hash="sha256:k",provider_name="p"} 1.795e+09
        apiserver_envelope_encryption_key_id_hash_last_timestamp_seconds{apiserver_id_hash="sha256:r",key_id_hash="sha256:k",provider_name="p",transformation_type="from_storage"} 1.7954784e+09

        """

    package func table(_ names: String...) -> String {
        let rows = names.map { #"{"cells":["\#($0)"]}"# }.joined(separator: ",")
        return
            #"{"kind":"Table","metadata":{"resourceVersion":"10"},"columnDefinitions":[{"name":"Name"}],"rows":[\#(rows)]}"#
    }

    package func status(_ code: Int, _ message: String) -> String {
        #"{"kind":"Status","status":"Failure","code":\#(code),"reason":"Forbidden","message":"\#(message)"}"#
    }

    func routeKubernetes() {
        kube.route(
            "GET /apis", #"{"kind":"APIGroupList","groups":[{"name":"apps"},{"name":"kustomize.toolkit.fluxcd.io"}]}"#)
        kube.route("GET /version", #"{"gitVersion":"v1.33.3"}"#)
        kube.route("GET /readyz", "[+]ping ok\n[+]kms-providers ok\n")
        kube.route("GET /metrics", Self.metrics)
        kube.route("GET /apis/coordination.k8s.io/v1/namespaces/kube-system/leases", #"{"items":[]}"#)
        kube.route("POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", #"{"status":{"allowed":true}}"#)
        kube.route(
            "GET /api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status",
            #"{"data":{"status":"nodeGroups:\n- name: aks-np1-1-vmss\n  scaleUp:\n    status: NoActivity\n"}}"#)
        kube.route("GET /api/v1/secrets", table("a"))
        kube.route("GET /api/v1/namespaces", table("default"))
        kube.route("GET /api/v1/namespaces/default/secrets", table("a"))
        kube.route("PATCH /api/v1/namespaces/default/secrets/a", table("a"))
        kube.route("POST /api/v1/namespaces/kube-system/secrets", 201, table("p"))
    }
}
