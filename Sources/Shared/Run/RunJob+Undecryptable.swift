import Azure
import Connections
import Console
import KubeAPI
import ModeSwitch
import Report
import SecretRewrite
import Text

/// What became of Secrets that an earlier run could not decrypt: there are two ways out, and only looking tells which
/// was taken.
enum UndecryptableFate: Sendable, Hashable {
    /// It is there, and passes a dry run: its key was brought back, unless somebody made it anew under its name.
    case broughtBack
    /// It is there no more: it was deleted.
    case deleted
    /// It is there, and this run could not decrypt it either.
    case still
}

/// A Secret that an earlier report names.
struct FormerlyUndecryptable: Sendable, Hashable {
    let namespace: String
    let name: String
    let runID: String

    /// A sentence for the report.
    func sentence(_ fate: UndecryptableFate) -> String {
        let which = "\(namespace.printable(limit: 100))/\(name.printable(limit: 260))"
        let run = "run \(runID.printable(limit: 64)) could not decrypt"
        return switch fate {
        case .broughtBack:
            "The Secret \(which), which \(run), can be read: its key was brought back, or it was made anew."
        case .deleted: "The Secret \(which), which \(run), is gone: it was deleted."
        case .still: "The Secret \(which), which \(run), still cannot be decrypted."
        }
    }
}

/// Those that the newest report with a pass names, at most 200: what an older one names was told of in that report.
///
/// - Parameter reports: of this machine, the oldest first. What the cluster keeps is no evidence: others may write it.
func formerlyUndecryptable(_ reports: [RunReport]) -> [FormerlyUndecryptable] {
    guard let last = reports.last(where: { !$0.passes.isEmpty }) else { return [] }
    return last.failures.prefix(200).compactMap { failure in
        guard failure.outcome == .undecryptable, let name = failure.name else { return nil }
        return FormerlyUndecryptable(namespace: failure.namespace, name: name, runID: last.runID)
    }
}

/// That a report left out names of which nothing can be told here; nil where it left out none.
///
/// - Parameter reports: as above.
func leftOut(_ reports: [RunReport]) -> String? {
    guard let last = reports.last(where: { !$0.passes.isEmpty }), let omitted = last.failuresOmitted, omitted > 0,
        last.passes.last?.failures[.undecryptable, default: 0] ?? 0 > 0
    else { return nil }
    return
        "Run \(last.runID.printable(limit: 64)) could not rewrite \(omitted) more, which its report does not name: what "
        + "became of those is not told here."
}

extension RunJob {
    /// What became of the Secrets that the last run of this machine could not decrypt, a sentence each.
    ///
    /// - Parameter failures: what the pass of this run could not rewrite.
    func fates(_ failures: [SecretFailure]) async -> [String] {
        let reports = ((try? archive.reports())?.reports ?? []).map(\.report).filter {
            $0.cluster == subject.clusterID.description && $0.runID != runID
        }
        let undecryptable = failures.filter { $0.outcome == .undecryptable }
        let bad = Set(undecryptable.compactMap { failure in failure.name.map { "\(failure.namespace)/\($0)" } })
        let store = KubeSecretStore(subject.kube.with(.brief).client)
        var sentences: [String] = []
        for former in formerlyUndecryptable(reports) {
            if bad.contains("\(former.namespace)/\(former.name)") {
                sentences.append(former.sentence(.still))
                continue
            }
            do throws(StoreFailure) {
                _ = try await store.touch(former.name, in: former.namespace, dryRun: true)
                sentences.append(former.sentence(.broughtBack))
            } catch {
                // What cannot be told is not said.
                if case .gone = error { sentences.append(former.sentence(.deleted)) }
            }
        }
        return sentences + [leftOut(reports)].compactMap(\.self)
    }
}
