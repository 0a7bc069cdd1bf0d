import Curl
import Foundation
import HTTP
import JSON
import SystemRig

/// Requests to ARM as the sandbox's owner, to give roles and take them away.
struct AzureClient: Sendable {
    private let base: String
    private let token: String
    private let transport: CurlTransport
    private let variables: [String: String]
    private static let version = "api-version=2022-04-01"

    init(_ sandbox: SandboxProcess) async throws {
        variables = sandbox.variables
        base = variables["KMS_VAULT_SANDBOX_URL"] ?? ""
        transport = CurlTransport(
            settings: TransportSettings(trust: .system(bundlePath: sandbox.folder + "/ca.pem")), userAgent: "e2e")
        let form = [
            "grant_type=client_credentials", "client_id=\(variables["CLIENT_ID"] ?? "")",
            "client_secret=\(variables["CLIENT_SECRET"] ?? "")",
            "scope=https%3A%2F%2Fmanagement.core.windows.net%2F%2F.default",
        ]
        var request = HTTPRequest(
            .post, "\(base)/\(variables["TENANT_ID"] ?? "")/oauth2/v2.0/token", timeout: 30)
        request.headers = ["Content-Type": "application/x-www-form-urlencoded"]
        request.body = Array(form.joined(separator: "&").utf8)
        let answer = try await transport.send(request)
        guard let token = try JSONValue(parsing: answer.body)["access_token"]?.string else {
            throw RigError("no token for the owner: \(answer.status)")
        }
        self.token = token
    }

    private var subscription: String { "/subscriptions/\(variables["SUBSCRIPTION_ID"] ?? "")" }

    /// What ARM shows of the cluster to an api-version.
    func cluster(_ version: String) async throws -> JSONValue {
        let path =
            "\(subscription)/resourceGroups/\(variables["RESOURCE_GROUP"] ?? "")/providers"
            + "/Microsoft.ContainerService/managedClusters/\(variables["CLUSTER_NAME"] ?? "")"
        var request = HTTPRequest(.get, "\(base)\(path)?api-version=\(version)", timeout: 30)
        request.headers = ["Authorization": "Bearer \(token)"]
        let answer = try await transport.send(request)
        guard answer.status == 200 else {
            throw RigError("GET \(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONValue(parsing: answer.body)
    }

    /// Makes the role, or changes it, as az does of what `rbac --azure` prints.
    func put(role id: String, _ definition: JSONValue) async throws {
        let permissions: [String: JSONValue] = [
            "actions": definition["Actions"] ?? .array([]), "notActions": definition["NotActions"] ?? .array([]),
        ]
        try await put(
            "\(subscription)/providers/Microsoft.Authorization/roleDefinitions/\(id)",
            [
                "roleName": definition["Name"] ?? .null, "description": definition["Description"] ?? .null,
                "type": .string("CustomRole"), "assignableScopes": definition["AssignableScopes"] ?? .array([]),
                "permissions": .array([.object(permissions)]),
            ])
    }

    /// Gives the role to the principal that has no other.
    func assign(role id: String, as name: String) async throws {
        let role = "\(subscription)/providers/Microsoft.Authorization/roleDefinitions/\(id)"
        try await put(
            "\(subscription)/providers/Microsoft.Authorization/roleAssignments/\(name)",
            ["roleDefinitionId": .string(role), "principalId": .string(variables["LEAST_OBJECT_ID"] ?? "")],
            // It has the role already.
            orAnswer: 409)
    }

    private func put(
        _ path: String, _ properties: [String: JSONValue], orAnswer other: Int? = nil
    ) async throws {
        var request = HTTPRequest(.put, "\(base)\(path)?\(Self.version)", timeout: 30)
        request.headers = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
        request.body = JSONValue.object(["properties": .object(properties)]).bytes()
        let answer = try await transport.send(request)
        guard answer.status == 201 || answer.status == other else {
            throw RigError("PUT \(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
    }
}
