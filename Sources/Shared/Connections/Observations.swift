package import Azure
package import AzureResources
package import ModeSwitch

// What decisions need of Azure's documents.

extension ManagedCluster {
    /// - Parameter lastRefusal: what Azure said of the update that failed, where this process knows it.
    package func observation(lastRefusal: AzureRefusal? = nil) -> ClusterObservation {
        var view = ClusterObservation(
            provisioning: provisioning(lastRefusal), running: powerState.map { $0.lowercased() == "running" } ?? true,
            kms: kmsProfile, eTag: eTag ?? "", resourceUID: resourceUID ?? "", vnetIntegration: hasVNetIntegration,
            experience: encryption.experience)
        view.busyPools = busyPools
        return view
    }

    /// What encrypts the Secrets; the legacy KMS and off where Azure shows none.
    package var kmsProfile: KMSProfile {
        let isNew = encryption.isNewExperience
        return kms.map { KMSProfile($0, isNew: isNew) } ?? (isNew ? .platformManaged : .none)
    }

    private func provisioning(_ lastRefusal: AzureRefusal?) -> ClusterObservation.Provisioning {
        switch (provisioningState ?? "").lowercased() {
        case "succeeded": return .succeeded
        case "failed", "canceled":
            var why = provisioningError.map { AzureRefusal($0) } ?? lastRefusal
            // A code that is not known: what is known is that the update failed.
            if let unknown = why, unknown.kind == .other { why = AzureRefusal(.failed, what: unknown.what) }
            why?.correlationID = lastRefusal?.correlationID ?? ""
            return .failed(why ?? AzureRefusal(.failed, what: "Azure gives no reason"))
        default: return .inProgress(provisioningState ?? "unknown")
        }
    }
}

extension Vault {
    /// Of the private endpoint connections only that of this cluster.
    package func observation(of cluster: ManagedCluster) -> VaultObservation {
        let endpoint: VaultObservation.PrivateEndpoint =
            switch endpointState(of: cluster) {
            case .approved: .approved
            case .pending: .pending
            case .rejected: .rejected
            case .none: .none
            }
        return VaultObservation(
            access: heldAccess, firewallDenies: firewallDenies, privateEndpoint: endpoint, trust: trust)
    }

    /// A value that is not known is left alone, as a perimeter's is.
    package var heldAccess: VaultAccess { access ?? .securedByPerimeter }
}

extension ClusterEncryption {
    fileprivate var experience: ClusterObservation.Experience {
        if isNewExperience { return .new }
        if isLegacy { return .legacy }
        let why = why ?? ""
        return isHidden ? .hidden(why) : .unknown(why)
    }
}
