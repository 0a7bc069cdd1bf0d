/// The api-versions that the sandbox's providers list. They are the ones that clients of 2026 use and the recordings show.
enum APIVersions {
    static let types: [(provider: String, type: String, versions: [String])] = [
        (
            "Microsoft.ContainerService", "managedClusters",
            [
                "2026-07-01", "2026-06-02-preview", "2026-06-01", "2026-03-01", "2026-01-01", "2025-10-02-preview",
                "2025-10-01",
                "2025-09-02-preview", "2025-09-01", "2025-08-01", "2025-05-01", "2025-01-01", "2024-09-01",
                "2024-02-01", "2023-08-01", "2023-01-01", "2022-11-01", "2022-06-02-preview",
            ]
        ),
        ("Microsoft.ContainerService", "locations/operations", ["2025-03-01", "2016-03-30"]),
        (
            "Microsoft.KeyVault", "vaults",
            [
                "2026-03-01-preview", "2026-02-01", "2025-05-01", "2024-11-01", "2023-07-01", "2023-02-01",
                "2022-07-01", "2021-10-01", "2019-09-01",
            ]
        ),
        (
            "Microsoft.KeyVault", "deletedVaults",
            ["2026-02-01", "2025-05-01", "2024-11-01", "2023-07-01", "2023-02-01", "2022-07-01"]
        ),
        (
            "Microsoft.Authorization", "roleAssignments",
            ["2022-04-01", "2020-10-01-preview", "2020-04-01-preview", "2018-09-01-preview", "2015-07-01"]
        ),
        (
            "Microsoft.Authorization", "roleDefinitions",
            ["2022-05-01-preview", "2022-04-01", "2018-01-01-preview", "2015-07-01"]
        ),
        ("Microsoft.Authorization", "denyAssignments", ["2022-04-01", "2018-07-01-preview"]),
        (
            "Microsoft.Authorization", "roleAssignmentScheduleInstances", ["2024-09-01-preview", "2020-10-01"]
        ),
        ("Microsoft.Authorization", "permissions", ["2022-05-01-preview", "2022-04-01", "2018-07-01", "2015-07-01"]),
        (
            "Microsoft.Authorization", "policyAssignments",
            ["2025-11-01", "2025-03-01", "2024-05-01", "2023-04-01", "2022-06-01", "2021-06-01"]
        ),
        ("Microsoft.Authorization", "locks", ["2020-05-01", "2017-04-01", "2016-09-01"]),
        ("Microsoft.Compute", "diskEncryptionSets", ["2025-01-02", "2024-03-02", "2023-10-02", "2022-07-02"]),
        (
            "Microsoft.Network", "privateEndpoints",
            ["2026-01-01", "2025-01-01", "2024-10-01", "2024-05-01", "2023-11-01"]
        ),
        ("Microsoft.ManagedIdentity", "userAssignedIdentities", ["2024-11-30", "2023-01-31", "2018-11-30"]),
        ("Microsoft.PolicyInsights", "checkPolicyRestrictions", ["2023-03-01", "2022-03-01"]),
    ]

    /// What ARM itself answers: subscriptions, groups, resources, providers.
    static let manager = [
        "2025-04-01", "2025-03-01", "2024-11-01", "2024-08-01", "2024-07-01", "2024-03-01", "2023-07-01", "2022-12-01",
        "2022-09-01", "2021-04-01", "2021-01-01", "2020-10-01", "2020-06-01", "2020-01-01", "2019-11-01", "2019-10-01",
        "2018-05-01", "2016-06-01", "2015-11-01",
    ]

    static func isPreview(_ version: String) -> Bool { version.hasSuffix("-preview") }

    /// Whether a version of managed clusters shows `kubernetesResourceObjectEncryptionProfile`: previews, and stable ones
    /// from 2026-07-01 on (azure-rest-api-specs, containerservice, CommonModels.tsp).
    static func showsPlatformEncryption(_ version: String) -> Bool { isPreview(version) || version >= "2026-07-01" }

    /// Refuses a request without an api-version, or with one that the type does not know.
    static func check(_ request: Request, provider: String, type: String, location: String) throws {
        let version = try given(request)
        let known = types.first { $0.provider == provider && $0.type == type }?.versions ?? []
        guard known.contains(version.lowercased()) else {
            throw AzureError.arm(
                400, "NoRegisteredProviderFound",
                "No registered resource provider found for location '\(location)' and API version '\(version)' for type "
                    + "'\(type)'. The supported api-versions are '\(known.joined(separator: ", "))'. The supported locations are '\(location)'."
            )
        }
    }

    static func checkManager(_ request: Request) throws {
        let version = try given(request)
        guard manager.contains(version.lowercased()) else {
            throw AzureError.arm(
                400, "InvalidApiVersionParameter",
                "The api-version '\(version)' is invalid. The supported versions are '\(manager.joined(separator: ","))'."
            )
        }
    }

    private static func given(_ request: Request) throws -> String {
        guard let version = request.parameter("api-version"), !version.isEmpty else {
            throw AzureError.arm(
                400, "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.")
        }
        return version
    }
}
