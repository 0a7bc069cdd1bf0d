import FoundationEssentials
import JSON
package import ModeSwitch
import Text

/// What a run leaves for the next: its intent and its receipts. Never a phase, never a credential, never a Secret's
/// data.
package struct SwitchRecord: Sendable, Codable, Hashable {
    /// The only layout that this version reads.
    package static let currentVersion = 2
    /// Bytes beyond which a record is not read: ten times the largest that a cluster of 5,000 namespaces makes.
    package static let largest = 16 << 20
    /// The most saves that a record names: where the cluster cannot be reached, each may be the one that it got last.
    package static let mostEarlier = 16
    /// Bytes of a save's name, at most: what others wrote is carried on in our own records.
    private static let longestName = 64

    package var version = SwitchRecord.currentVersion
    package var intent: Intent
    package var receipts: Receipts
    /// The name of this save: each has another. Older versions wrote none.
    package var save: String?
    /// Earlier saves by the same process or by those that it went on from, one of which the cluster may still show: a
    /// process that ends between its two places leaves them one save apart.
    package var earlier: [String]?

    package init(intent: Intent, receipts: Receipts) {
        self.intent = intent
        self.receipts = receipts
    }

    /// Whether the run that wrote it has changed something, or tried to, and still has something to do. One that was
    /// refused before its first change stands in nobody's way.
    package var isUnfinished: Bool { receipts.hasBegun && !receipts.completed }

    /// Whether another record is a save that this one came after, by the same hands.
    package func cameAfter(_ other: SwitchRecord) -> Bool {
        guard let save = other.save, other.intent.runID == intent.runID else { return false }
        return earlier?.contains(save) == true
    }

    private var savesAreWithinBounds: Bool {
        let names = (earlier ?? []) + [save].compactMap(\.self)
        return names.count <= Self.mostEarlier + 1 && names.allSatisfy { $0.utf8.count <= Self.longestName }
    }

    /// The copy for the cluster, without the namespaces that interrupted passes had finished: a ConfigMap takes 1 MiB
    /// (kubernetes/kubernetes, pkg/apis/core, MaxSecretSize), and what it claims is never believed.
    package var forCluster: SwitchRecord {
        var copy = self
        copy.receipts = receipts.withoutFinished
        return copy
    }

    package func bytes() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }

    /// Reads a record.
    ///
    /// - Parameter source: what people know the bytes as, for the error.
    package init(parsing bytes: [UInt8], source: String) throws(JournalError) {
        guard let document = try? JSONValue(parsing: bytes), let version = document["version"]?.integer else {
            throw JournalError(.damaged, source: source)
        }
        guard version == Int64(SwitchRecord.currentVersion) else {
            throw JournalError(.otherVersion(version), source: source)
        }
        do {
            self = try JSONDecoder().decode(SwitchRecord.self, from: Data(bytes))
        } catch {
            throw JournalError(.damaged, source: source)
        }
        guard intent.isWithinBounds, receipts.isWithinBounds, savesAreWithinBounds else {
            throw JournalError(.damaged, source: source)
        }
    }
}

/// A journal that cannot be used.
package struct JournalError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case damaged
        case otherVersion(Int64)
        /// The disk refused; the text names the file.
        case file(String)
        /// A run of this machine is unfinished, and the cluster shows that another run came after it.
        case overtaken(mine: String, other: String)
        /// The run that was named is neither this machine's nor the cluster's.
        case unknownRun(String)
        case otherCluster(String)
        /// The ConfigMap names a key or a vault that neither ARM nor the file on disk confirms.
        case unconfirmed(String)
        /// Only the ConfigMap knows the run, and nobody named its target.
        case targetNeeded(run: String, target: String)
        /// Only the ConfigMap knows the run, and it is of a kind that begins anew as well as it goes on.
        case beginsAnew(run: String)
    }

    package let kind: Kind
    package let source: String

    package init(_ kind: Kind, source: String) {
        self.kind = kind
        self.source = source
    }

    package var description: String {
        switch kind {
        case .damaged:
            "\(source) is damaged. It was not changed; move it away to go on without it"
        case .otherVersion(let version):
            "\(source) was written by another version of this tool (layout \(version)); use that version to go on"
        case .file(let why): why
        case .overtaken(let mine, let other):
            "\(source) shows that run \(other.printable(limit: 64)) came after run \(mine.printable(limit: 64)), "
                + "which this machine did not finish; name the run to go on with: "
                + "--run-id \(mine.printable(limit: 64)) or --run-id \(other.printable(limit: 64))"
        case .unknownRun(let run):
            "there is no record of run \(run.printable(limit: 64)), on this machine or in the cluster"
        case .targetNeeded(let run, let target):
            "only \(source) knows run \(run.printable(limit: 64)), and says that its target is \(target); "
                + "whoever writes ConfigMaps must not choose the target, so name it yourself: --private or --public"
        case .beginsAnew(let run):
            "only \(source) knows run \(run.printable(limit: 64)), which rotates the key or is of the new KMS experience; "
                + "whoever writes ConfigMaps must not choose what it leads to: end it with make-safe, and begin again"
        case .otherCluster(let what): "\(source) belongs to another cluster: \(what.printable())"
        case .unconfirmed(let what):
            "\(source) names \(what.printable()), which neither Azure nor a journal on this machine confirms; "
                + "whoever writes ConfigMaps must not choose the vault, so name the key yourself: --key-id"
        }
    }
}
