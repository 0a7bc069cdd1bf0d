import ArgumentParser
import Azure
import Live
import ModeSwitch

/// What a switch is to reach, and by which way; preflight asks about the same.
struct TargetOptions: ParsableArguments {
    @Flag(name: .customLong("private"), help: "Make the vault private.") var toPrivate = false
    @Flag(name: .customLong("public"), help: "Make the vault public.") var toPublic = false
    @Option(
        name: .customLong("key-id"),
        help: "A versioned key; in another vault, already in the target mode, for a switch without plaintext.")
    var keyID: String?
    @Flag(help: "The older order: close the vault while KMS is off. Riskier.") var closeVaultFirst = false

    func validate() throws {
        guard toPrivate != toPublic else { throw ValidationError("give --private or --public") }
    }

    func add(to given: inout GivenOptions) {
        given.target = toPrivate ? .privateAccess : .publicAccess
        given.keyID = keyID
        given.closeVaultFirst = closeVaultFirst
    }
}
