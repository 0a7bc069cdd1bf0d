import Synchronization

/// All programs that one cluster has started, so that none is forgotten whatever failed in between.
final class ChildGroup: Sendable {
    private let children = Mutex<[ChildProcess]>([])

    /// Starts `path` with both outputs appended to the file `log`.
    func start(_ path: String, _ arguments: [String], log: String) async throws -> ChildProcess {
        let child = try await ChildProcess.start(path, arguments, log: log)
        children.withLock { children in
            children.removeAll(where: \.hasEnded)
            children.append(child)
        }
        return child
    }

    /// Kills what still runs, and returns when all have ended.
    func killAll() async {
        let children = self.children.withLock { children in
            defer { children = [] }
            return children
        }
        await withTaskGroup(of: Void.self) { group in
            for child in children { group.addTask { await child.terminate(grace: .zero) } }
        }
    }
}
