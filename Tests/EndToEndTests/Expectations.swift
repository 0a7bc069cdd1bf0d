import Testing

/// What must be true where a run has ended well.
func expectPrivate(
    _ result: Plugin.Result, _ state: SandboxState, _ sandbox: SandboxProcess, stored: Int64? = nil,
    _ location: SourceLocation = #_sourceLocation
) {
    #expect(result.exitCode == 0, "\(result.testDescription)", sourceLocation: location)
    #expect(result.secretsAtRest == "encrypted", sourceLocation: location)
    expectStoredEncrypted(state, by: sandbox.keyID, sandbox, stored: stored, location)
    #expect(
        state.kmsEnabled && state.kmsMode == "Private", "\(String(describing: state.kms))", sourceLocation: location)
    #expect(state.kmsKeyID == sandbox.keyID, sourceLocation: location)
    #expect(state.kmsVaultID.lowercased() == sandbox.vaultID.lowercased(), sourceLocation: location)
    #expect(state.vaultAccess() == "Disabled", sourceLocation: location)
}

func expectPublic(
    _ result: Plugin.Result, _ state: SandboxState, _ sandbox: SandboxProcess, stored: Int64? = nil,
    _ location: SourceLocation = #_sourceLocation
) {
    #expect(result.exitCode == 0, "\(result.testDescription)", sourceLocation: location)
    #expect(result.secretsAtRest == "encrypted", sourceLocation: location)
    expectStoredEncrypted(state, by: sandbox.keyID, sandbox, stored: stored, location)
    #expect(state.kmsEnabled && state.kmsMode == "Public", "\(String(describing: state.kms))", sourceLocation: location)
    #expect(state.kmsKeyID == sandbox.keyID && state.kmsVaultID.isEmpty, sourceLocation: location)
    #expect(state.vaultAccess() == "Enabled", sourceLocation: location)
}

/// Every Secret that the sandbox was seeded with is there, encrypted by this key, and nothing else is.
///
/// - Parameter stored: how many there are where users have created some meanwhile.
func expectStoredEncrypted(
    _ state: SandboxState, by key: String, _ sandbox: SandboxProcess, stored: Int64? = nil,
    _ location: SourceLocation = #_sourceLocation
) {
    #expect(state.plaintext == 0, sourceLocation: location)
    #expect(state.encryptedByKey == [key: stored ?? Int64(sandbox.options.secrets)], sourceLocation: location)
}
