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
    private var cluster: Cluster? { world.clusterIndex(description.clusterID).map { world.clusters[$0] } }

    /// The version that it would find if it looked now; nil where there is none, or no newer one.
    private var unnoticedKey: String? {
        guard let cluster, cluster.usesNewKMS, cluster.isKMSOn, let key = KeyID(cluster.keyID), key.version.isEmpty,
            let newest = newestVersion(of: key), newest != noticedKey
        else { return nil }
        return newest
    }

    /// Lets it look at the key within its six hours. It would look without a reason, too, but would find nothing.
    func keyMayHaveChanged() {
        guard !controller.isNoticePending, unnoticedKey != nil else { return }
        controller.isNoticePending = true
        enqueue(.noticeKey)
    }

    /// - Parameter seconds: of Azure's, until it looks.
    func noticeKey(after seconds: Double) async throws {
        try await configuration.pace(seconds)
        controller.isNoticePending = false
        while let running = cluster?.operation, world.operations[running]?.ended == nil {
            try await configuration.sleep(0.05)
        }
        guard let newest = unnoticedKey, let cluster else { return }
        let path = newProfile(for: cluster).networkPath
        // A vault that it cannot reach, or a key that it cannot use, leaves the API servers with the old version.
        guard (try? await keyMaterial(keyID: newest, over: path)) != nil, newest == unnoticedKey else { return }
        noticedKey = newest
        await apply(newProfile(for: cluster), rollout())
        reach(.keyNoticed)
        startReencryption()
    }

    /// Begins to rewrite, or to rewrite once more; does nothing for the legacy KMS.
    func startReencryption() {
        guard cluster?.usesNewKMS == true, faults.holds(.controllerOff) == nil else { return }
        guard !controller.isRewriting else {
            controller.isAskedAgain = true
            return
        }
        controller.isRewriting = true
        enqueue(.reencrypt)
    }

    /// Rewrites until no Secret is refused any more, every minute (inferred).
    func reencrypt() async throws {
        defer { controller.isRewriting = false }
        if let late = faults.holds(.reencryptionLate) { try await configuration.pace(late.seconds(60)) }
        while faults.holds(.controllerOff) == nil {
            controller.isAskedAgain = false
            let isDone = await rewriteOnce()
            if isDone, !controller.isAskedAgain { return }
            if !isDone { try await configuration.pace(60) }
        }
    }

    /// One pass; whether there is nothing left to do for it.
    func rewriteOnce() async -> Bool {
        guard let backend else { return true }
        do {
            let outcome = try await backend.rewriteSecrets()
            controller.passes += 1
            controller.last = outcome
            controller.error = nil
            if outcome.refused == 0 { reach(.secretsRewritten) }
            return outcome.refused == 0
        } catch {
            controller.error = "\(error)"
            return error is CancellationError
        }
    }

    /// What `/sandbox/state` shows of it.
    var shownController: JSON {
        [
            "noticedKey": noticedKey.map { .string($0) } ?? nil, "isNoticePending": .bool(controller.isNoticePending),
            "isRewriting": .bool(controller.isRewriting), "passes": .int(controller.passes),
            "taken": .int(controller.last?.taken ?? 0), "refused": .int(controller.last?.refused ?? 0),
            "firstRefusal": controller.last?.firstRefusal.map { .string($0) } ?? nil,
            "error": controller.error.map { .string($0) } ?? nil,
        ]
    }

    /// A further version of the platform's key, which is rotated by the platform itself (AKS documentation,
    /// kms-data-encryption); when is not documented.
    private func rotatePlatformKey() async throws {
        guard let cluster, cluster.usesNewKMS, !cluster.isKMSOn else {
            throw AzureError.arm(409, "NoPlatformKey", "The cluster does not use the platform's key.")
        }
        controller.platformKeys += 1
        await apply(newProfile(for: cluster), rollout())
        reach(.keyNoticed)
        startReencryption()
    }

    /// `{"notice": true}` lets it look at the key now, `{"rewrite": true}` makes it rewrite once more, and
    /// `{"rotatePlatformKey": true}` is what its name says.
    func controllerOrder(_ request: Request) async throws -> Answer {
        let body = try request.json()
        if body["notice"]?.bool == true { try await noticeKey(after: 0) }
        if body["rotatePlatformKey"]?.bool == true { try await rotatePlatformKey() }
        if body["rewrite"]?.bool == true { startReencryption() }
        return Answer(200, shownController)
    }
}
