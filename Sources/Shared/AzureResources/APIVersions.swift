/// The API versions that this project speaks, in one place. They are the ones that az 2.91 uses,
/// but for managed clusters (`ClusterAPIVersion`).
enum APIVersions {
    static let managedClusters = "2026-07-01"
    static let vaults = "2026-02-01"
    static let subscriptions = "2022-12-01"
    static let providers = "2024-11-01"
    static let resources = "2015-11-01"
    static let locks = "2016-09-01"
    static let permissions = "2022-05-01-preview"
}
