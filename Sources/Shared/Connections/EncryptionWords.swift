import AzureResources
import Usage

extension ClusterEncryption {
    /// Why nothing of the legacy KMS may be done to a cluster; nil where it may. Nothing has been changed then.
    package func refusal(of cluster: String) -> SubjectError? {
        guard isNewExperience else { return nil }
        return SubjectError(
            .newExperience,
            "\(cluster) is on the new KMS experience, \(kind): it has no legacy KMS to switch or to turn on again, and "
                + "there is no way back to it",
            next: """
                leave the cluster as it is; \(ShellCommand.own(.status)) shows how it is set, \
                https://learn.microsoft.com/azure/aks/kms-data-encryption-concepts what that is
                """)
    }

    private var kind: String {
        switch state {
        case .customerKeyPublic: "with a customer-managed key and its vault as Public"
        case .customerKeyPrivate: "with a customer-managed key and its vault as Private"
        case .legacyOff, .legacyOn, .platformManaged: "with a platform-managed key"
        }
    }

    /// The state with the mode of the legacy KMS, such as `on, Private (legacy KMS)`.
    package func words(mode: String) -> String { state == .legacyOn ? "on, \(mode) (legacy KMS)" : description }
}
