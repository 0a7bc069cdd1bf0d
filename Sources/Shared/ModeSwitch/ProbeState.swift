package import Azure
package import SecretRewrite

/// A probe Secret as it was last seen, told by its resourceVersion: that moves if and only if the stored form flips.
///
/// A run knows two forms only, plaintext and encrypted with one key, or encrypted with one key and with another. So a
/// probe whose flips are counted from its baseline on tells its form at any time, through all changes of KMS.
package struct ProbeState: Sendable, Codable, Hashable {
    package enum Form: String, Sendable, Codable, Hashable {
        case asAtBaseline
        case other

        package var flipped: Form { self == .asAtBaseline ? .other : .asAtBaseline }
    }

    package var resourceVersion: Int64
    package var form: Form

    package init(resourceVersion: Int64, form: Form = .asAtBaseline) {
        self.resourceVersion = resourceVersion
        self.form = form
    }
}

/// What the API servers made of the probes when all of them wrote alike.
package struct ProbeBaseline: Sendable, Codable, Hashable {
    /// Measured where an API server's metrics tell it, else what ARM's profile of the moment says.
    package var form: StoredForm
    /// The key of that profile, as `KMSProfile.storageKey` tells it.
    package var keyID: String

    /// How often the run made another version of that key since, which Azure takes without a change of the profile.
    package var versionsSince: Int {
        get { newVersions ?? 0 }
        set { newVersions = newValue }
    }
    private var newVersions: Int?

    package init(form: StoredForm, keyID: String) {
        self.form = form
        self.keyID = keyID
    }

    /// The form in which probes lie once an API server has taken a profile.
    package func expected(under profile: KMSProfile) -> ProbeState.Form {
        guard let key = profile.storageKey else { return form == .plaintext ? .asAtBaseline : .other }
        return form == .encrypted && key == keyID.lowercased() && versionsSince == 0 ? .asAtBaseline : .other
    }
}
