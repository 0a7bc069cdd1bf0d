#if CRASH_POINTS
    import CrashPoints
    import HTTP
    import Testing

    @Suite struct CrashPlanTests {
        @Test func `a plan strikes at the wanted passage of the wanted point and at no other`() throws {
            var plan = try #require(
                CrashPlan(environment: [
                    "KMS_VAULT_CRASH_AT": "arm-put-answered#2", "KMS_VAULT_STOP_AT": "lock-renew#1",
                ]))
            #expect(plan.pass("arm-put-answered").blow == nil)
            #expect(plan.pass("arm-put-send").blow == nil)
            #expect(plan.pass("lock-renew").blow == .stop)
            let second = plan.pass("arm-put-answered")
            #expect(second.blow == .kill)
            #expect("\(second.passage)" == "arm-put-answered#2")
            #expect(plan.pass("arm-put-answered").blow == nil)
        }

        @Test(arguments: ["arm-put", "arm-put#", "#1", "arm-put#0", "arm-put#-1", "arm-put#x", "a#1#2"])
        func `a misspelt passage is no plan`(text: String) {
            #expect(CrashPlan(environment: ["KMS_VAULT_CRASH_AT": text]) == nil)
        }

        @Test func `an empty environment strikes nowhere`() throws {
            var plan = try #require(CrashPlan(environment: [:]))
            #expect(plan.pass("arm-put-send").blow == nil)
            #expect(CrashPoints.named(in: ["KMS_VAULT_CRASH_AT": ""]) == nil)
        }
    }

    @Suite struct RequestClassTests {
        static let arm = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers"
        static let kube = "https://10.0.0.1:6443/api/v1/namespaces/kube-system"

        @Test(arguments: [
            (HTTPMethod.get, "\(arm)/Microsoft.ContainerService/managedClusters/c?api-version=1", "arm-get"),
            (.put, "\(arm)/Microsoft.ContainerService/managedClusters/c?api-version=1", "arm-put"),
            (.post, "\(arm)/Microsoft.ContainerService/managedClusters/c/listClusterUserCredential", "arm-other"),
            (.get, "https://management.azure.com/subscriptions/s/providers/p/locations/l/operations/o?t=1", "arm-poll"),
            (.get, "\(arm)/Microsoft.KeyVault/vaults/v?api-version=1", "vault-get"),
            (.patch, "\(arm)/Microsoft.KeyVault/vaults/v?api-version=1", "vault-patch"),
            (.get, "\(arm)/Microsoft.KeyVault/vaults/v/keys/k?api-version=1", "key-get"),
            (.post, "https://v.vault.azure.net/keys/k/rotate?api-version=7.4", "key-rotate"),
            (.post, "https://login.microsoftonline.com/t/oauth2/v2.0/token", "token"),
            (.get, "\(kube)/secrets?limit=500", "secret-list"),
            (.post, "\(kube)/secrets?includeObject=None", "kube-probe-create"),
            (.get, "\(kube)/secrets/kms-vault-probe-a-1", "kube-probe-get"),
            (.delete, "\(kube)/secrets/kms-vault-probe-a-1", "kube-probe-delete"),
            (.patch, "\(kube)/secrets/db", "secret-touch"),
            (.patch, "\(kube)/configmaps/kms-vault-switch", "configmap-patch"),
            (.post, "\(kube)/configmaps", "configmap-create"),
            (.put, "https://10.0.0.1/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l", "lease-replace"),
            (.get, "https://10.0.0.1/api/v1/namespaces", "kube-other"),
        ])
        func `a request is told by its method and path`(method: HTTPMethod, url: String, name: String) {
            #expect(RequestClass(HTTPRequest(method, url)).rawValue == name)
        }

        @Test func `a probe's patch that changes nothing is told from its annotation`() {
            let url = "\(Self.kube)/secrets/kms-vault-probe-a-1"
            #expect(RequestClass(HTTPRequest(.patch, url, body: Array("{}".utf8))) == .probeTouch)
            #expect(RequestClass(HTTPRequest(.patch, url, body: Array("{\"metadata\":{}}".utf8))) == .probeAnnotate)
        }
    }
#endif
