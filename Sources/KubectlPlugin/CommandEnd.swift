import ModeSwitch

/// The end of a command with an exit code; what there was to say has been said.
struct CommandEnd: Error {
    let code: ModeSwitch.ExitCode
}
