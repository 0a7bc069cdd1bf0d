package import ModeSwitch
package import SecretRewrite

/// What happens during a run, for whoever shows it. Nothing here is a result: results are values of their own.
package enum RunEvent: Sendable {
    /// Work outside of a run goes on, such as preflight: a log names it although it may have nothing to count.
    case began
    /// A decision was taken.
    case step(Step, SecretsAtRest)
    /// ARM works on the cluster: the stage as ARM names it, seconds since it began, trouble with polling if any.
    case operation(stage: String?, elapsed: Double, trouble: String?)
    /// API servers are sampled: samples so far, the row that is wanted, whether the newest was of the new form.
    case sampling(done: Int, streak: Int, wanted: Int, isNew: Bool)
    case pass(RewritePurpose, PassProgress)
    /// Admission is asked about every Secret, while the API servers are sampled.
    case admission(PassProgress)
    /// Kubernetes' own controller writes all objects of a resource: the message of its condition, seconds since it was
    /// asked.
    case migration(resource: String, message: String, elapsed: Double)
    /// One Secret was not rewritten; `detail` is the server's own text and is kept nowhere.
    case secretFailed(SecretFailure, detail: String)
    /// The watch after the vault was closed: seconds done and wanted, writes that succeeded.
    case soaking(elapsed: Double, wanted: Double, writes: Int)
    /// Something that a person should know, in words.
    case note(String)
    case warning(String)
    /// One line for `-v`: an HTTP exchange or a decision's reason, redacted.
    case trace(level: Int, String)
}

/// Takes events as they come. Must not block for long: it is called on the run's own tasks.
package protocol EventSink: Sendable {
    func take(_ event: RunEvent)
}

/// Shows the events of one piece of work, until it is over.
package protocol ProgressView: EventSink {
    /// Keeps what changes with time alone up to date, until the task is cancelled.
    func keepDrawing() async
    /// Takes away what is not to stay.
    func end()
}
