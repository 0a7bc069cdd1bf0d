import Azure
import Commands
import Connections
import Console
import Files
import HTTP
import Kubeconfig
import ModeSwitch
import Plan
import Report
import SecretRewrite
import TestDoubles
import Testing
import Usage

@Suite struct `Commands that only look` {
    @Test func `status tells the state, and never that Secrets are encrypted`() async throws {
        try await onDesk { desk in
            let seen = await desk.run(.status)
            let status = try #require(seen.result as? StatusResult)
            #expect(seen.exitCode == .done && seen.outcome?.secretsAtRest == .unknown)
            #expect(status.kmsEnabled && status.kmsMode == .publicAccess && status.keyState == .usable)
            #expect(status.vaultAccess == "Enabled" && status.verified && status.secrets == 12)
            #expect(status.advice == "nothing: KMS and the vault agree")
            desk.expectUntouched()
        }
    }

    @Test func `status tells what Azure knows while the API server is silent`() async throws {
        try await onDesk { desk in
            desk.kube.change { $0.isSilent = true }
            let status = try #require(await desk.run(.status).result as? StatusResult)
            #expect(status.apiServerSilence != nil && status.kmsEnabled && status.secrets == nil)
        }
    }

    @Test func `status of a cluster with KMS off leads to make-safe`() async throws {
        try await onDesk { desk in
            desk.turnOff()
            let status = try #require(await desk.run(.status).result as? StatusResult)
            #expect(!status.kmsEnabled && status.advice.text(for: .kubectl).contains("make-safe"))
        }
    }

    @Test func `status while a run is active tells whose it is and how far, and not to resume it`() async throws {
        try await onDesk { desk in
            let ended = await desk.run(switching, to(.privateAccess))
            #expect(ended.exitCode == .done, "\(ended)")
            desk.hold(by: "elsewhere_7_run", run: try #require(ended.report).runID)
            let seen = await desk.run(.status)
            let status = try #require(seen.result as? StatusResult)
            #expect(status.activeRun?.runID == ended.report?.runID && status.activeRun?.exposed == false)
            #expect(status.activeRun?.progress?.of == 7 && status.activeRun?.progress?.step == 7)
            #expect(
                status.advice.text(for: .kubectl)
                    == "wait for the active run; kubectl kms-vault status --watch follows it")
        }
    }

    @Test func `a run is listed with its report, from this machine and from the cluster`() async throws {
        try await onDesk { desk in
            #expect(try #require(await desk.run(.history).result as? HistoryResult).runs.isEmpty)
            let ended = await desk.run(switching, to(.privateAccess))
            let report = try #require(ended.report)
            #expect(
                ended.outcome?.lastLine?.hasPrefix("Done: KMS is Private. Every Secret is encrypted. Exposed for ")
                    == true)
            #expect(ended.outcome?.lastLine?.contains("(\(report.digest ?? "none"))") == true)
            let history = try #require(await desk.run(.history).result as? HistoryResult)
            #expect(history.runs.map(\.runID) == [report.runID] && history.runs[0].reportIsHere == true)
            let shown = await desk.run(.report(run: String(report.runID.prefix(8))))
            #expect(shown.report?.digest == report.digest && shown.exitCode == .done)
            // Another machine has the line alone.
            desk.forget()
            let elsewhere = try #require(await desk.run(.history).result as? HistoryResult)
            #expect(elsewhere.runs.map(\.digest) == [report.digest] && elsewhere.runs[0].reportIsHere == nil)
            let missing = await desk.run(.report(run: report.runID))
            #expect(
                missing.failure?.problem.next.text(for: .kubectl).contains("it is on the machine that ran it: desk")
                    == true)
        }
    }

    @Test func `preflight reports its checks and leaves nothing behind`() async throws {
        try await onDesk { desk in
            let seen = await desk.run(.preflight, to(.privateAccess))
            #expect(seen.exitCode == .done && seen.result != nil, "\(seen)")
            desk.expectUntouched()
            #expect(desk.kube.read { $0.objects.isEmpty })
        }
    }

    @Test func `list shows the clusters and asks no API server`() async throws {
        try await onDesk { desk in
            desk.azure.change {
                $0.instead = { _, request in
                    guard request.hasPrefix("GET "), request.contains("/resources") else { return nil }
                    let vault = #"{"id":"\#(vaultID)","name":"kv1","type":"Microsoft.KeyVault/vaults"}"#
                    return HTTPResponse(status: 200, body: Array(#"{"value":[\#(vault)]}"#.utf8))
                }
            }
            let seen = await desk.run(.list)
            #expect(seen.exitCode == .done && seen.result != nil)
            #expect(desk.kube.read { $0.asked.isEmpty })
            let cluster = try #require((seen.result as? ListResult)?.clusters.first)
            #expect(cluster.vaultAccess == "Enabled" && cluster.unfinishedRun == nil)
        }
    }

    @Test func `verify claims nothing that was not tried`() async throws {
        try await onDesk { desk in
            let seen = await desk.run(.verify(patch: false))
            #expect(seen.exitCode == .done && seen.outcome?.secretsAtRest == .unknown)
            #expect((seen.result as? VerifyResult)?.verdict == "not proven")
            #expect(
                (seen.result as? VerifyResult)?.reason.text(for: .kubectl)
                    == "no pass over all Secrets was made; kubectl kms-vault verify --patch makes one")
            desk.expectUntouched()
        }
    }

    @Test func `verify --patch proves that every Secret is encrypted, and finds the ones that are not`() async throws {
        try await onDesk { desk in
            let seen = await desk.run(.verify(patch: true))
            #expect(seen.exitCode == .done && seen.outcome?.secretsAtRest == .encrypted, "\(seen)")
            desk.expectTidy()
            desk.kube.change { $0.secrets["default/s3"]?.form = KubeDouble.plaintext }
            let found = await desk.run(.verify(patch: true))
            let result = try #require(found.result as? VerifyResult)
            #expect(result.rewritten == 1 && result.verdict == "proven", "\(found)")
            #expect(
                result.reason.text(for: .kubectl).hasPrefix(
                    "ALARM: 1 of 12 Secrets were stored as plaintext or under an older key"))
            #expect(result.items.contains { $0.id == "verifying-pass" && $0.verdict == .warning })
            #expect(found.warnings.contains { $0.hasPrefix("ALARM: 1 of 12") })
        }
    }

    @Test func `verify --patch claims nothing where API servers do not store alike`() async throws {
        try await onDesk { desk in
            desk.kube.change {
                $0.before = { kube, request in
                    guard request.hasPrefix("PATCH"), request.contains("probe") else { return }
                    kube.form = kube.form == KubeDouble.encrypted ? KubeDouble.plaintext : KubeDouble.encrypted
                }
            }
            let seen = await desk.run(.verify(patch: true))
            #expect(seen.outcome?.secretsAtRest == .unknown, "\(seen)")
            #expect(
                (seen.result as? VerifyResult)?.items.contains { $0.id == "convergence" && $0.verdict != .passed }
                    == true)
        }
    }

    @Test func `verify has nothing to verify while KMS is off`() async throws {
        try await onDesk { desk in
            desk.turnOff()
            #expect(await desk.run(.verify(patch: false)).failure?.problem.id == "refused")
        }
    }
}

@Suite struct `The command rewrite-secrets` {
    @Test func `writes what is stale, and tries it only with --dry-run`() async throws {
        try await onDesk { desk in
            desk.kube.change { $0.secrets["default/s3"]?.form = KubeDouble.plaintext }
            let tried = await desk.run(.rewriteSecrets(namespaces: nil, dryRun: true))
            #expect(tried.exitCode == .done && desk.kube.forms[KubeDouble.plaintext] == 1, "\(tried)")
            let done = await desk.run(.rewriteSecrets(namespaces: nil, dryRun: false))
            #expect(done.exitCode == .done && desk.kube.forms == [KubeDouble.encrypted: 12], "\(done)")
        }
    }
}

@Suite struct `A rewrite while KMS is off` {
    @Test func `is refused, since it would store every Secret as plaintext`() async throws {
        try await onDesk { desk in
            desk.turnOff()
            desk.kube.change { $0.secrets["default/s3"]?.form = KubeDouble.encrypted }
            let seen = await desk.run(.rewriteSecrets(namespaces: nil, dryRun: false))
            #expect(seen.exitCode == .refused && seen.failure?.problem.what.contains("plaintext") == true, "\(seen)")
            #expect(desk.kube.forms[KubeDouble.encrypted] == 1)
        }
    }
}

@Suite struct `The subject of a command` {
    @Test(arguments: [CommandRequest.Command.status, .makeSafe, .preflight], [nil, "2001-01-01T00:00:00Z"])
    func `asks a credential plugin once, also where the answer is expired by this machine's clock`(
        _ command: CommandRequest.Command, _ end: String?
    ) async throws {
        try await onDesk { desk in
            var desk = desk
            let time = end.map { #"\"expirationTimestamp\":\"\#($0)\","# } ?? ""
            let reply =
                #"{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":"#
                + #"{\#(time)\"token\":\"canary-token\"}}"#
            desk.user =
                #"{"exec":{"apiVersion":"client.authentication.k8s.io/v1","interactiveMode":"Never","command":"/bin/sh","#
                + #""args":["-c","echo >> \#(desk.folder)/runs; echo '\#(reply)'"]}}"#
            if command == .makeSafe { desk.turnOff() }
            let seen = await desk.run(command, to(.privateAccess))
            #expect(seen.exitCode == .done, "\(seen)")
            let runs = try readFile("\(desk.folder)/runs", limit: 100)
            #expect(runs.count == 1)
            #expect(seen.warnings.contains { $0.contains("clock") } == (end != nil), "\(seen.warnings)")
        }
    }

    @Test func `is refused where the kubeconfig turns TLS off`() async throws {
        try await onDesk { desk in
            for command in [switching, .resume, .makeSafe] {
                let seen = await desk.run(command, to(.privateAccess)) { $0.kubeconfig.insecureSkipTLSVerify = true }
                #expect(seen.exitCode == .refused && seen.failure?.problem.what.contains("TLS") == true, "\(seen)")
            }
            desk.expectUntouched()
        }
    }

    @Test func `that no kubeconfig and no name tells is a matter of usage`() async throws {
        try await onDesk { desk in
            desk.world.arm.route(
                "GET /subscriptions/\(subscription)/providers/Microsoft.ContainerService/managedClusters",
                #"{"value":[]}"#)
            let seen = await desk.run(.status) {
                $0.name = nil
                $0.resourceGroup = nil
            }
            #expect(seen.exitCode == .usage && seen.failure?.problem.what.contains("no AKS cluster") == true, "\(seen)")
        }
    }

    @Test func `never sends the credential of the cluster to Azure, or Azure's to the cluster`() async throws {
        try await onDesk { desk in
            _ = await desk.run(switching, to(.privateAccess))
            let kube = desk.kube.read { $0.credentials }
            let azure = desk.azure.read { $0.credentials }
            #expect(kube == ["Bearer canary-token"] && azure == ["Bearer token"])
        }
    }
}
