/// The switches between what is only inferred of the newer experience of KMS: each holds until it is deleted.
extension FaultName {
    static let ofNewKMS: Set<FaultName> = [
        .refuseNewModeChange, .refuseDirectCustomerKey, .refuseVersionedMigration, .migrationKeepsKeyID,
        .migrationKeepsStoredForm, .customerKeyNeedsProfile, .newKMSKeptIfLeftOut, .offMayHaveKeyID, .newKMSTwoKeys,
        .newKMSNeedsContributor, .privateCheckDeferred, .perimeterAdmitsServices, .vaultPatchMergesRules,
        .vaultPutKeepsRules, .newestThoughDisabled, .armKeyURIHasPort, .controllerOff, .reencryptionLate,
        .reencryptionWithinOperation,
    ]

    var newKMSDoc: FaultDoc {
        let (text, source) = Self.newKMSTexts[self] ?? ("", "")
        return FaultDoc(text: text, source: source, isStanding: true)
    }

    private static let newKMSTexts: [FaultName: (text: String, source: String)] = [
        .refuseNewModeChange: (
            "Newer experience: a PUT that changes a customer's key between Public and Private is refused with 400.",
            "AKS documentation (update-kms-key-vault) says so of the legacy KMS; either answer is inferred"
        ),
        .refuseDirectCustomerKey: (
            "A PUT from the legacy KMS, turned on, to a customer's key is refused with 400; the platform's key is not.",
            "inferred: AKS documentation (migrate-key-management-service…) shows it with the preview alone"
        ),
        .refuseVersionedMigration: (
            "A migration whose key's id still has its version is refused with 400.",
            "azure-rest-api-specs, `keyId` (\"a versioned key identifier uses the legacy KMS experience\"); by default taken, "
                + "as aks-preview sends it"
        ),
        .migrationKeepsKeyID: (
            "After such a migration GET shows the key's id with its version, as it was sent, and the key stays at it.",
            "inferred; by default the id loses its version and the vault's id is filled in, as AKS's table of states has it"
        ),
        .migrationKeepsStoredForm: (
            "A customer's key of the newer experience has the key id in storage that the legacy KMS has for it, so that a "
                + "migration to the same key leaves nothing stale.",
            "inferred; by default another plugin (kms-plugin-v2-plus) reports another key id"
        ),
        .customerKeyNeedsProfile: (
            "Since 2026-07-01, too, a key's id without a version is refused unless `infrastructureEncryption` is Enabled.",
            "azure-rest-api-specs leaves it open; by default the id alone chooses the newer experience"
        ),
        .newKMSKeptIfLeftOut: (
            "A PUT that knows the profile of the newer experience and leaves it out is taken, and the profile stays.",
            "inferred; by default refused (\"you can't disable the feature\", AKS documentation)"
        ),
        .offMayHaveKeyID: (
            "Since 2026-07-01, too, `enabled: false` may come with a key's id, as az sends it.",
            "inferred; by default refused (\"must be omitted\", azure-rest-api-specs)"
        ),
        .newKMSTwoKeys: (
            "The newer experience reads with the last two keys only, as the legacy KMS does.",
            "Azure/kubernetes-kms#291 of the legacy KMS; by default every key that it had still decrypts (inferred)"
        ),
        .newKMSNeedsContributor: (
            "A customer's key needs an identity that may write the vault (Key Vault Contributor), in both modes.",
            "AKS documentation (kms-data-encryption); by default the right to read it, for Private only (aks-preview's live "
                + "tests)"
        ),
        .privateCheckDeferred: (
            "For Private the vault's network is not looked at when the PUT is answered: the operation fails instead.",
            "inferred, and so is the default: 400 as for Public"
        ),
        .perimeterAdmitsServices: (
            "A vault that is SecuredByPerimeter lets trusted services in if its rules say so.",
            "inferred, and so is the default: it does not"
        ),
        .vaultPatchMergesRules: (
            "A PATCH of a vault lays the members of `networkAcls` over those that were there.",
            "inferred; by default what it names replaces what was there (specification's examples, "
                + "terraform-provider-azurerm)"
        ),
        .vaultPutKeepsRules: (
            "A PUT of a vault without `networkAcls` leaves the rules as they are.",
            "Azure/azure-sdk-for-net#41355, Azure/azure-cli#25655; by default they are gone (inferred)"
        ),
        .newestThoughDisabled: (
            "A customer's key is used at its newest version even if that is disabled.",
            "inferred, and so is the default: the newest that is enabled"
        ),
        .armKeyURIHasPort: (
            "`keyUri` and `keyUriWithVersion` of keys in ARM name the port, 443.",
            "azure-rest-api-specs, examples of 2023-07-01; by default they are as the data plane has them (inferred)"
        ),
        .controllerOff: (
            "Newer experience: the controller rewrites no Secret; only new writes have the new key.",
            "inferred; by default it does (\"the migration process will update secrets\", AKS documentation)"
        ),
        .reencryptionLate: (
            "Newer experience: the controller begins `seconds` (60, of Azure's) after the API servers have the new key.",
            "inferred; by default with the end of the operation"
        ),
        .reencryptionWithinOperation: (
            "Newer experience: an operation ends only when the controller has rewritten every Secret.",
            "inferred; by default it ends before"
        ),
    ]
}
