import ModeSwitch
import Testing

@Suite struct SoakPlanTests {
    @Test func `without a look at the closed vault the whole time is watched`() {
        let plan = SoakPlan(wanted: 600)
        #expect(plan.end == 600)
        #expect(plan.caveat.isEmpty)
    }

    @Test func `four minutes from the first look at the closed vault are enough`() {
        var plan = SoakPlan(wanted: 600)
        plan.sawClosed(at: 25)
        #expect(plan.end == 265)
        plan.sawClosed(at: 300)
        #expect(plan.end == 265, "a later look does not move it")
        #expect(plan.caveat.isEmpty)
    }

    @Test func `a late look never makes the watch longer than what was asked for`() {
        var plan = SoakPlan(wanted: 600)
        plan.sawClosed(at: 580)
        #expect(plan.end == 600)
        #expect(!plan.caveat.isEmpty, "20 s after the vault closed, API servers still write from their caches")
    }

    @Test func `a watch shorter than the time of caches says that it proves less`() {
        #expect(!SoakPlan(wanted: 60).caveat.isEmpty)
        #expect(!SoakPlan(wanted: 189).caveat.isEmpty)
        #expect(SoakPlan(wanted: 190).caveat.isEmpty)
    }

    @Test func `all times shrink with a sandbox's`() {
        var plan = SoakPlan(wanted: 600, scale: 0.01)
        #expect(abs(plan.end - 6) < 1e-9)
        plan.sawClosed(at: 1)
        #expect(abs(plan.end - 3.4) < 1e-9)
        #expect(plan.caveat.isEmpty)
    }
}
