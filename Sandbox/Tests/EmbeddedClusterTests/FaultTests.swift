import Foundation
import Testing

@testable import EmbeddedCluster

/// Faults that are scripted, and who meets them.
@Suite struct FaultTests {
    @Test func `tokens are asked for and can expire`() async throws {
        let rig = Rig()
        let wrong = await rig.send("GET", "/api/v1/secrets", token: "wrong")
        #expect(wrong.status == 401)
        #expect(wrong.reason == "Unauthorized")
        rig.cluster.add(FaultRule(.unauthorized, after: 1, times: 1))
        var codes: [Int] = []
        for _ in 0..<3 { codes.append(await rig.send("GET", "/version").status) }
        #expect(codes == [200, 401, 200])
    }

    @Test func `throttling meets the operator and spares the admin`() async throws {
        let rig = Rig()
        rig.cluster.limitRequests(RequestLimit(rate: 1, burst: 2, retryAfter: 3))
        var codes: [Int] = []
        for _ in 0..<3 {
            codes.append(await rig.send("GET", "/version", token: rig.cluster.operatorToken).status)
            #expect(await rig.send("GET", "/version").status == 200)
        }
        #expect(codes == [200, 200, 429])
        rig.clock.advance(by: 1)
        #expect(await rig.send("GET", "/version", token: rig.cluster.operatorToken).status == 200)
        let refused = await rig.send("GET", "/version", token: rig.cluster.operatorToken)
        #expect(refused.headers["retry-after"] == "3")
        #expect(refused.text == "Too many requests, please try again later.\n")
    }

    @Test func `rules meet what they name`() async throws {
        let rig = Rig()
        await rig.create()
        let id = rig.cluster.add(
            FaultRule(.unavailable(retryAfter: 1), verbs: ["patch"], resource: "secrets", namespace: "default"))
        #expect(await rig.send("GET", Rig.secret).status == 200)
        let refused = await rig.send("PATCH", Rig.secret, "{}")
        #expect(refused.status == 503)
        #expect(refused.headers["retry-after"] == "1")
        rig.cluster.removeFault(id)
        #expect(await rig.send("PATCH", Rig.secret, "{}").status == 200)
    }

    @Test func `a lost answer is a change that happened`() async throws {
        let rig = Rig()
        let version = await rig.create().version
        try await rig.turnOn()
        rig.cluster.add(FaultRule(.loseAnswer, times: 1, verbs: ["patch"]))
        #expect(await rig.send("PATCH", Rig.secret, "{}").ending == .drop)
        #expect(rig.isStoredEncrypted)
        rig.cluster.add(FaultRule(.drop, times: 1, verbs: ["patch"]))
        try await rig.turnOff()
        #expect(await rig.send("PATCH", Rig.secret, "{}").ending == .drop)
        #expect(rig.isStoredEncrypted)
        #expect(await rig.touch() != version)
    }

    @Test func `a webhook denies its namespace, in a dry run as well`() async throws {
        let rig = Rig()
        await rig.create()
        await rig.create("s", namespace: "kube-system")
        rig.cluster.setWebhooks([
            Webhook(
                name: "policy.example.com", verdict: .deny(message: "no touching", code: 403), namespaces: ["default"])
        ])
        for uri in [Rig.secret, Rig.secret + "?dryRun=All"] {
            let denied = await rig.send("PATCH", uri, "{}")
            #expect(denied.status == 403)
            #expect(denied.message == #"admission webhook "policy.example.com" denied the request: no touching"#)
        }
        #expect(await rig.send("PATCH", "/api/v1/namespaces/kube-system/secrets/s", "{}").status == 200)
        let list = await rig.send("GET", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations")
        #expect(list.names == ["policy.example.com"])
        rig.cluster.clearFaults()
        #expect(await rig.send("PATCH", Rig.secret, "{}").status == 200)
    }

    @Test func `a webhook without endpoints fails, and one with side effects has no dry run`() async throws {
        let rig = Rig()
        await rig.create()
        rig.cluster.setWebhooks([
            Webhook(name: "w.example.com", verdict: .noEndpoints(service: "w", namespace: "ns"), hasSideEffects: true)
        ])
        let failed = await rig.send("PATCH", Rig.secret, "{}")
        #expect(failed.status == 500)
        #expect(failed.message.contains(#"failed calling webhook "w.example.com""#))
        #expect(failed.message.contains(#"no endpoints available for service "w""#))
        let dry = await rig.send("PATCH", Rig.secret + "?dryRun=All", "{}")
        #expect(dry.status == 400)
        #expect(dry.message.contains("does not support dry run"))
    }

    @Test func `denials meet the operator and are told beforehand`() async throws {
        let rig = Rig()
        await rig.create()
        rig.cluster.setDenials([Denial(verb: "patch", resource: "secrets"), Denial(path: "/metrics")])
        let token = rig.cluster.operatorToken
        let denied = await rig.send("PATCH", Rig.secret, "{}", token: token)
        #expect(denied.status == 403)
        #expect(
            denied.message
                == #"secrets "s" is forbidden: User "operator" cannot patch resource "secrets" in API group "" in the namespace "#
                + #""default""#)
        #expect(await rig.send("GET", "/metrics", token: token).status == 403)
        #expect(await rig.send("GET", "/metrics").status == 200)
        func isAllowed(_ verb: String, token: String) async -> JSON? {
            let review =
                #"{"spec":{"resourceAttributes":{"verb":"\#(verb)","resource":"secrets","namespace":"default"}}}"#
            let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
            return await rig.send("POST", path, review, token: token).json[path: "status", "allowed"]
        }
        #expect(await isAllowed("patch", token: token) == false)
        #expect(await isAllowed("list", token: token) == true)
        #expect(await isAllowed("patch", token: rig.cluster.adminToken) == true)
    }

    @Test func `a storage that starts answers 429 while readyz is ok`() async throws {
        let rig = Rig()
        rig.cluster.add(FaultRule(.storageInitializing, times: 1, verbs: ["list"], resource: "secrets"))
        #expect(await rig.send("GET", "/readyz").status == 200)
        #expect(await rig.send("GET", "/api/v1/secrets").message == "storage is (re)initializing")
    }

    @Test func `a rule is read from JSON, with defaults for what is left out`() throws {
        let text = #"{"action":{"throttle":{"retryAfter":2}},"times":3,"verbs":["patch"]}"#
        let rule = try JSONDecoder().decode(FaultRule.self, from: Data(text.utf8))
        #expect(rule == FaultRule(.throttle(retryAfter: 2), times: 3, verbs: ["patch"]))
        let again = try JSONDecoder().decode(FaultRule.self, from: try JSONEncoder().encode(rule))
        #expect(again == rule)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(FaultRule.self, from: Data("{}".utf8)) }
    }
}
