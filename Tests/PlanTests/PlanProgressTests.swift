import Azure
import ModeSwitch
import SecretRewrite
import TestDoubles
import Testing

@testable import Console
@testable import Plan

/// Where a run stands in its plan.
@Suite struct PlanProgressTests {
    private let intent = makeIntent()

    private func progress(_ seen: Observation) -> PlanProgress? {
        PlanProgress(plan(for: intent, makeFacts(intent)), nextStep(intent, seen), seen)
    }

    @Test func `a run that has done nothing prepares`() {
        #expect(progress(makeSeen(intent)) == PlanProgress(step: 1, of: 7, title: "Prepare"))
    }

    @Test func `an operation of Azure belongs to the change that it carries out`() {
        var seen = makeSeen(intent)
        seen.receipts.changeSent(intent.offProfile, at: 1)
        seen.receipts.changeEnded(.accepted, at: 2)
        // ARM shows the new setting while the operation still runs.
        seen.cluster.kms = intent.offProfile
        seen.cluster.provisioning = .inProgress("Updating")
        #expect(progress(seen)?.title == "Turn KMS off")
        seen.receipts.changeEnded(.succeeded, at: 3)
        seen.cluster.kms = intent.targetProfile
        seen.receipts.changeSent(intent.targetProfile, at: 4)
        #expect(progress(seen)?.title == "Turn KMS on as Private")
    }

    @Test func `the check after a pass does not lead back to the step before it`() {
        #expect(planKind(of: .converge(.burst), isOn: false, change: .turnOff) == .rewriteOff)
        #expect(planKind(of: .converge(.burst), isOn: true, change: .turnOn) == .rewriteOn)
        #expect(planKind(of: .converge(.full), isOn: true, change: .turnOn) == .turnOn)
    }

    @Test func `a plan that goes on marks what is done, and counts only what is left`() throws {
        let seen = makeSeenOff(intent)
        let made = plan(for: intent, makeFacts(intent))
        var left = made.goingOn(at: PlanProgress(step: 4, of: 7, title: ""))
        left.exposedSince = 1_700_000_005
        #expect(left.steps.map(\.isDone) == [true, true, true, false, false, false, false])
        #expect(left.exposureSeconds == 420 + 10 && made.exposureSeconds == 1100)
        let prompt = Confirmation.prompt(left, intent)
        #expect(
            prompt.contains("  2. Turn KMS off (done)\n")
                && prompt.contains("  4. Turn KMS on as Private (Secrets exposed)"))
        #expect(prompt.contains("Secrets are exposed since 2023-11-14T22:13:25Z.\n"))
        #expect(
            prompt.contains("What is left takes about ")
                && prompt.contains("Exposure window from now on: about 7 min 10 s"))
        let table = try render(left, as: .table, exitCode: .done, secretsAtRest: .plaintext)
        let row = try #require(table.split(separator: "\n").first { $0.hasPrefix("2 ") })
        #expect(row.contains("Turn KMS off") && row.contains(" done ") && !row.contains("exposed"))
        #expect(progress(seen) != nil)
    }
}
