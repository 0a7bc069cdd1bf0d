import ClusterModel
import Foundation

/// Answers requests as the replica on which a connection ended up.
struct ClusterAPI: Sendable {
    let storage: Storage
    let faults: Faults
    let options: ClusterOptions
    let users: ClusterUsers
    /// Who is asked about other tokens; nil where there is nobody.
    let reviewer: (any TokenReviewer)?
    let discovery: Discovery

    func answer(_ request: APIRequest, on replica: Replica) async -> APIResponse {
        let target = RequestTarget(request)
        do {
            while options.clock.now() < faults.silentUntil { try await options.clock.sleep(seconds: 0.02) }
            let user = try await authenticate(request)
            let action = faults.action(for: target, isAdmin: user.isAdmin, now: options.clock.now())
            if let action { try await refuse(action, request, target) }
            if !user.isAdmin, let seconds = faults.throttle(now: options.clock.now()) {
                throw APIStatus.tooManyRequests(retryAfter: seconds)
            }
            if case .drop? = action {
                var response = APIResponse(text: "")
                response.ending = .drop
                return response
            }
            let response: APIResponse
            do {
                response = try await serve(request, target, user, replica)
            } catch let status as APIStatus {
                response = APIResponse(status)
            }
            return finish(response, action)
        } catch let status as APIStatus {
            return APIResponse(status)
        } catch {
            return APIResponse(.internalError(String(describing: error)))
        }
    }

    private func authenticate(_ request: APIRequest) async throws -> User {
        guard let header = request.headers["authorization"], header.lowercased().hasPrefix("bearer ") else {
            throw APIStatus.unauthorized
        }
        let token = String(header.dropFirst(7)).trimmingCharacters(in: .whitespaces)
        if let user = users.user(ofToken: token) { return user }
        guard let reviewed = await reviewer?.user(ofToken: token) else { throw APIStatus.unauthorized }
        return User(name: reviewed.name, isAdmin: false)
    }

    /// The faults that answer in place of the server, or hold the request up.
    private func refuse(_ action: FaultRule.Action, _ request: APIRequest, _ target: RequestTarget) async throws {
        switch action {
        case .throttle(let seconds): throw APIStatus.tooManyRequests(retryAfter: seconds)
        case .storageInitializing:
            throw APIStatus(
                code: 429, reason: "TooManyRequests", message: "storage is (re)initializing",
                details: ["retryAfterSeconds": 1], headers: ["retry-after": "1"])
        case .unauthorized: throw APIStatus.unauthorized
        case .unavailable(let seconds):
            throw APIStatus.unavailable(
                "the server is currently unable to handle the request", retryAfter: seconds)
        case .status(let code, let reason, let message): throw APIStatus(code: code, reason: reason, message: message)
        case .webhookTimeout(let name):
            throw APIStatus.internalError(
                "failed calling webhook \"\(name)\": failed to call webhook: Post \"https://webhook.\(name)"
                    + ".svc:443/validate?timeout=10s\": context deadline exceeded")
        case .etcdOutage:
            // Errors that the API server does not know have no reason (seen as "Error from server: etcdserver: …").
            let isEven = faults.nextStamp().isMultiple(of: 2)
            throw APIStatus(
                code: 500, reason: "",
                message: isEven ? "etcdserver: leader changed" : "etcdserver: request timed out")
        case .expireContinue(let hasToken):
            let token = try request.query["continue"].map(ContinueToken.init(text:))
            throw ResourceAPI.expired(token, continuing: hasToken, now: options.clock.now())
        case .delay(let seconds): try await options.clock.sleep(seconds: seconds)
        case .drip, .drop, .loseAnswer, .truncate, .goAway: break
        }
    }

    private func finish(_ response: APIResponse, _ action: FaultRule.Action?) -> APIResponse {
        var response = response
        switch action {
        case .loseAnswer?: response.ending = .drop
        case .truncate?: response.ending = .truncate
        case .goAway?: response.ending = .goAway
        case .drip(let seconds)?: response.drip = seconds
        default: break
        }
        return response
    }

    private func serve(
        _ request: APIRequest, _ target: RequestTarget, _ user: User, _ replica: Replica
    ) async throws -> APIResponse {
        try authorize(target, user)
        if let kind = target.kind, kind != .storageVersionMigrations || options.servesMigrations {
            if kind == .validatingWebhooks || kind == .mutatingWebhooks { try syncWebhooks(kind) }
            return try await ResourceAPI(
                request: request, target: target, kind: kind,
                objects: ObjectAccess(
                    storage: storage, transformers: replica.transformers, clock: options.clock,
                    namesCorruptObjects: options.namesCorruptObjects),
                admission: Admission(webhooks: faults.webhooks, stamp: { faults.nextStamp() }), clock: options.clock,
                continueLifetime: 300 * options.timeScale, takesApply: options.servesMigrations
            ).serve()
        }
        if request.path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", request.method == "POST" {
            return APIResponse(try review(request, user), status: 201)
        }
        if request.path == "/apis/authentication.k8s.io/v1/selfsubjectreviews", request.method == "POST" {
            return APIResponse(Self.selfReview(user), status: 201)
        }
        guard request.method == "GET" else { throw APIStatus.noSuchPath }
        switch request.path {
        case "/livez", "/healthz": return Health.livez()
        case "/readyz": return Health.readyz(replica, isVerbose: request.query["verbose"] != nil)
        case "/metrics":
            var response = APIResponse(text: Metrics.text(replica, hasIdentity: options.hasAPIServerIdentity))
            response.headers = [("content-type", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
            return response
        case "/openapi/v2":
            return APIResponse(
                status: 200, contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
                body: Protobuf.emptyOpenAPI)
        default:
            guard let document = discovery.document(path: request.path) else { throw APIStatus.noSuchPath }
            return APIResponse(document)
        }
    }

    private func authorize(_ target: RequestTarget, _ user: User) throws {
        guard !user.isAdmin else { return }
        let verb = target.kind == nil && target.verb == "list" ? "get" : target.verb
        let isGiven =
            target.kind.map { user.may(verb, $0.plural, namespace: target.namespace, name: target.name) }
            ?? user.mayReach(path: target.path, verb: verb)
        guard !isGiven || faults.denials.contains(where: { target.matches($0) }) else { return }
        guard let kind = target.kind else {
            throw APIStatus(
                code: 403, reason: "Forbidden",
                message: "forbidden: User \"\(user.name)\" cannot \(target.verb == "list" ? "get" : target.verb) path "
                    + "\"\(target.path)\"")
        }
        throw APIStatus.forbidden(
            kind, target.name ?? "", user: user.name, verb: target.verb, namespace: target.namespace)
    }

    /// Who asks (authentication.k8s.io/v1 SelfSubjectReview; pkg/registry/authentication/selfsubjectreview/rest.go).
    private static func selfReview(_ user: User) -> JSON {
        let groups: [JSON] = user.isAdmin ? ["system:masters", "system:authenticated"] : ["system:authenticated"]
        return [
            "kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
            "status": ["userInfo": ["username": .string(user.name), "groups": .array(groups)]],
        ]
    }

    private func review(_ request: APIRequest, _ user: User) throws -> JSON {
        var review = try request.object(of: "SelfSubjectAccessReview")
        guard let spec = review["spec"]?.object else { throw APIStatus.badRequest("spec is missing") }
        var isDenied: Bool
        if let path = spec["nonResourceAttributes"]?["path"]?.string {
            isDenied = faults.denials.contains { $0.path == path }
            let verb = spec["nonResourceAttributes"]?["verb"]?.string ?? "get"
            isDenied = isDenied || !user.mayReach(path: path, verb: verb)
        } else if let attributes = spec["resourceAttributes"] {
            let namespace = attributes["namespace"]?.string ?? ""
            isDenied = faults.denials.contains {
                RequestTarget.matches(
                    $0, verb: attributes["verb"]?.string ?? "", resource: attributes["resource"]?.string ?? "",
                    namespace: namespace.isEmpty ? nil : namespace)
            }
            let name = attributes["name"]?.string ?? ""
            isDenied =
                isDenied
                || !user.may(
                    attributes["verb"]?.string ?? "", attributes["resource"]?.string ?? "",
                    namespace: namespace.isEmpty ? nil : namespace, name: name.isEmpty ? nil : name)
        } else {
            throw APIStatus.badRequest("exactly one of nonResourceAttributes or resourceAttributes must be specified")
        }
        let isAllowed = user.isAdmin || !isDenied
        review["kind"] = "SelfSubjectAccessReview"
        review["apiVersion"] = "authorization.k8s.io/v1"
        review["status"] = ["allowed": .bool(isAllowed)]
        if isAllowed { review["status"]?["reason"] = "RBAC: allowed by ClusterRoleBinding \"cluster-admin\"" }
        return review
    }

    /// Stores the webhooks that are in force as the objects that describe them.
    private func syncWebhooks(_ kind: ResourceKind) throws {
        let page = storage.page(kind, namespace: nil, from: nil, limit: nil, createdBy: nil)
        let mine = faults.webhooks.filter { $0.isMutating == (kind == .mutatingWebhooks) }
        let wanted = Admission(webhooks: mine).configurations { objectTemplate(kind, name: $0) }
        let names = Set(wanted.compactMap { $0[path: "metadata", "name"]?.string })
        for (key, value) in page.items where !names.contains(key) { _ = storage.delete(kind, key, at: value.modified) }
        storage.insert(
            kind,
            wanted.compactMap { object in
                object[path: "metadata", "name"]?.string.map { ($0, object.encoded()) }
            })
    }

    /// A new object's kind and metadata.
    func objectTemplate(_ kind: ResourceKind, namespace: String? = nil, name: String) -> JSON {
        var metadata: [String: JSON] = [
            "name": .string(name), "uid": .string(UUID().uuidString.lowercased()),
            "creationTimestamp": .string(timestamp(options.clock.now())),
        ]
        if let namespace { metadata["namespace"] = .string(namespace) }
        return ["apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind), "metadata": .object(metadata)]
    }
}
