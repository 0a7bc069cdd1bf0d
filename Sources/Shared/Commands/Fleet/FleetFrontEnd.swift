package import Console
import ModeSwitch
import Plan
package import Report
import Usage

/// Who stands between a command on many clusters and the person.
package protocol FleetFrontEnd: FrontEnd {
    /// Whether the person wants the plan carried out.
    ///
    /// - Throws: `SubjectError` of the kind `usage` where nobody can be asked.
    func agrees(to plan: FleetPlan) async throws -> Bool
    /// Begins to show work on one of the clusters.
    func begin(_ state: ProgressState, on cluster: String) -> any ProgressView
}

/// A front end for work that nobody watches.
struct Unheard: FleetFrontEnd {
    private struct Blank: ProgressView {
        func take(_ event: RunEvent) {}
        func keepDrawing() async {}
        func end() {}
    }

    var asks: Bool { false }
    func agrees(to plan: FleetPlan) async throws -> Bool { false }
    func begin(_ state: ProgressState, on cluster: String) -> any ProgressView { Blank() }
    func begin(_ state: ProgressState) -> any ProgressView { Blank() }
    func agrees(to plan: SwitchPlan, _ intent: Intent) async throws -> Bool { false }
    func declined() {}
    func show(_ result: any Presentable, _ outcome: CommandOutcome) throws {}
    func tell(_ text: Advice) {}
    func warn(_ text: String) {}
    func fail(_ failure: CommandFailure) {}
}
