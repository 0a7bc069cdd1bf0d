package import JSON
import ModeSwitch
import Report
import SecretRewrite
import Text

extension RunEvent {
    /// The event as one object for programs, with `event` naming its kind; member names are a contract, texts are not.
    ///
    /// - Parameters:
    ///   - title: the step's title, where the event begins one (`ProgressState.title` after it was applied).
    ///   - now: seconds since 1970.
    package func document(title: String?, now: Double) -> JSONValue {
        var members = members
        if beginsSomething, let title { members["title"] = .string(title) }
        if let time = rfc3339(now) { members["at"] = .string(time) }
        return .object(members)
    }

    private var beginsSomething: Bool {
        switch self {
        case .began, .step: true
        default: false
        }
    }

    private var members: [String: JSONValue] {
        switch self {
        case .began: ["event": .string("began")]
        case .step(_, let atRest): ["event": .string("step"), "secretsAtRest": .string(atRest.rawValue)]
        case .operation(let stage, let elapsed, let trouble):
            [
                "event": .string("operation"), "elapsed": number(elapsed), "stage": string(stage),
                "trouble": string(trouble),
            ]
        case .sampling(let done, let streak, let wanted, let isNew):
            [
                "event": .string("sampling"), "done": integer(done), "streak": integer(streak),
                "wanted": integer(wanted), "isNew": .bool(isNew),
            ]
        case .pass(let purpose, let progress): passMembers(purpose.rawValue, progress)
        case .admission(let progress): passMembers("admission", progress)
        case .migration(let resource, let message, let elapsed):
            [
                "event": .string("migration"), "resource": string(resource), "message": string(message),
                "elapsed": number(elapsed),
            ]
        case .secretFailed(let failure, let detail):
            [
                "event": .string("secretFailed"), "namespace": .string(failure.namespace), "name": string(failure.name),
                "outcome": .string(failure.outcome.rawValue), "cause": .string(failure.cause),
                "detail": .string(detail.printable()),
            ]
        case .soaking(let elapsed, let wanted, let writes):
            [
                "event": .string("soaking"), "elapsed": number(elapsed), "wanted": number(wanted),
                "writes": integer(writes),
            ]
        case .note(let text): ["event": .string("note"), "text": .string(text)]
        case .warning(let text): ["event": .string("warning"), "text": .string(text)]
        case .trace(let level, let text):
            ["event": .string("trace"), "level": integer(level), "text": .string(text)]
        }
    }

    private func passMembers(_ purpose: String, _ progress: PassProgress) -> [String: JSONValue] {
        [
            "event": .string("pass"), "purpose": .string(purpose), "done": integer(progress.done),
            "total": progress.total.map(integer) ?? .null, "notRewritten": integer(progress.counts.bad),
            "rate": progress.rate.map(number) ?? .null,
            "remaining": progress.remaining.map(number) ?? .null, "trouble": string(progress.trouble),
        ]
    }
}

private func string(_ text: String?) -> JSONValue { text.map { .string($0.printable()) } ?? .null }

/// JSON has no infinity, and one such member must not cost the rest.
private func number(_ value: Double) -> JSONValue { value.isFinite ? .double(value) : .null }

private func integer(_ number: Int) -> JSONValue { .integer(Int64(number)) }

/// A document as one line of JSON with its line break, safe to show in a terminal.
package func jsonLine(_ document: JSONValue) -> String { text(of: document, pretty: false) }
