import Azure
import JSON

/// What encrypts a cluster's Secrets in etcd, as ARM shows it.
///
/// Sources: `AzureKeyVaultKms.keyId` and `KubernetesResourceObjectEncryptionProfile` of API version 2026-07-01
/// (azure-rest-api-specs): a versioned key id is the legacy KMS, one without a version the new experience.
package struct ClusterEncryption: Sendable, Hashable, CustomStringConvertible {
    /// The five states of a cluster.
    package enum State: String, Sendable, Codable, Hashable, CaseIterable {
        case legacyOff = "legacy-off"
        case legacyOn = "legacy-on"
        case platformManaged = "platform-managed"
        case customerKeyPublic = "customer-key-public"
        case customerKeyPrivate = "customer-key-private"
    }

    package let state: State
    /// The API version that could not show whether the cluster is on the new experience; nil if it could, or if the
    /// key id tells it all the same.
    package let hiddenBy: String?

    package init(state: State, hiddenBy: String? = nil) {
        self.state = state
        self.hiddenBy = hiddenBy
    }

    /// Whether the cluster is on the new KMS experience, from which there is no way back to the legacy KMS.
    package var isNewExperience: Bool {
        switch state {
        case .legacyOff, .legacyOn: false
        case .platformManaged, .customerKeyPublic, .customerKeyPrivate: true
        }
    }

    /// In a few words, for a table.
    package var description: String {
        switch state {
        case .legacyOff: "off (legacy KMS)"
        case .legacyOn: "on (legacy KMS)"
        case .platformManaged: "platform-managed key (new KMS experience)"
        case .customerKeyPublic: "customer-managed key, Public (new KMS experience)"
        case .customerKeyPrivate: "customer-managed key, Private (new KMS experience)"
        }
    }

    /// What the version does not show, as a sentence; nil when it shows all.
    package var doubt: String? {
        hiddenBy.map {
            "API version \($0), the newest stable one of this cloud, does not show whether the cluster is on the new KMS "
                + "experience: the key id decides."
        }
    }
}

extension ManagedCluster {
    /// Which of the five states the cluster is in.
    package var encryption: ClusterEncryption {
        let isOn = kms?.enabled == true
        guard showsNewExperience || hasVersionlessKey else {
            let hides = !ClusterAPIVersion.showsPlatformEncryption(apiVersion)
            return ClusterEncryption(state: isOn ? .legacyOn : .legacyOff, hiddenBy: hides ? apiVersion : nil)
        }
        guard isOn else { return ClusterEncryption(state: .platformManaged) }
        let state: ClusterEncryption.State =
            kms?.mode == .privateAccess ? .customerKeyPrivate : .customerKeyPublic
        return ClusterEncryption(state: state)
    }

    /// Every value but `Disabled`, which old previews had, stands for the new experience: one that is not known here
    /// must not lead to a change.
    private var showsNewExperience: Bool {
        let profile = document[path: "properties", "securityProfile", "kubernetesResourceObjectEncryptionProfile"]
        guard let value = profile?["infrastructureEncryption"]?.string, !value.isEmpty else { return false }
        return value.lowercased() != "disabled"
    }

    /// The legacy KMS never had a key without a version, also not one that is kept after it was turned off.
    private var hasVersionlessKey: Bool {
        guard let text = kms?.keyID else { return false }
        do { return try KeyIdentifier(parsing: text).version == nil } catch { return error == .versionless }
    }
}
