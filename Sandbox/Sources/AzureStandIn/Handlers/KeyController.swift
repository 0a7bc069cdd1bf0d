import ClusterModel

/// What the controller of the newer experience has done.
struct KeyController: Sendable {
    var isNoticePending = false
    var isRewriting = false
    /// Asked for while it was rewriting.
    var isAskedAgain = false
    /// Passes over all Secrets since the start.
    var passes = 0
    var last: SecretRewrite?
    var error: String?
    /// How many versions the platform's key has had.
    var platformKeys = 1

    var platformKeyID: String { StandIn.platformKeyID + (platformKeys > 1 ? "/\(platformKeys)" : "") }
}

/// The controller that follows a customer's key and re-encrypts by itself ("the platform handles this automatically",
/// AKS documentation, kms-data-encryption).
extension StandIn {
    private func cluster(_ id: ResourceID) -> Cluster? { world.clusterIndex(id).map { world.clusters[$0] } }

    private func change(_ id: ResourceID, _ body: (inout KeyController) -> Void) {
        body(&planes[id, default: ControlPlane()].controller)
    }

    /// The version that it would find if it looked now; nil where there is none, or no newer one.
    private func unnoticedKey(_ id: ResourceID) -> String? {
        guard let cluster = cluster(id), cluster.usesNewKMS, cluster.isKMSOn, let key = KeyID(cluster.keyID),
            key.version.isEmpty, let newest = newestVersion(of: key), newest != plane(id).noticedKey
        else { return nil }
        return newest
    }

    /// Lets it look at the key within its six hours. It would look without a reason, too, but would find nothing.
    func keyMayHaveChanged() {
        for id in planes.keys where !plane(id).controller.isNoticePending && unnoticedKey(id) != nil {
            change(id) { $0.isNoticePending = true }
            enqueue(.noticeKey(id))
        }
    }

    /// - Parameter seconds: of Azure's, until it looks.
    func noticeKey(of id: ResourceID, after seconds: Double) async throws {
        try await configuration.pace(seconds)
        change(id) { $0.isNoticePending = false }
        while let running = cluster(id)?.operation, world.operations[running]?.ended == nil {
            try await configuration.sleep(0.05)
        }
        guard let newest = unnoticedKey(id), let cluster = cluster(id) else { return }
        let path = newProfile(for: cluster).networkPath
        // A vault that it cannot reach, or a key that it cannot use, leaves the API servers with the old version.
        guard (try? keyMaterial(keyID: newest, over: path, to: .encrypt, for: id)) != nil,
            newest == unnoticedKey(id)
        else { return }
        planes[id, default: ControlPlane()].noticedKey = newest
        await apply(newProfile(for: cluster), rollout(id), to: id)
        reach(.keyNoticed, of: id)
        startReencryption(id)
    }

    /// Begins to rewrite, or to rewrite once more; does nothing for the legacy KMS.
    func startReencryption(_ id: ResourceID) {
        guard cluster(id)?.usesNewKMS == true, faults.holds(.controllerOff, at: .cluster(id)) == nil else { return }
        guard !plane(id).controller.isRewriting else { return change(id) { $0.isAskedAgain = true } }
        change(id) { $0.isRewriting = true }
        enqueue(.reencrypt(id))
    }

    /// Rewrites until no Secret is refused any more, every minute (inferred).
    func reencrypt(_ id: ResourceID) async throws {
        defer { change(id) { $0.isRewriting = false } }
        if let late = faults.holds(.reencryptionLate, at: .cluster(id)) {
            try await configuration.pace(late.seconds(60))
        }
        while faults.holds(.controllerOff, at: .cluster(id)) == nil {
            change(id) { $0.isAskedAgain = false }
            let isDone = await rewriteOnce(id)
            if isDone, !plane(id).controller.isAskedAgain { return }
            if !isDone { try await configuration.pace(60) }
        }
    }

    /// One pass; whether there is nothing left to do for it.
    func rewriteOnce(_ id: ResourceID) async -> Bool {
        guard let backend = plane(id).backend else { return true }
        do {
            let outcome = try await backend.rewriteSecrets()
            change(id) {
                $0.passes += 1
                $0.last = outcome
                $0.error = nil
            }
            if outcome.refused == 0 { reach(.secretsRewritten, of: id) }
            return outcome.refused == 0
        } catch {
            change(id) { $0.error = "\(error)" }
            return error is CancellationError
        }
    }

    /// What `/sandbox/state` shows of it.
    func shownController(_ id: ResourceID) -> JSON {
        let (noticedKey, controller) = (plane(id).noticedKey, plane(id).controller)
        return [
            "noticedKey": noticedKey.map { .string($0) } ?? nil, "isNoticePending": .bool(controller.isNoticePending),
            "isRewriting": .bool(controller.isRewriting), "passes": .int(controller.passes),
            "taken": .int(controller.last?.taken ?? 0), "refused": .int(controller.last?.refused ?? 0),
            "firstRefusal": controller.last?.firstRefusal.map { .string($0) } ?? nil,
            "error": controller.error.map { .string($0) } ?? nil,
        ]
    }

    /// A further version of the platform's key, which is rotated by the platform itself (AKS documentation,
    /// kms-data-encryption); when is not documented.
    private func rotatePlatformKey(_ id: ResourceID) async throws {
        guard let cluster = cluster(id), cluster.usesNewKMS, !cluster.isKMSOn else {
            throw AzureError.arm(409, "NoPlatformKey", "The cluster does not use the platform's key.")
        }
        change(id) { $0.platformKeys += 1 }
        await apply(newProfile(for: cluster), rollout(id), to: id)
        reach(.keyNoticed, of: id)
        startReencryption(id)
    }

    /// `{"notice": true}` lets it look at the key now, `{"rewrite": true}` makes it rewrite once more, and
    /// `{"rotatePlatformKey": true}` is what its name says.
    func controllerOrder(_ request: Request) async throws -> Answer {
        let body = try request.json()
        let id = try clusterID(named: request.parameter("cluster"))
        if body["notice"]?.bool == true { try await noticeKey(of: id, after: 0) }
        if body["rotatePlatformKey"]?.bool == true { try await rotatePlatformKey(id) }
        if body["rewrite"]?.bool == true { startReencryption(id) }
        return Answer(200, shownController(id))
    }
}
