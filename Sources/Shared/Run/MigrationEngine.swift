import Connections
import HTTP
import KubeAPI
import Report
import SecretRewrite

/// Has Kubernetes' own controller write all objects of a resource, and watches it.
struct MigrationEngine: Sendable {
    /// How it ended. Our own object is gone again, as far as the API server let us delete it.
    enum End: Sendable, Hashable {
        /// The controller says that each object of before its checkpoint was sent a write.
        case succeeded
        /// Why it came to nothing.
        case givenUp(String)
        case interrupted
    }

    let api: StorageMigrations
    let runID: String
    /// Multiplies waits.
    let scale: Double
    /// Seconds.
    let sleep: @Sendable (Double) async -> Void
    let interrupted: @Sendable () -> Bool
    /// Monotonic seconds.
    let now: @Sendable () -> Double
    let sink: any EventSink

    /// - Parameter objects: how many there are of the resource, about; nil where nobody could count them.
    func migrate(_ resource: MigratedResource, objects: Int?) async -> End {
        let limits = MigrationWatch.Limits(objects: objects, scale: scale)
        let end: End
        do throws(KubeError) {
            guard try await api.areServed() else {
                return .givenUp("this cluster does not serve storagemigration.k8s.io/v1")
            }
            await clear()
            if let early = try await waitForOthers(resource, limits) {
                end = early
            } else {
                end = await watch(try await api.create(resource, runID: runID), limits)
            }
        } catch {
            end = .givenUp("\(error)")
        }
        await clear()
        return end
    }

    /// Those of others go first: the controller works on one of a resource at a time.
    ///
    /// - Returns: nil when there is none any more.
    private func waitForOthers(
        _ resource: MigratedResource, _ limits: MigrationWatch.Limits
    ) async throws(KubeError) -> End? {
        let watch = MigrationWatch(limits, startedAt: now())
        var told = false
        while !interrupted() {
            let others = try await api.all().filter { $0.runID == nil && $0.resource == resource }
            switch watch.judgeOthers(others, now: now()) {
            case .succeeded: return nil
            case .givenUp(let why): return .givenUp(why)
            case .wait: break
            }
            if !told { sink.take(.note("waiting for the storage version migration of others of \(resource)")) }
            told = true
            await pause()
        }
        return .interrupted
    }

    private func watch(_ migration: Migration, _ limits: MigrationWatch.Limits) async -> End {
        let start = now()
        let watch = MigrationWatch(limits, startedAt: start)
        while !interrupted() {
            let verdict: MigrationWatch.Verdict
            do throws(KubeError) {
                let found = try await api.get(migration)
                let message = found?.message ?? ""
                sink.take(.migration(resource: "\(migration.resource)", message: message, elapsed: now() - start))
                verdict = watch.judge(found, now: now())
            } catch {
                verdict = watch.cannotLook("\(error)", now: now())
            }
            switch verdict {
            case .succeeded: return .succeeded
            case .givenUp(let why): return .givenUp(why)
            case .wait: await pause()
            }
        }
        return .interrupted
    }

    private func pause() async { await sleep(max(2 * scale, 0.05)) }

    /// Deletes what is ours, also of a run that was killed: the lock says that no other run is active.
    private func clear() async {
        for left in (try? await api.all()) ?? [] where left.runID != nil { try? await api.delete(left) }
    }
}

extension RunJob {
    func makeEngine(runID: String, sink: any EventSink) -> MigrationEngine {
        MigrationEngine(
            api: StorageMigrations(subject.kube.client), runID: runID, scale: surroundings.timeScale,
            sleep: { [interruptions] in await interruptions.sleep($0) },
            interrupted: { [interruptions] in interruptions.reason != nil }, now: surroundings.time.monotonic,
            sink: sink)
    }
}
