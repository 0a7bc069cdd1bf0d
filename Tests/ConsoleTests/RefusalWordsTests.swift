import Azure
import Console
import ModeSwitch
import Report
import TestDoubles
import Testing
import Usage

/// What a person is told when Azure does not take a change.
@Suite struct `A refusal of Azure` {
    private func told(_ refusal: AzureRefusal, purpose: Intent.Purpose = .switchMode) throws -> (
        RunReport.Problem, String
    ) {
        let intent = makeIntent(purpose: purpose)
        let problem = try #require(
            Words.problem(
                for: .stopped(.armRefuses(refusal)), intent: intent, seen: makeSeen(intent), atRest: .encrypted))
        return (problem, problem.next.text(for: .kubectl))
    }

    @Test(arguments: [
        (AzureRefusal.Kind.policy, "azure-policy", "az policy state list"), (.lock, "resource-lock", "az lock list"),
        (.right, "missing-right", "kubectl kms-vault rbac --azure --subscription"),
        (.signIn, "sign-in-ended", "az login"),
        (.identityRight, "missing-identity-right", "preflight"), (.keyRight, "missing-key-right", "preflight"),
        (.busy, "azure-busy", "status"), (.throttled, "azure-throttles", "switch"),
        (.failed, "update-failed", "status"),
        (.invalid, "arm-refuses", "preflight"), (.other, "arm-refuses", "preflight"),
    ])
    func `has an id and a way on of its own`(_ kind: AzureRefusal.Kind, _ id: String, _ command: String) throws {
        let (problem, next) = try told(AzureRefusal(kind, what: "Azure answered 409", correlationID: "c-1"))
        #expect(problem.id == id)
        #expect(next.contains(command), "\(next)")
        #expect(problem.what.contains("correlation id c-1."))
    }

    @Test(arguments: AzureRefusal.Kind.allCases.filter { $0 != .newExperience })
    func `is told once, in Azure's words`(_ kind: AzureRefusal.Kind) throws {
        let (problem, next) = try told(AzureRefusal(kind, what: "Azure answered 418 (Teapot): short and stout"))
        #expect(problem.what.components(of: "short and stout") == 1 && !next.contains("stout"), "\(problem.what)")
        #expect(next.first.map { $0.isUppercase } == true && !next.contains("::"), "\(next)")
    }

    @Test func `because of the new experience is the stop that a look at it makes`() throws {
        let (problem, next) = try told(AzureRefusal(.newExperience, what: "nothing was changed"))
        #expect(problem.id == "new-kms-experience" && next.hasPrefix("Leave the cluster as it is"))
    }

    @Test func `tells the time that Azure asks for, and sends nobody to az login without reason`() throws {
        let (_, wait) = try told(AzureRefusal(.throttled, what: "x", ownAdvice: "Azure asks to wait 3600 s"))
        #expect(wait.hasPrefix("Azure asks to wait 3600 s:"))
        let (problem, next) = try told(
            AzureRefusal(
                .noToken, what: "nothing was sent: no way to Entra", ownAdvice: "check the proxy", correlationID: "c"))
        #expect(problem.id == "sign-in-ended" && next.hasPrefix("Check the proxy:") && !next.contains("az login"))
        #expect(problem.what.hasPrefix("Azure could not be asked") && !problem.what.contains("correlation id"))
    }

    @Test func `of an earlier process is not blamed, and a lost answer is told as one`() throws {
        let intent = makeIntent()
        var seen = makeSeen(intent)
        func interrupted() throws -> String {
            try #require(Words.problem(for: .interrupted("SIGINT"), intent: intent, seen: seen, atRest: .mixed)).what
        }
        seen.receipts.changeSent(intent.offProfile, at: 1)
        seen.receipts.changeLost(AzureRefusal(what: "the answer was lost, so Azure may have acted on it"))
        #expect(try interrupted().contains("Nobody knows whether Azure took the last change: the answer was lost"))
        seen.receipts.changeEnded(.failed, because: AzureRefusal(.failed, what: "boo", correlationID: "c-2"), at: 2)
        #expect(
            try interrupted().hasSuffix(
                "The last change failed: boo. Azure's support finds it by the correlation id c-2."))
        seen.receipts.resumed()
        #expect(try interrupted() == "The run on cluster prod in rg-prod was interrupted: SIGINT.")
    }

    @Test func `that a run waited for is told when the run is interrupted`() throws {
        let intent = makeIntent()
        var seen = makeSeen(intent)
        seen.receipts.changeSent(intent.offProfile, at: 1)
        seen.receipts.changeEnded(.deferred, because: AzureRefusal(.busy, what: "Azure answered 409 (Busy)"), at: 2)
        let problem = try #require(
            Words.problem(for: .interrupted("SIGINT"), intent: intent, seen: seen, atRest: .encrypted))
        #expect(
            problem.what == "The run on cluster prod in rg-prod was interrupted: SIGINT. Azure did not take the last "
                + "change: Azure answered 409 (Busy).")
    }

    @Test func `to set the vault is told with the vault`() throws {
        let intent = makeIntent()
        var seen = makeSeen(intent)
        let refusal = AzureRefusal(.lock, what: "Azure answered 409 (ScopeLocked)")
        seen.receipts.vaultChanged(to: .closed, readBack: .enabled, because: refusal, at: 1)
        let problem = try #require(
            Words.problem(for: .stopped(.vaultKeepsAccess(.enabled)), intent: intent, seen: seen, atRest: .encrypted))
        #expect(problem.id == "vault-keeps-access" && problem.what.hasSuffix("Azure answered 409 (ScopeLocked)."))
        #expect(problem.next.text(for: .kubectl).hasPrefix("A resource lock forbids the change"))
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
