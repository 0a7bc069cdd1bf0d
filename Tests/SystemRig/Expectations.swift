package import Testing

/// What must be true where a run has ended well.
package func expectPrivate(
    _ result: Plugin.Result, _ state: SandboxState, _ sandbox: SandboxProcess,
    _ location: SourceLocation = #_sourceLocation
) {
    expectDone(result, location)
    expectStoredEncrypted(state, by: sandbox.keyID, sandbox, location)
    expectPrivateMode(state, sandbox, location)
}

package func expectPublic(
    _ result: Plugin.Result, _ state: SandboxState, _ sandbox: SandboxProcess,
    _ location: SourceLocation = #_sourceLocation
) {
    expectDone(result, location)
    expectStoredEncrypted(state, by: sandbox.keyID, sandbox, location)
    expectPublicMode(state, sandbox, location)
}

package func expectDone(_ result: Plugin.Result, _ location: SourceLocation = #_sourceLocation) {
    #expect(result.exitCode == 0, "\(result.testDescription)", sourceLocation: location)
    #expect(result.secretsAtRest == "encrypted", sourceLocation: location)
}

/// KMS is on over the private endpoint with the first key, and the first vault is closed.
package func expectPrivateMode(
    _ state: SandboxState, _ sandbox: SandboxProcess, _ location: SourceLocation = #_sourceLocation
) {
    #expect(
        state.kmsEnabled && state.kmsMode == "Private", "\(String(describing: state.kms))", sourceLocation: location)
    #expect(state.kmsKeyID == sandbox.keyID, sourceLocation: location)
    #expect(state.kmsVaultID.lowercased() == sandbox.vaultID.lowercased(), sourceLocation: location)
    #expect(state.vaultAccess() == "Disabled", sourceLocation: location)
}

/// KMS is on over the public endpoint with the first key, and the first vault is open.
package func expectPublicMode(
    _ state: SandboxState, _ sandbox: SandboxProcess, _ location: SourceLocation = #_sourceLocation
) {
    #expect(state.kmsEnabled && state.kmsMode == "Public", "\(String(describing: state.kms))", sourceLocation: location)
    #expect(state.kmsKeyID == sandbox.keyID && state.kmsVaultID.isEmpty, sourceLocation: location)
    #expect(state.vaultAccess() == "Enabled", sourceLocation: location)
}

/// Every Secret that the sandbox was seeded with is there, encrypted by this key, and nothing else is.
package func expectStoredEncrypted(
    _ state: SandboxState, by key: String, _ sandbox: SandboxProcess, _ location: SourceLocation = #_sourceLocation
) {
    #expect(state.plaintext == 0, sourceLocation: location)
    #expect(state.encryptedByKey == [key: Int64(sandbox.options.secrets)], sourceLocation: location)
}
