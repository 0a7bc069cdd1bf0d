import Azure
package import JSON
import Text

/// The URL at which an asynchronous operation is observed: signed, about 3 KB, sent as it came and shown nowhere.
package struct OperationURL: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// For the next request, and for a journal of mode 0600; never for a log.
    package let verbatim: String

    package init(verbatim: String) { self.verbatim = verbatim }

    /// The operation's name, which is no secret: the last part of the path, before the signed query.
    package var operationID: String {
        let path = verbatim.prefix { $0 != "?" && $0 != "#" }
        return path.split(separator: "/").last.map { String($0).onOneLine(limit: 64) } ?? ""
    }

    package var description: String { "OperationURL(\(Origin(ofHTTPS: verbatim)?.description ?? "not a URL"))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What an operation's URL answers.
package struct OperationStatus: Sendable, Hashable {
    /// How far it is.
    package enum Phase: Sendable, Hashable {
        /// `InProgress`, or one of the stages that AKS names: `ProvisioningControlPlane`, `ReconcilingDNS`, ...
        case running(stage: String)
        case succeeded
        case failed(ARMError)
        case canceled(ARMError)
    }

    /// How far it is.
    package let phase: Phase

    /// Reads a status. Only `succeeded`, `failed` and `canceled`, in any case, are final; `endTime` says nothing, for
    /// it is present while operations still run.
    package init(_ document: JSONValue) throws(JSONError) {
        guard let status = document["status"]?.string, !status.isEmpty else {
            throw JSONError("the operation has no status")
        }
        let error = ARMError(errorObject: document["error"], action: "the operation")
        switch status.lowercased() {
        case "succeeded": phase = .succeeded
        case "failed": phase = .failed(error)
        case "canceled", "cancelled": phase = .canceled(error)
        default: phase = .running(stage: status.onOneLine(limit: 64))
        }
    }
}

/// How an operation ended, as far as is known.
package enum OperationOutcome: Sendable, Hashable {
    case succeeded
    case failed(ARMError)
    case canceled(ARMError)
    /// ARM no longer knows the operation: the resource itself tells what became of it.
    case gone
    case unknown(OperationDoubt)
}

/// Why it is not known how an operation ended.
package enum OperationDoubt: Sendable, Hashable, CustomStringConvertible {
    case timedOut(seconds: Double)
    case interrupted
    /// Its answers were not what ARM documents, several times in a row.
    case unreadable(String)
    /// ARM refused to tell.
    case refused(ARMError)

    package var description: String {
        switch self {
        case .timedOut(let seconds): "it did not end within \(Int(seconds)) s"
        case .interrupted: "the wait was interrupted"
        case .unreadable(let why): "its status could not be read: \(why)"
        case .refused(let error): "its status could not be asked for: \(error)"
        }
    }
}

/// What a wait tells while it goes on.
package struct OperationProgress: Sendable, Hashable {
    /// The stage that Azure names; nil before the first answer.
    package let stage: String?
    /// Seconds since the wait began.
    package let elapsed: Double
    /// The trouble of the last poll, if it had any.
    package let trouble: String?
}
