import Azure
package import JSON
import Text

/// What encrypts a cluster's Secrets in etcd, as ARM shows it.
///
/// Sources: `AzureKeyVaultKms.keyId` and `KubernetesResourceObjectEncryptionProfile` of API version 2026-07-01
/// (azure-rest-api-specs): a versioned key id is the legacy KMS, one without a version the new experience.
package struct ClusterEncryption: Sendable, Hashable, CustomStringConvertible {
    /// The five states of a cluster, and that none of them can be told.
    package enum State: String, Sendable, Codable, Hashable, CaseIterable {
        case legacyOff = "legacy-off"
        case legacyOn = "legacy-on"
        case platformManaged = "platform-managed"
        case customerKeyPublic = "customer-key-public"
        case customerKeyPrivate = "customer-key-private"
        case unknown
    }

    /// Why something of the state is not seen.
    package enum Doubt: Sendable, Hashable {
        /// This API version does not show whether the cluster is on the new experience.
        case hidden(by: String)
        /// Azure shows what is not known here; the text names it.
        case unreadable(String)
    }

    package let state: State
    /// Nil when all is shown. With a state that is known: what the key id told instead.
    package let doubt: Doubt?

    package init(state: State, doubt: Doubt? = nil) {
        self.state = state
        self.doubt = doubt
    }

    /// Whether the cluster is on the new KMS experience, from which there is no way back to the legacy KMS.
    package var isNewExperience: Bool {
        switch state {
        case .legacyOff, .legacyOn, .unknown: false
        case .platformManaged, .customerKeyPublic, .customerKeyPrivate: true
        }
    }

    /// Whether the cluster has the legacy KMS, on or off. Only to such a one an update of it may be sent.
    package var isLegacy: Bool { state == .legacyOff || state == .legacyOn }

    /// Whether the API version hides what tells the experience for certain.
    package var isHidden: Bool { if case .hidden? = doubt { true } else { false } }

    /// In a few words, for a table.
    package var description: String {
        switch state {
        case .legacyOff: "off (legacy KMS)"
        case .legacyOn: "on (legacy KMS)"
        case .platformManaged: "platform-managed key (new KMS experience)"
        case .customerKeyPublic: "customer-managed key, Public (new KMS experience)"
        case .customerKeyPrivate: "customer-managed key, Private (new KMS experience)"
        case .unknown: "cannot be told"
        }
    }

    /// What is not seen, as a clause; nil when all is.
    package var why: String? {
        switch doubt {
        case nil: nil
        case .hidden(let version)?:
            "API version \(version), the newest stable one of this cloud, does not show whether the cluster is on the new "
                + "KMS experience" + (state == .unknown ? "" : "; the key id has a version, so it is not")
        case .unreadable(let what)?: "Azure shows what this program does not know: \(what)"
        }
    }

    /// The same as a sentence.
    package var note: String? { why.map { $0 + "." } }
}

extension ClusterEncryption {
    /// Reads `properties.securityProfile` as an API version shows it.
    ///
    /// Absent members are Azure's defaults: no profile, Public. A member of another type or with a value that is not
    /// documented is never taken for one of them: the state is `unknown` then.
    package init(_ security: JSONValue?, apiVersion: String) {
        do {
            let security = try member(security, "securityProfile")
            let platform = try Self.platform(security)
            let customer = try Self.customer(security)
            self = Self.state(platform, customer, apiVersion)
        } catch {
            self.init(state: .unknown, doubt: .unreadable(error.what))
        }
    }

    private struct Customer {
        var isOn: Bool
        /// Counts only while it is on: what is kept afterwards says nothing.
        var mode: NetworkMode
        /// Nil for none, and for one that is none of Key Vault's.
        var hasVersion: Bool?
    }

    private static func state(_ platform: Bool, _ customer: Customer?, _ apiVersion: String) -> ClusterEncryption {
        let isOn = customer?.isOn == true
        // The legacy KMS never had a key without a version, also not one that is kept after it was turned off.
        if platform || customer?.hasVersion == false {
            guard isOn else { return ClusterEncryption(state: .platformManaged) }
            let isPrivate = customer?.mode == .privateAccess
            return ClusterEncryption(state: isPrivate ? .customerKeyPrivate : .customerKeyPublic)
        }
        let doubt: Doubt? = ClusterAPIVersion.showsPlatformEncryption(apiVersion) ? nil : .hidden(by: apiVersion)
        guard isOn else { return ClusterEncryption(state: doubt == nil ? .legacyOff : .unknown, doubt: doubt) }
        guard customer?.hasVersion == true else {
            return ClusterEncryption(
                state: .unknown, doubt: .unreadable("azureKeyVaultKms is enabled, with no keyId of a key vault"))
        }
        return ClusterEncryption(state: .legacyOn, doubt: doubt)
    }

    /// `kubernetesResourceObjectEncryptionProfile`: the stable value is `Enabled`, absent means not on, and old
    /// previews had `Disabled` as well.
    private static func platform(_ security: JSONValue?) throws(Unknown) -> Bool {
        let name = "kubernetesResourceObjectEncryptionProfile"
        let profile = try member(security?[name], name)
        switch try text(profile, "infrastructureEncryption")?.lowercased() {
        case nil, "disabled": return false
        case "enabled": return true
        case let other?: throw Unknown("infrastructureEncryption is \(other.onOneLine(limit: 64))")
        }
    }

    private static func customer(_ security: JSONValue?) throws(Unknown) -> Customer? {
        guard let profile = try member(security?["azureKeyVaultKms"], "azureKeyVaultKms") else { return nil }
        guard let isOn = profile["enabled"]?.bool else {
            throw Unknown("azureKeyVaultKms does not tell whether it is enabled")
        }
        let mode = isOn ? try mode(profile) : .publicAccess
        return Customer(isOn: isOn, mode: mode, hasVersion: hasVersion(try text(profile, "keyId")))
    }

    private static func mode(_ profile: JSONValue) throws(Unknown) -> NetworkMode {
        // "The default value is Public" (AzureKeyVaultKms, azure-rest-api-specs), and it is not always shown.
        guard let shown = try text(profile, "keyVaultNetworkAccess") else { return .publicAccess }
        if let mode = NetworkMode(anyCase: shown) { return mode }
        throw Unknown("keyVaultNetworkAccess is \(shown.onOneLine(limit: 64))")
    }

    private static func hasVersion(_ keyID: String?) -> Bool? {
        guard let keyID else { return nil }
        do { return try KeyIdentifier(parsing: keyID).version != nil } catch {
            return error == .versionless ? false : nil
        }
    }

    /// A text that is there and not empty.
    private static func text(_ object: JSONValue?, _ name: String) throws(Unknown) -> String? {
        guard let value = object?[name], value != .null else { return nil }
        guard let text = value.string else { throw Unknown("\(name) is not a text") }
        return text.isEmpty ? nil : text
    }
}

private struct Unknown: Error {
    let what: String

    init(_ what: String) { self.what = what }
}

/// An object that is there.
private func member(_ value: JSONValue?, _ name: String) throws(Unknown) -> JSONValue? {
    guard let value, value != .null else { return nil }
    guard value.object != nil else { throw Unknown("\(name) is not an object") }
    return value
}
