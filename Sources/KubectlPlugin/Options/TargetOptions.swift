import ArgumentParser
import Azure
import Commands
import Connections
import ModeSwitch
import Usage

/// What a switch is to reach, and by which way; preflight asks about the same.
struct TargetOptions: ParsableArguments {
    @Flag(.toPrivate) var toPrivate = false
    @Flag(.toPublic) var toPublic = false
    @Option(.newKeyID) var keyID: String?
    @Flag(.closeVaultFirst) var closeVaultFirst = false

    func validate() throws {
        guard toPrivate != toPublic else {
            throw ValidationError("give --private or --public" + (toPrivate ? ", not both" : ""))
        }
    }

    func add(to given: inout GivenOptions) {
        given.target = toPrivate ? .privateAccess : .publicAccess
        given.selection.keyID = keyID
        given.closeVaultFirst = closeVaultFirst
    }
}
