/// A step of a switch to private, told by what Azure has seen of it.
package enum Phase: String, CaseIterable, Sendable {
    case turningOff, off, turningOn, on, closed

    /// Those in which Secrets are exposed.
    package static let exposed: [Phase] = [.turningOff, .off, .turningOn, .on]

    package func isReached(_ state: SandboxState) -> Bool {
        switch self {
        case .turningOff: state.operations.count >= 1
        case .off: state.operations.first?.status == "Succeeded"
        case .turningOn: state.operations.count >= 2
        case .on: state.operations.count >= 2 && state.operations[1].status == "Succeeded"
        case .closed: state.vaultAccess() == "Disabled"
        }
    }

    package func wait(_ sandbox: SandboxProcess) async throws {
        try await eventually("\(self)") { isReached(try await sandbox.state()) }
    }
}
