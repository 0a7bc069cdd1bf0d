package import HTTP
package import JSON
import Synchronization

private let clusterList =
    "/subscriptions/\(subscription)/providers/Microsoft.ContainerService/managedClusters"

/// ARM with one cluster and one vault that can be changed, and the vault's own endpoint. Whatever it does not know goes
/// to the world of preflight.
///
/// As recorded of Azure: an update that is accepted answers with `Azure-AsyncOperation` and shows the cluster as
/// Updating until the operation has Succeeded; each makes another eTag; a wrong `If-Match` is 412; a closed vault
/// answers 403 ForbiddenByConnection at its own endpoint. What it knows of the new KMS experience is in
/// AzureDouble+NewKMS.swift.
package final class AzureDouble: HTTPTransport {
    package struct State: Sendable {
        package var cluster: JSONValue
        package var vault: JSONValue
        package var eTag = 1
        /// Polls that still find the operation in progress; nil when there is none.
        package var pollsLeft: Int?
        package var pollsOfAnOperation = 1
        /// Of each request, its method and its path; PUTs and PATCHes with what they set.
        package var asked: [String] = []
        /// Every Authorization header that came.
        package var credentials: Set<String> = []
        package var puts: [JSONValue] = []
        /// What each PATCH of the vault sets, as text.
        package var patches: [String] = []
        /// The versions of the key, the newest last.
        package var keyVersions = [keyVersion]
        /// Whether ARM refuses to change the mode, or to migrate to a customer's key, at once (no source tells).
        package var refusesDirectChange = false
        /// Whether Azure's controller never takes a new version.
        package var ignoresNewVersions = false
        /// The newest API version of managed clusters that this Azure offers; nil for every one.
        package var newestVersion: String?
        /// Answers instead of the double where it gives something.
        package var instead: @Sendable (inout State, _ request: String) -> HTTPResponse? = { _, _ in nil }

        package var kms: JSONValue? {
            get { cluster[path: "properties", "securityProfile", "azureKeyVaultKms"] }
            set { set("securityProfile", "azureKeyVaultKms", newValue) }
        }

        /// The whole security profile, as the newest API version shows it.
        package mutating func setSecurity(_ profile: JSONValue) {
            var properties = cluster["properties"] ?? .object([:])
            properties["securityProfile"] = profile
            cluster["properties"] = properties
            moveETag()
        }

        package var isKMSOn: Bool { kms?["enabled"]?.bool == true }
        package var vaultAccess: String { vault[path: "properties", "publicNetworkAccess"]?.string ?? "" }

        private mutating func set(_ group: String, _ name: String, _ value: JSONValue?) {
            var properties = cluster["properties"] ?? .object([:])
            var profile = properties[group] ?? .object([:])
            profile[name] = value
            properties[group] = profile
            cluster["properties"] = properties
        }

        /// What others change.
        package mutating func moveETag() {
            eTag += 1
            cluster["eTag"] = .string("etag-\(eTag)")
        }

        /// What AKS makes for a Private cluster: an endpoint in the node resource group, approved by itself.
        mutating func connectPrivately() {
            let endpoint =
                "/subscriptions/\(subscription)/resourceGroups/\(nodeGroup)/providers"
                + "/Microsoft.Network/privateEndpoints/kms"
            let connection: JSONValue = .object([
                "id": .string("\(vaultID)/privateEndpointConnections/kms"),
                "properties": .object([
                    "privateEndpoint": .object(["id": .string(endpoint)]),
                    "privateLinkServiceConnectionState": .object(["status": .string("Approved")]),
                ]),
            ])
            var properties = vault["properties"] ?? .object([:])
            properties["privateEndpointConnections"] = .array([connection])
            vault["properties"] = properties
        }

        package mutating func show(_ state: String) {
            var properties = cluster["properties"] ?? .object([:])
            properties["provisioningState"] = .string(state)
            cluster["properties"] = properties
        }
    }

    private let state: Mutex<State>
    private let world: World
    private let kube: KubeDouble
    private let kubeconfig: String

    /// - Parameter kubeconfig: what ARM gives out for the cluster.
    package init(_ world: World, kube: KubeDouble, kubeconfig: String) throws(JSONError) {
        var start = State(
            cluster: try JSONValue(parsing: Array(world.clusterText().utf8)),
            vault: try JSONValue(parsing: Array(world.vaultText().utf8)))
        start.moveETag()
        state = Mutex(start)
        self.world = world
        self.kube = kube
        self.kubeconfig = kubeconfig
    }

    package func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    package func read<T: Sendable>(_ body: (State) -> T) -> T { state.withLock { body($0) } }

    package func withNewConnection() -> any HTTPTransport { self }

    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        await Task.yield()
        let address = request.url.dropFirst("https://".count)
        let host = String(address.prefix { $0 != "/" })
        let path = String(address.drop { $0 != "/" }.prefix { $0 != "?" })
        let answer = state.withLock { state -> HTTPResponse? in
            let what = "\(request.method.rawValue) \(path)"
            state.asked.append(what)
            if let credential = request.headers["Authorization"] { state.credentials.insert(credential) }
            if let instead = state.instead(&state, what) { return instead }
            if let refusal = Self.refusal(of: request, state) { return refusal }
            if host.hasPrefix("kv1.") { return door(what, &state) }
            switch what {
            case "GET \(clusterID)": return Self.json(200, state.shown(to: request))
            case "GET \(clusterList)": return Self.json(200, .object(["value": .array([state.shown(to: request)])]))
            case "PUT \(clusterID)": return put(request, &state)
            case "POST \(clusterID)/listClusterUserCredential": return credential
            case "GET /operation": return poll(&state)
            case "GET \(vaultID)": return Self.json(200, state.shownVault)
            case "PATCH \(vaultID)":
                state.patches.append(String(decoding: request.body, as: UTF8.self))
                state.vault = state.vault.merged((try? JSONValue(parsing: request.body)) ?? .object([:]))
                return Self.json(200, state.shownVault)
            case "GET \(vaultID)/keys/kms": return Self.json(200, state.shownKey)
            default:
                let isVersion = what.hasPrefix("GET \(vaultID)/keys/kms/versions/0000")
                return isVersion ? Self.json(200, state.shownKey) : nil
            }
        }
        if let answer { return answer }
        return try await world.arm.send(request)
    }

    /// As ARM words it (Azure/azure-cli#23985).
    private static func refusal(of request: HTTPRequest, _ state: State) -> HTTPResponse? {
        guard let newest = state.newestVersion, request.url.contains("Microsoft.ContainerService/managedClusters"),
            let version = version(of: request), version > newest
        else { return nil }
        return error(
            400, "NoRegisteredProviderFound",
            "No registered resource provider found. The supported api-versions are '2024-09-01, \(newest)'.")
    }

    fileprivate static func version(of request: HTTPRequest) -> String? {
        request.url.split(separator: "api-version=").last.map { String($0.prefix { $0 != "&" }) }
    }

    private var credential: HTTPResponse {
        Self.json(
            200, .object(["kubeconfigs": .array([.object(["name": .string("c"), "value": .string(kubeconfig)])])]))
    }

    private func door(_ what: String, _ state: inout State) -> HTTPResponse {
        guard state.vaultAccess == "Disabled" else {
            guard what.hasSuffix("/rotate") else { return Self.json(200, .object(["key": .object([:])])) }
            let made = state.makeVersion()
            let form = state.storedForm
            if state.isNew, !state.ignoresNewVersions { kube.change { $0.form = form } }
            return Self.json(200, .object(["key": .object(["kid": .string(made)])]))
        }
        let inner: JSONValue = .object(["code": .string("ForbiddenByConnection")])
        return Self.json(403, .object(["error": .object(["code": .string("Forbidden"), "innererror": inner])]))
    }

    private func put(_ request: HTTPRequest, _ state: inout State) -> HTTPResponse {
        if let match = request.headers["If-Match"], match != "\"etag-\(state.eTag)\"" {
            return Self.error(412, "PreconditionFailed")
        }
        guard state.pollsLeft == nil, let body = try? JSONValue(parsing: request.body) else {
            return Self.error(409, "OperationNotAllowed")
        }
        let security = body[path: "properties", "securityProfile"] ?? .object([:])
        if let refusal = state.refusal(of: security) { return refusal }
        state.puts.append(body)
        state.take(security)
        state.show("Updating")
        state.moveETag()
        state.pollsLeft = state.pollsOfAnOperation
        var answer = Self.json(200, state.cluster)
        answer.headers["Azure-AsyncOperation"] = "https://localhost:1/operation"
        return answer
    }

    private func poll(_ state: inout State) -> HTTPResponse {
        guard let left = state.pollsLeft else { return Self.json(200, .object(["status": .string("Succeeded")])) }
        guard left <= 0 else {
            state.pollsLeft = left - 1
            return Self.json(200, .object(["status": .string("InProgress")]))
        }
        state.pollsLeft = nil
        state.show("Succeeded")
        state.moveETag()
        let form = state.storedForm
        kube.change { $0.form = form }
        if !state.isNew, state.kms?["keyVaultNetworkAccess"]?.string == "Private" { state.connectPrivately() }
        return Self.json(200, .object(["status": .string("Succeeded")]))
    }

    package static func error(_ status: Int, _ code: String, _ message: String = "") -> HTTPResponse {
        json(status, .object(["error": .object(["code": .string(code), "message": .string(message)])]))
    }

    static func json(_ status: Int, _ object: JSONValue) -> HTTPResponse {
        HTTPResponse(status: status, body: object.bytes())
    }
}

extension AzureDouble.State {
    /// The cluster as a version shows it: `kubernetesResourceObjectEncryptionProfile` since 2026-07-01
    /// (azure-rest-api-specs).
    fileprivate func shown(to request: HTTPRequest) -> JSONValue {
        guard let version = AzureDouble.version(of: request), version < "2026-07-01" else { return cluster }
        var shown = cluster
        var properties = shown["properties"] ?? .object([:])
        var security = properties["securityProfile"] ?? .object([:])
        security["kubernetesResourceObjectEncryptionProfile"] = nil
        properties["securityProfile"] = security
        shown["properties"] = properties
        return shown
    }
}
