import AzureStandIn
import ClusterModel
import Foundation

/// The folder that holds all that the sandbox writes.
struct SandboxFolder: Sendable {
    let root: String

    init(_ directory: String) throws {
        root = URL(fileURLWithPath: directory).standardizedFileURL.path
        for name in ["", "tls", "azure", "azure-least", "cluster"] {
            try FileManager.default.createDirectory(
                atPath: path(name), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    func path(_ name: String) -> String { name.isEmpty ? root : root + "/" + name }

    func write(_ name: String, _ text: String, mode: Int = 0o600) throws {
        let file = path(name)
        // Made with its mode before it has content.
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        else { throw SandboxError("\(file) cannot be written.") }
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }

    func markStarting() throws {
        try? FileManager.default.removeItem(atPath: path("ready"))
        try write("state.pid", "\(ProcessInfo.processInfo.processIdentifier)\n")
    }

    func markReady() { try? write("ready", "ready\n") }

    func markStopped() {
        for name in ["ready", "state.pid"] { try? FileManager.default.removeItem(atPath: path(name)) }
    }

    /// The env file, the kubeconfig and the az profile.
    func write(
        _ world: WorldDescription, azure: StandIn, settings: AzureStandIn.Configuration, fleet: Fleet
    ) async throws {
        try await write("kubeconfig", fleet.kubeconfig())
        try await AzureProfile(
            world: world, settings: settings, clientID: world.clientID, secret: world.clientSecret
        ).write(to: self, azure: azure)
        try await AzureProfile(
            world: world, settings: settings, place: "azure-least", clientID: world.leastClientID,
            secret: world.leastClientSecret
        ).write(to: self, azure: azure)
        let vault = world.vaults[0].name
        let values: [(String, String)] = [
            ("KUBECONFIG", path("kubeconfig")), ("AZURE_CONFIG_DIR", path("azure")),
            ("REQUESTS_CA_BUNDLE", path("ca.pem")), ("AZURE_CORE_INSTANCE_DISCOVERY", "false"),
            ("AZURE_CORE_COLLECT_TELEMETRY", "false"), ("KMS_VAULT_SANDBOX_URL", settings.baseURL),
            ("KMS_VAULT_SANDBOX_DIRECTORY", root), ("KMS_VAULT_SANDBOX_CA", path("ca.pem")),
            ("KUBECTL_KMS_VAULT_TIME_SCALE", "\(settings.timeScale)"),
            // For `az login` by hand. Without AZURE_ in front: no program shall take them unasked.
            ("CLIENT_ID", world.clientID), ("CLIENT_SECRET", world.clientSecret),
            ("CLIENT_CERTIFICATE", path("service-principal.pem")), ("USER_NAME", world.userName),
            ("USER_PASSWORD", world.userPassword), ("LEAST_AZURE_CONFIG_DIR", path("azure-least")),
            ("LEAST_CLIENT_ID", world.leastClientID), ("LEAST_CLIENT_SECRET", world.leastClientSecret),
            ("LEAST_OBJECT_ID", WorldDescription.leastObjectID),
            ("SUBSCRIPTION_ID", world.subscriptionID), ("TENANT_ID", world.tenantID),
            ("RESOURCE_GROUP", world.resourceGroup), ("CLUSTER_NAME", world.cluster), ("KEY_VAULT", vault),
            ("KEY_ID", world.keyID(vault: vault, suffix: settings.vaultSuffix)),
            (
                "KEY_VAULT_RESOURCE_ID",
                "/subscriptions/\(world.subscriptionID)/resourceGroups/\(world.resourceGroup)/providers/Microsoft.KeyVault/vaults/\(vault)"
            ),
        ]
        let second = world.vaults.dropFirst().first.map {
            [
                ("SECOND_KEY_VAULT", $0.name),
                ("SECOND_KEY_ID", world.keyID(vault: $0.name, suffix: settings.vaultSuffix)),
            ]
        }
        // A list where there are several.
        let names =
            fleet.members.count > 1 ? [("CLUSTER_NAMES", fleet.members.map(\.plan.name).joined(separator: " "))] : []
        let lines = (values + (second ?? []) + names).map { "export \($0.0)='\($0.1)'\n" }
        try write("env", lines.joined())
    }

    /// The kubeconfig that an API server finds its token webhook by; returns where it is.
    func writeTokenWebhook(url: String) throws -> String {
        try write(
            "token-webhook",
            """
            apiVersion: v1
            kind: Config
            clusters:
            - name: entra
              cluster: {server: "\(url)", certificate-authority: "\(path("ca.pem"))"}
            users:
            - name: api-server
            contexts:
            - name: webhook
              context: {cluster: entra, user: api-server}
            current-context: webhook

            """)
        return path("token-webhook")
    }
}
