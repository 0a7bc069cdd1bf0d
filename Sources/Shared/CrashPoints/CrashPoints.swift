#if CRASH_POINTS
    import Platform
    import Synchronization

    /// The points of one process, and the one effect: a signal to itself.
    package final class CrashPoints: Sendable {
        private let plan: Mutex<CrashPlan>
        /// Appended to at every passage; -1 for none.
        private let log: Int32

        /// - Parameter logPath: the file that gets a line for every passage.
        package init(plan: CrashPlan, logPath: String?) {
            self.plan = Mutex(plan)
            log = logPath.map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) } ?? -1
        }

        /// Those that the environment names; nil when it names none. A misspelt one ends the process with exit code 2.
        package static func named(in environment: [String: String]) -> CrashPoints? {
            let variables = ["KMS_VAULT_CRASH_AT", "KMS_VAULT_STOP_AT", "KMS_VAULT_CRASH_LOG"]
            guard variables.contains(where: { environment[$0]?.isEmpty == false }) else { return nil }
            guard let plan = CrashPlan(environment: environment) else {
                let text = "KMS_VAULT_CRASH_AT and KMS_VAULT_STOP_AT are written NAME#NUMBER\n"
                _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
                exit(2)
            }
            return CrashPoints(plan: plan, logPath: environment["KMS_VAULT_CRASH_LOG"])
        }

        /// Passes a point: logs it, and does not return where the plan says kill.
        package func pass(_ name: String) {
            let blow = plan.withLock { plan in
                let (passage, blow) = plan.pass(name)
                if log >= 0 { _ = "\(passage)\n".withCString { write(log, $0, strlen($0)) } }
                return blow
            }
            switch blow {
            case .kill: kill(getpid(), SIGKILL)
            // To this thread: sent to the process, another thread may take it while this one goes on.
            case .stop: raise(SIGSTOP)
            case nil: break
            }
        }
    }

#endif
