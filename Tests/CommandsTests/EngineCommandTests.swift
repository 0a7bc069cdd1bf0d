import Azure
import Commands
import JSON
import ModeSwitch
import Report
import Run
import SecretRewrite
import TestDoubles
import Testing

/// `--engine svm` as commands use it, on doubles.
@Suite struct EngineCommandTests {
    private func svm(_ options: RunOptions = RunOptions()) -> RunOptions {
        var options = options
        options.engine = .svm
        return options
    }

    private func serve(_ desk: Desk, _ controller: KubeDouble.Migrations.Controller = .works()) {
        desk.kube.change {
            $0.migrations.isServed = true
            $0.migrations.controller = controller
        }
    }

    private let rewriting = CommandRequest.Command.rewriteSecrets(namespaces: nil, dryRun: false)

    private func warnings(_ seen: FrontEndDouble.Seen) -> [String] {
        seen.events.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }

    private func engines(_ seen: FrontEndDouble.Seen) -> [String?] {
        (seen.report?.passes ?? []).filter { $0.kind == .rewrite }.map { $0.engine?.rawValue }
    }

    @Test func `a switch has the cluster rewrite after each change, and verifies by itself`() async throws {
        try await onDesk { desk in
            serve(desk)
            let seen = await desk.run(switching, svm(to(.privateAccess)))
            #expect(seen.exitCode == .done, "\(String(describing: seen.failure)) \(warnings(seen))")
            #expect(engines(seen) == ["svm", "svm"])
            #expect(seen.report?.passes.last { $0.kind == .verify }?.rewritten == 0)
            #expect(seen.report?.proof?.items.contains { $0.id == "rewrite-engine" } == false)
            #expect(seen.report?.exposure?.endedAt != nil)
            #expect(desk.kube.read { $0.migrations.made == 2 && $0.migrations.objects.isEmpty })
            #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
            #expect(seen.events.contains { if case .migration = $0 { true } else { false } })
        }
    }

    @Test func `what the engine left is moved by the verifying pass, and the report says so`() async throws {
        try await onDesk { desk in
            serve(desk)
            // An API server lags when KMS comes on again, and nobody sees it.
            desk.kube.change { kube in
                kube.before = { kube, _ in
                    let lags = kube.form == KubeDouble.encrypted
                    kube.migrations.controller = .works(leaving: lags ? ["default/s3", "default/s4"] : [])
                }
            }
            let seen = await desk.run(switching, svm(to(.privateAccess)))
            #expect(seen.exitCode == .done, "\(String(describing: seen.failure))")
            #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
            let item = seen.report?.proof?.items.first { $0.id == "rewrite-engine" }
            #expect(item?.verdict == .warning && item?.detail.contains("2 Secrets") == true)

            desk.kube.change { kube in for key in kube.secrets.keys { kube.secrets[key]?.form = KubeDouble.plaintext } }
            let alone = await desk.run(rewriting, svm())
            let report = try #require(alone.result as? PassReport)
            #expect(report.engine?.result == .succeeded && report.engine?.movedAfter == 2)
            #expect(report.engine?.name == .svm)
            #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
        }
    }

    @Test(arguments: [
        (KubeDouble.Migrations.Controller.fails("admission webhook \"w\" denied"), "admission webhook"),
        (.absent, "no controller took it up"), (.neverEnds, "no end in time"),
    ])
    func `an engine that comes to nothing is made up for, with the reason`(
        _ controller: KubeDouble.Migrations.Controller, _ why: String
    ) async throws {
        try await onDesk { desk in
            serve(desk, controller)
            desk.kube.change { kube in for key in kube.secrets.keys { kube.secrets[key]?.form = KubeDouble.plaintext } }
            let seen = await desk.run(rewriting, svm())
            let report = try #require(seen.result as? PassReport)
            #expect(seen.exitCode == .done && report.engine?.result == .fellBack)
            #expect(report.engine?.detail.contains(why) == true, "\(report.engine?.detail ?? "")")
            #expect(warnings(seen).contains { $0.contains(why) && $0.contains("by itself instead") })
            #expect(desk.kube.forms == [KubeDouble.encrypted: 12])
            #expect(desk.kube.read { $0.migrations.objects.isEmpty })
        }
    }

    @Test func `a foreign migration that does not end is given up, and stays`() async throws {
        try await onDesk { desk in
            serve(desk)
            let theirs: JSONValue = .object([
                "metadata": .object(["name": .string("theirs"), "uid": .string("t")]),
                "spec": .object(["resource": .object(["resource": .string("secrets")])]),
            ])
            desk.kube.change { $0.migrations.objects["theirs"] = theirs }
            let seen = await desk.run(rewriting, svm())
            let report = try #require(seen.result as? PassReport)
            #expect(report.engine?.detail.contains("theirs") == true && seen.exitCode == .done)
            #expect(desk.kube.read { $0.migrations.objects.keys.sorted() == ["theirs"] && $0.migrations.made == 0 })
        }
    }

    @Test func `other resources follow Secrets, one at a time, and one that fails is told`() async throws {
        try await onDesk { desk in
            serve(desk)
            var options = svm()
            options.resources = [MigratedResource("configmaps"), MigratedResource("leases.coordination.k8s.io")]
                .compactMap(\.self)
            let done = await desk.run(rewriting, options)
            let report = try #require(done.result as? PassReport)
            #expect(report.engine?.others.map(\.resource) == ["configmaps", "leases.coordination.k8s.io"])
            #expect(report.engine?.others.allSatisfy(\.isDone) == true && done.exitCode == .done)
            #expect(desk.kube.read { $0.migrations.made == 3 && $0.migrations.objects.isEmpty })

            serve(desk, .fails("no"))
            let failed = await desk.run(rewriting, options)
            let other = try #require((failed.result as? PassReport)?.engine?.others.first)
            #expect(!other.isDone && other.detail.contains("no") && failed.exitCode == .doneWithFailures)
        }
    }

    @Test func `resources are named as RBAC names them, and only with the engine`() {
        for text in ["", "Secrets", "a b", "1a", "configmaps.", "-x"] {
            #expect(MigratedResource(text) == nil, "\(text)")
        }
        #expect(MigratedResource("leases.coordination.k8s.io")?.group == "coordination.k8s.io")
        var given = GivenOptions()
        given.resources = ["configmaps"]
        #expect(throws: OptionError.self) { try given.runOptions() }
        given.engine = "svm"
        #expect(throws: Never.self) { try given.runOptions() }
        given.resources = ["secrets"]
        #expect(throws: OptionError.self) { try given.runOptions() }
        (given.resources, given.closeVaultFirst) = ([], true)
        #expect(throws: OptionError.self) { try given.runOptions() }
    }

    @Test func `where the API is not served nothing is changed`() async throws {
        try await onDesk { desk in
            let seen = await desk.run(switching, svm(to(.privateAccess)))
            #expect(seen.exitCode == .refused && seen.failure != nil)
            desk.expectUntouched()
            let alone = await desk.run(rewriting, svm())
            #expect(alone.exitCode == .refused)
            desk.expectUntouched()
        }
    }

    @Test func `a resume with the API gone rewrites by itself, and says so`() async throws {
        try await onDesk { desk in
            serve(desk)
            desk.kube.change { kube in
                kube.before = { kube, _ in if kube.form == KubeDouble.plaintext { kube.migrations.isServed = false } }
            }
            let seen = await desk.run(switching, svm(to(.privateAccess)))
            #expect(seen.exitCode == .done && engines(seen) == [nil, nil])
            #expect(warnings(seen).contains { $0.contains("does not serve") })
        }
    }
}
