import Azure
package import AzureResources
package import Usage

extension ClusterEncryption {
    /// Why nothing of the legacy KMS may be done to a cluster; nil where it may. Nothing has been changed then.
    ///
    /// - Parameter hadLegacyKMS: whether this machine's record says that the legacy KMS was on when the run began.
    ///   Where an API version hides the new experience, that is how it is known while KMS is off.
    package func refusal(of cluster: ManagedCluster, hadLegacyKMS: Bool = false) -> SubjectError? {
        isNewExperience ? refusalOfNew(cluster.name) : refusalWhereUnknown(of: cluster, hadLegacyKMS: hadLegacyKMS)
    }

    /// Why nothing at all may be done to what encrypts a cluster's Secrets: it cannot be told what does.
    package func refusalWhereUnknown(of cluster: ManagedCluster, hadLegacyKMS: Bool = false) -> SubjectError? {
        if isNewExperience || isLegacy || (isHidden && hadLegacyKMS) { return nil }
        return refusalOfUnknown(cluster)
    }

    private func refusalOfNew(_ cluster: String) -> SubjectError {
        SubjectError(
            .newExperience,
            "\(cluster) is on the new KMS experience, \(kind): it has no legacy KMS to switch or to turn on again, and "
                + "there is no way back to it",
            next: """
                leave the cluster as it is; \(ShellCommand.own(.status)) shows how it is set, \
                https://learn.microsoft.com/azure/aks/kms-data-encryption-concepts what that is
                """)
    }

    private func refusalOfUnknown(_ cluster: ManagedCluster) -> SubjectError {
        SubjectError(
            .unknownKMS, "it cannot be told which KMS \(cluster.name) has: \(why ?? "")",
            next: """
                see which KMS it has: \(Self.look(at: cluster)) (with az's extension aks-preview it shows more); \
                if it is the legacy one, az aks update turns that on again
                """)
    }

    /// The command that shows what Azure says of a cluster's KMS.
    package static func look(at cluster: ManagedCluster) -> ShellCommand {
        """
        az aks show --subscription \(cluster.id.subscription) -g \(cluster.id.resourceGroup) -n \(cluster.id.name) \
        --query securityProfile
        """
    }

    private var kind: String {
        switch state {
        case .customerKeyPublic: "with a customer-managed key and its vault as Public"
        case .customerKeyPrivate: "with a customer-managed key and its vault as Private"
        case .legacyOff, .legacyOn, .platformManaged, .unknown: "with a platform-managed key"
        }
    }

    /// The state with the mode of the legacy KMS, such as `on, Private (legacy KMS)`.
    package func words(mode: String) -> String { state == .legacyOn ? "on, \(mode) (legacy KMS)" : description }
}
